"""Puts the shell into a Flask application, and renders pages with an explicit context."""

from pathlib import Path

from flask import Flask, render_template
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from builder_ui.shell.assets import Assets, static_files
from builder_ui.shell.page import Page

TEMPLATES = Path(__file__).parents[1] / "templates"


def install_shell(app: Flask, assets: Assets) -> None:
    """Give the application our templates, the built files and nothing else.

    A name that a template misspells is an error, not an empty place on the page.
    """
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.autoescape = True
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    loaders = [FileSystemLoader(TEMPLATES)]
    app.jinja_env.loader = ChoiceLoader(loaders)
    app.jinja_env.globals["asset"] = assets.url
    app.register_blueprint(static_files(assets))


def render_page(template: str, page: Page, **context: object) -> str:
    """Render one page inside the shell; the template sees `page` and the named context."""
    return render_template(template, page=page, **context)
