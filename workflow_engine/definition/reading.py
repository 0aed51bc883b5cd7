"""Reading a JSON document field by field, remembering every fault and its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from workflow_engine.definition.durations import DurationError, Span, parse_span
from workflow_engine.definition.faults import Fault
from workflow_engine.definition.model import Expr

ID = re.compile(r"[a-z][a-z0-9_]*")
LOOSE_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*")
ID_CHARS_MAX = 120
SOURCE_CHARS_MAX = 4096
DEPTH_MAX = 64
NODES_MAX = 100_000

_ARTICLES = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    list: "a list",
    dict: "an object with named fields",
}


def step_into(at: str, name: str | int) -> str:
    """The pointer of a part, escaped as RFC 6901 says."""
    return f"{at}/{str(name).replace('~', '~0').replace('/', '~1')}"


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence with the nearest known name, or nothing."""
    close = difflib.get_close_matches(name[:ID_CHARS_MAX], list(known), n=1)
    return f"Did you mean '{close[0]}'?" if close else ""


class Reader:
    """One object of the document: hands out its fields, and reports what is wrong with them.

    A reader of something that is no object behaves like an empty one, so that one fault is
    reported once. `close` reports the fields that nobody asked for. A `loose` one (dynamic
    checking) takes the ids of other formats as they are.
    """

    __slots__ = ("asked", "at", "faults", "fields", "loose", "sound")

    def __init__(self, value: Any, at: str, faults: list[Fault], *, loose: bool = False) -> None:
        self.at = at
        self.faults = faults
        self.loose = loose
        self.asked = {"notes"}
        self.sound = isinstance(value, Mapping)
        self.fields: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        if not self.sound:
            self.fault(None, "shape.type", "Here must stand an object with named fields.")

    def fault(self, name: str | int | None, code: str, message: str, mend: str = "") -> None:
        """Remember a fault at a field, or with None at the object itself."""
        at = self.at if name is None else step_into(self.at, name)
        self.faults.append(Fault(at, code, message, mend))

    def raw(self, name: str) -> Any:
        self.asked.add(name)
        return self.fields.get(name)

    def has(self, name: str) -> bool:
        return name in self.fields

    def _typed(self, name: str, wanted: type, required: bool) -> Any:
        self.asked.add(name)
        if name not in self.fields:
            if required and self.sound:
                message = f"The field '{name}' is missing."
                self.fault(None, "shape.missing", message, f"Add '{name}'.")
            return None
        value = self.fields[name]
        right = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
        if not right:
            message = f"'{name}' must be {_ARTICLES[wanted]}."
            self.fault(name, "shape.type", message)
            return None
        return value

    def text(self, name: str, *, required: bool = False, default: str = "") -> str:
        """A text; the default where it is absent or wrong."""
        value: str | None = self._typed(name, str, required)
        if value is not None and required and not value.strip():
            self.fault(name, "shape.empty", f"'{name}' must not be empty.")
        return default if value is None else value

    def optional_text(self, name: str) -> str | None:
        value: str | None = self._typed(name, str, False)
        return value

    def boolean(self, name: str, default: bool = False) -> bool:
        value: bool | None = self._typed(name, bool, False)
        return default if value is None else value

    def integer(self, name: str, *, least: int, default: int | None = None) -> int | None:
        """A whole number that is not below `least`."""
        value: int | None = self._typed(name, int, False)
        if value is None:
            return default
        if value < least:
            self.fault(name, "shape.range", f"'{name}' must be at least {least}.")
            return default
        return value

    def choice(self, name: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of a few words; the first allowed word where it is absent or wrong."""
        fallback = default if default is not None else next(iter(allowed))
        value = self._typed(name, str, required=default is None)
        if value is None:
            return fallback
        if value not in allowed:
            words = ", ".join(f"'{word}'" for word in allowed)
            mend = nearest(value, allowed) or f"Use one of {words}."
            self.fault(name, "shape.choice", f"'{value}' is not known for '{name}'.", mend)
            return fallback
        return str(value)

    def id(self, name: str = "id", *, required: bool = True) -> str:
        """An id of the definition: small letters, digits and underscores."""
        value = self.text(name, required=required)
        if value and (
            len(value) > ID_CHARS_MAX or not (LOOSE_ID if self.loose else ID).fullmatch(value)
        ):
            mend = "Use small letters, digits and underscores, beginning with a letter."
            self.fault(name, "id.pattern", f"'{value[:ID_CHARS_MAX]}' is not an id.", mend)
        return value

    def duration(self, name: str) -> timedelta | None:
        """An ISO 8601 duration."""
        span = self.span(name)
        return None if span is None else span.length

    def span(self, name: str) -> Span | None:
        """An ISO 8601 duration, days and hours apart."""
        value = self._typed(name, str, False)
        if value is None:
            return None
        try:
            return parse_span(value)
        except DurationError:
            mend = "Write for example PT30M, P1D or P1DT12H; months and years have no fixed length."
            self.fault(name, "duration.form", f"'{value[:64]}' is not a duration.", mend)
            return None

    def expression(self, name: str, *, required: bool = False) -> Expr | None:
        """CEL source; only its length is judged here."""
        value = self._typed(name, str, required)
        return None if value is None else self.source(name, value)

    def source(self, name: str, value: str) -> Expr | None:
        if not value.strip():
            self.fault(
                name, "expression.empty", "The expression is empty.", "Write it or leave it out."
            )
            return None
        if len(value) > SOURCE_CHARS_MAX:
            message = f"The expression has more than {SOURCE_CHARS_MAX} characters."
            self.fault(name, "expression.too_long", message)
            return None
        return Expr(value, step_into(self.at, name))

    def child(self, name: str) -> Reader | None:
        """The reader of an object field, None where it is absent."""
        self.asked.add(name)
        if name not in self.fields:
            return None
        return Reader(self.fields[name], step_into(self.at, name), self.faults, loose=self.loose)

    def elements(self, name: str) -> list[Any]:
        """The elements of a list field, whatever they are."""
        return self._typed(name, list, False) or []

    def children(self, name: str) -> list[Reader]:
        """The readers of a list of objects; empty where it is absent."""
        at = step_into(self.at, name)
        return [
            Reader(element, step_into(at, position), self.faults, loose=self.loose)
            for position, element in enumerate(self.elements(name))
        ]

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, or a single one."""
        self.asked.add(name)
        value = self.fields.get(name)
        if value is None and name not in self.fields:
            return ()
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            self.fault(name, "shape.type", f"'{name}' must be a text or a list of texts.")
            return ()
        return tuple(found)

    def close(self) -> None:
        """Report the fields that the language does not know here."""
        for name in self.fields:
            if name not in self.asked:
                mend = nearest(name, self.asked) or "Remove it; remarks belong into 'notes'."
                self.fault(name, "shape.unknown", f"The field '{name}' is not known here.", mend)


def check_json(document: Any) -> list[Fault]:
    """Refuse what is no JSON, has binary floating point, or is too deep or too large."""
    waiting: list[tuple[Any, str, int]] = [(document, "", 0)]
    seen = 0
    while waiting:
        value, at, depth = waiting.pop()
        seen += 1
        if seen > NODES_MAX:
            return [Fault("", "limit.size", f"The document has more than {NODES_MAX} values.")]
        if depth > DEPTH_MAX:
            return [Fault(at[:400], "limit.depth", f"Nested deeper than {DEPTH_MAX} levels.")]
        if isinstance(value, Mapping):
            for name, part in value.items():
                if not isinstance(name, str):
                    return [Fault(at, "json.key", "Names of fields must be texts.")]
                waiting.append((part, step_into(at, name), depth + 1))
        elif isinstance(value, list):
            waiting += [(part, step_into(at, n), depth + 1) for n, part in enumerate(value)]
        elif fault := _scalar_fault(value, at):
            return [fault]
    return []


def _scalar_fault(value: Any, at: str) -> Fault | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        # A lone surrogate cannot be written as UTF-8, so the document would have no hash.
        if value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value):
            return None
        return Fault(at, "json.text", "The text holds half of a character.")
    if isinstance(value, int):
        inside = -(2**63) <= value < 2**64
        return None if inside else Fault(at, "json.number", "The number needs more than 64 bits.")
    if isinstance(value, Decimal) and value.is_finite():
        return None
    mend = 'Write exact numbers as text, for example "0.3".'
    return Fault(at, "json.number", "Numbers with a binary fraction are not exact.", mend)
