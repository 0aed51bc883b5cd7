"""The OpenAPI 3.1 document of the public API, made from what its operations declare."""

from functools import cache, cached_property
from http import HTTPStatus
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_instance
from flask import Blueprint, Flask, Response
from flask_smorest import Api
from marshmallow import INCLUDE, fields

from api.examples import add_examples
from api.fields import Fields
from api.webhook_documents import webhooks_section
from kernel.errors import Malformed
from web.access import public
from web.problems import MEDIA_TYPE

VERSION = "2026-11-01"

_ABOUT = """The public API of Wareflow.

Ask your tenant's token endpoint for a token (grant `client_credentials`) and send it as
`Authorization: Bearer …`. The token names the tenant. Every refusal is a problem document
(RFC 9457). Amounts are exact decimal strings, instants are RFC 3339 in UTC."""


class VersionUnknown(Malformed):
    """This version of the API does not exist: leave the header out, or send a version in force."""

    code = "request.version_unknown"


class FaultFields(Fields):
    """One thing that is wrong with a request, and where."""

    pointer = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)


class ProblemFields(Fields):
    """Why a request was refused (RFC 9457), beside the typed facts of its code."""

    class Meta:
        """Each code brings facts of its own."""

        unknown = INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    code = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.List(fields.Nested(FaultFields), required=True)


class HouseApi(Api):  # type: ignore[misc] # flask-smorest publishes no types.
    """flask-smorest with our problem details, and without its own handlers and pages."""

    ERROR_SCHEMA = ProblemFields

    def _register_error_handlers(self) -> None:
        """Leave errors to `web.problems`, which answers every face."""

    def _register_responses(self) -> None:
        content = {MEDIA_TYPE: {"schema": ProblemFields}}
        for status in HTTPStatus:
            described = {"description": status.phrase, "content": content}
            self.spec.components.response(status.name, described, lazy=True)
        described = {"description": "Why the request was refused.", "content": content}
        self.spec.components.response("DEFAULT_ERROR", described, lazy=True)

    @cached_property
    def written(self) -> dict[str, Any]:
        """The document, read by machines and by the reference for people; not to be changed.

        It is written when it is first asked for: by then every resource is registered.
        """
        document: dict[str, Any] = self.spec.to_dict()
        # flask-smorest's own pages are numbered; ours have cursors.
        document["components"]["schemas"].pop("PaginationMetadataSchema", None)
        add_examples(document)
        return document


def new_document(app: Flask) -> HouseApi:
    """Return the document, empty as yet, and serve it at `/api/openapi.json`."""
    api = HouseApi(
        app,
        spec_kwargs={
            "title": "Wareflow",
            "version": VERSION,
            "openapi_version": "3.1.0",
            "info": {"description": _ABOUT},
            "servers": [{"url": "/"}],
            "webhooks": webhooks_section(),
            "marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=_name_of),
        },
    )
    scheme = {"type": "http", "scheme": "bearer", "bearerFormat": "at+jwt"}
    api.spec.components.security_scheme("token", scheme)
    app.register_blueprint(_served(api))
    return api


def _served(api: HouseApi) -> Blueprint:
    blueprint = Blueprint("openapi", __name__)

    @cache
    def text() -> str:
        written: str = api._app.json.dumps(api.written)
        return written

    @blueprint.get("/api/openapi.json")
    @public()
    def document() -> Response:
        response = Response(text(), content_type="application/json")
        response.headers["Cache-Control"] = "public, max-age=60"
        return response

    return blueprint


def _name_of(schema: Any) -> str:
    instance = resolve_schema_instance(schema)
    name = type(instance).__name__.removesuffix("Fields") or "Nothing"
    return f"{name}Patch" if instance.partial else name
