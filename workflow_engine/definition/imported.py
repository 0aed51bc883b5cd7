"""What an import gives: a document, and a report of what could not be carried over."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that was left out or needs a person's eye; `place` is in the source's words."""

    place: str
    message: str


@dataclass(slots=True)
class Imported:
    """A document in our format, and what was lost on the way. It is a draft: check it."""

    document: Json
    losses: list[Loss] = field(default_factory=list)

    def lose(self, place: str, message: str) -> None:
        self.losses.append(Loss(place, message))


class Names:
    """Ids in our spelling, each given once."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def fresh(self, wanted: str, fallback: str = "part") -> str:
        """An id made of small letters, digits and underscores, unused so far."""
        stem = re.sub(r"[^a-z0-9]+", "_", snake(wanted)).strip("_") or fallback
        stem = stem if stem[0].isalpha() else f"{fallback}_{stem}"
        found, number = stem[:100], 2
        while found in self.taken:
            found, number = f"{stem[:100]}_{number}", number + 1
        self.taken.add(found)
        return found


def snake(text: str) -> str:
    """camelCase to snake_case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()


def key_of(text: str) -> str:
    """The key of a definition from any name."""
    found = re.sub(r"[^a-z0-9]+", "-", snake(text)).strip("-")
    return found if found and found[0].isalpha() else f"flow-{found or 'imported'}"


def head(name: str) -> Json:
    """The first fields of every imported document."""
    return {"format": "wareflow.definition/1", "key": key_of(name), "name": name or "Imported"}


def duration(milliseconds: int) -> str:
    """An ISO 8601 duration."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"PT{seconds}.{rest:03d}S" if rest else f"PT{seconds}S"


def field_of(name: str, value: Any) -> tuple[Json, bool]:
    """A context field for a first value, and whether its type is certain."""
    kinds = {bool: "bool", int: "int", str: "string"}
    kind = kinds.get(type(value))
    if kind is not None:
        return {"id": name, "type": kind, "default": value}, True
    if isinstance(value, list):
        return {"id": name, "type": "list", "default": value}, not value
    if isinstance(value, dict):
        return {"id": name, "type": "map", "default": value}, not value
    return {"id": name, "type": "any", "nullable": True, "default": None}, False
