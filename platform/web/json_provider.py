"""JSON in and out of Flask: exact decimals, keys in the order they were written, ISO instants."""

import dataclasses
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn
from uuid import UUID

from flask import Flask
from flask.json.provider import JSONProvider


def install_json(app: Flask) -> None:
    """Use exact JSON in requests, responses and templates.

    Two settings guard the order of keys, because `tojson` in a template sorts on its own.
    """
    app.json = ExactJson(app)
    app.jinja_env.policies["json.dumps_function"] = app.json.dumps
    app.jinja_env.policies["json.dumps_kwargs"] = {"sort_keys": False}


class ExactJson(JSONProvider):
    """Never a float where somebody wrote a decimal, never NaN, never reordered keys."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:  # Flask's own signature names it obj.
        """Write JSON; decimals become strings, and a float that JSON cannot say is a bug."""
        kwargs.setdefault("sort_keys", False)
        kwargs.setdefault("ensure_ascii", False)
        return json.dumps(obj, default=_plain, allow_nan=False, **kwargs)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read JSON with exact decimals; NaN and Infinity are refused as ValueError."""
        return json.loads(s, parse_float=Decimal, parse_constant=_refuse_constant, **kwargs)


def _plain(value: object) -> object:
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, datetime):
        assert value.tzinfo is not None, "an instant without a zone means nothing to a reader"
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
