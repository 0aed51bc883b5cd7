"""Puts the shell into a Flask application, and renders pages with an explicit context."""

from pathlib import Path

from flask import Flask, render_template
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from builder_ui.shell.assets import Assets, static_files
from builder_ui.shell.languages import sentences_of_scripts
from builder_ui.shell.page import Page
from builder_ui.shell.words import Words, _, _n, language, said

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
    _install_words(app)
    app.register_blueprint(static_files(assets))


def _install_words(app: Flask) -> None:
    """Let templates mark sentences: `_(…)` for plain text, `{% trans %}` for text with markup.

    What is put into a sentence with markup is escaped; its own markup stays.
    """
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # By the extension.
        said, _n, newstyle=True
    )
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals.update(
        _=_, _n=_n, Words=Words, language=language, said=said, words_of_scripts=_of_scripts
    )


def _of_scripts() -> dict[str, str]:
    return {sentence: said(sentence) for sentence in sentences_of_scripts()}


def render_page(template: str, page: Page, **context: object) -> str:
    """Render one page inside the shell; the template sees `page` and the named context."""
    return render_template(template, page=page, **context)
