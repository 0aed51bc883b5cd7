"""A part of the portal: pages under one path of the tenant, with the slug taken out of the way."""

from typing import Any

from flask import Blueprint, Flask, g, request

from builder_ui.portal.visits import PORTAL_PREFIX
from kernel.errors import Malformed


def portal_room(name: str, path: str = "") -> Blueprint:
    """Return a blueprint for pages under `/t/<slug>/<path>`.

    Its views do not take the slug: it stands in `root()`, and `url_for` fills it in.
    """
    prefix = f"{PORTAL_PREFIX}<slug>" + (f"/{path}" if path else "")
    # Named apart from the API's resources: both faces hang on one application.
    room = Blueprint(f"portal_{name}", __name__, url_prefix=prefix)
    room.url_value_preprocessor(_keep_slug)
    room.before_request(_refuse_unstorable_text)
    return room


def root() -> str:
    """Return the start of every address of the present tenant: `/t/acme`."""
    return f"{PORTAL_PREFIX}{g.slug}"


def fill_slug_in(app: Flask) -> None:
    """Let `url_for` name pages of the portal without saying the tenant again."""

    @app.url_defaults
    def add_slug(endpoint: str, values: dict[str, Any]) -> None:
        if (
            "slug" in g
            and "slug" not in values
            and app.url_map.is_endpoint_expecting(endpoint, "slug")
        ):
            values["slug"] = g.slug


def _keep_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.slug = (values or {}).pop("slug")


def _refuse_unstorable_text() -> None:
    """A form with a NUL in it is nobody's typing, and no column can hold it."""
    if any("\0" in text for texts in request.form.listvalues() for text in texts):
        raise Malformed
