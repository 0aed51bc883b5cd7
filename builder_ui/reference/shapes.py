"""Reads JSON Schemas: the members of an object in words, and an example that fits the schema."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

DEPTH_MAX = 6
MOMENT = "2026-03-02T08:00:00Z"

_WORDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "object": "object",
    "array": "list",
}


@dataclass(frozen=True)
class Member:
    """One member of an object, or one parameter; `depth` counts the objects it stands in."""

    name: str
    kind: str
    is_required: bool
    description: str
    limits: str
    depth: int = 0


@dataclass(frozen=True)
class Schemas:
    """The schemas of one document, by name."""

    by_name: Mapping[str, Mapping[str, Any]]

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the schema behind a reference, or behind the first choice that is not null."""
        if "$ref" in schema:
            return self.resolved(self.by_name[schema["$ref"].rsplit("/", 1)[1]])
        for each in schema.get("anyOf", ()):
            if each.get("type") != "null":
                return self.resolved(each)
        return schema

    def members(self, schema: Mapping[str, Any], depth: int = 0) -> Iterator[Member]:
        """Yield the members of an object, each followed by those of what it holds."""
        whole = self.resolved(schema)
        required = whole.get("required", ())
        properties = whole.get("properties", {})
        for name in sorted(properties, key=lambda each: each not in required):
            yield self.member(name, properties[name], name in required, depth)
            inner = self._held(properties[name])
            if inner.get("properties") and depth < DEPTH_MAX:
                yield from self.members(inner, depth + 1)

    def member(
        self, name: str, schema: Mapping[str, Any], is_required: bool, depth: int = 0
    ) -> Member:
        """Tell one member in words."""
        whole = self.resolved(schema)
        told = schema.get("description", whole.get("description", ""))
        kind = self._kind(schema)
        return Member(name, kind, is_required, told, "; ".join(_limits(whole)), depth)

    def sample(self, schema: Mapping[str, Any], *, whole: bool, depth: int = 0) -> Any:
        """Return an example that fits: every member, or those that a request needs to be good.

        Where nothing is required, the first member alone is shown: a merge patch.
        """
        given = schema.get("example")
        schema = self.resolved(schema)
        given = schema.get("example", given)
        if given is not None:
            return given
        if "enum" in schema:
            return next(each for each in schema["enum"] if each is not None)
        if schema.get("properties"):
            shown = self._shown(schema, whole=whole)
            return {
                name: self.sample(schema["properties"][name], whole=whole, depth=depth + 1)
                for name in shown
            }
        if _type_of(schema) == "array":
            size = max(1, schema.get("minItems", 0))
            return [self.sample(schema.get("items", {}), whole=whole, depth=depth + 1)] * size
        return _plain(schema)

    def _shown(self, schema: Mapping[str, Any], *, whole: bool) -> list[str]:
        properties, required = schema["properties"], schema.get("required", ())
        if whole:
            return list(properties)
        return [name for name in properties if name in required] or [
            name for name, each in properties.items() if "example" in each
        ][:1]

    def _held(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        found = self.resolved(schema)
        return self.resolved(found["items"]) if "items" in found else found

    def _kind(self, schema: Mapping[str, Any]) -> str:
        found = self.resolved(schema)
        kind = _type_of(found)
        words = "instant" if found.get("format") == "date-time" else _WORDS.get(kind, "any value")
        if kind == "array" and found.get("items"):
            words = f"list of {self._kind(found['items'])}"
        nullable = "null" in _types(found) or any(
            each.get("type") == "null" for each in schema.get("anyOf", ())
        )
        return f"{words}, or null" if nullable else words


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    kinds = schema.get("type", ())
    return (kinds,) if isinstance(kinds, str) else tuple(kinds)


def _type_of(schema: Mapping[str, Any]) -> str:
    return next((kind for kind in _types(schema) if kind != "null"), "")


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    words = [str(each) for each in schema.get("enum", ()) if each is not None]
    if words:
        yield "one of " + ", ".join(words)
    low, high = schema.get("minLength"), schema.get("maxLength")
    if high is not None:
        yield f"{low or 0} to {high} characters"
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        yield f"{low} to {high}"
    low, high = schema.get("minItems", 0), schema.get("maxItems")
    if high is not None:
        yield f"{low} to {high} entries"
    if schema.get("pattern", "").count("u0000") == 0 and schema.get("pattern"):
        yield f"written as {schema['pattern']}"
    if schema.get("default") is not None:
        yield f"{schema['default']} if left out"


def _plain(schema: Mapping[str, Any]) -> Any:
    if schema.get("default") is not None:
        return schema["default"]
    if schema.get("format") == "date-time":
        return MOMENT
    kind = _type_of(schema)
    if kind == "integer":
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return True
    if kind == "string":
        return "text"
    return {} if kind == "object" else None
