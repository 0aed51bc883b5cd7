"""Brings a request's body and query before its schema; whatever is wrong is told all at once."""

from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from api.guard import JsonUnreadable, is_storable_text, read_json_body
from kernel.errors import Fault, Invalid
from web.parsing import faults_in

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


class StrictParser(FlaskParser):
    """Reads bodies through the guard, and ignores nothing: an unknown name is a fault (API-26)."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = dict.fromkeys(("json", "query"), RAISE)

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Return the guarded body; UnsupportedMediaType for anything but JSON in UTF-8."""
        del schema
        body = req.get_data(cache=True)
        if not body and not req.mimetype:
            raise JsonUnreadable("This address needs a body.")
        refuse_media_type(req)
        return read_json_body(body)

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Return the parameters, each given at most once."""
        del schema
        faults = tuple(_faults_of_query(req.args.lists()))
        if faults:
            raise Invalid(faults)
        return req.args.to_dict()

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Refuse with every fault: a pointer into the body, or below `/query`."""
        del req, schema, error_status_code, error_headers
        assert isinstance(error.messages, Mapping)
        faults: list[Fault] = []
        for place, messages in error.messages.items():
            faults.extend(faults_in(messages, "" if place == "json" else f"/{place}"))
        raise Invalid(tuple(faults)) from error


def refuse_media_type(req: Request) -> None:
    """Raise UnsupportedMediaType unless the body is plain JSON (in a PATCH, a merge patch too)."""
    accepted = (JSON, MERGE_PATCH) if req.method == "PATCH" else (JSON,)
    charset = req.mimetype_params.get("charset", "utf-8")
    if req.mimetype not in accepted or charset.lower() not in ("utf-8", "us-ascii"):
        raise UnsupportedMediaType
    if req.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType


def _faults_of_query(lists: Any) -> Any:
    for name, values in lists:
        if not is_storable_text(name) or not all(is_storable_text(value) for value in values):
            yield Fault("/query", "text.not_storable", "A parameter has impossible characters.")
        elif len(values) > 1:
            yield Fault(f"/query/{name}", "request.field_twice", f"Give {name} once.")
