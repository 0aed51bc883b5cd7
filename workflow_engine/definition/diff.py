"""What changed between two versions of a definition, as data and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workflow_engine.definition.canonical import OUTSIDE, write_json
from workflow_engine.definition.reading import step_into

Kind = Literal["added", "removed", "changed", "moved", "reordered"]
Json = Mapping[str, Any]

# The named parts of each kind of thing: the field they stand in, and what one is called.
_PARTS: dict[str, dict[str, str]] = {
    "definition": {
        "states": "state",
        "transitions": "transition",
        "after": "timer",
        "tables": "table",
        "start": "trigger",
        "correlate": "correlation",
        "input": "input",
        "context": "context field",
        "search": "search attribute",
        "events": "event",
        "tests": "test",
    },
    "state": {
        "states": "state",
        "steps": "state",
        "transitions": "transition",
        "after": "timer",
        "invoke": "invoke",
    },
    "invoke": {"stages": "stage", "form": "form field"},
    "table": {"rules": "rule", "inputs": "column", "outputs": "output"},
}
_WORDS = {
    "label": "the label",
    "name": "the name",
    "guard": "the condition",
    "target": "the target",
    "event": "the event",
    "actions": "what it does",
    "entry": "what happens on entry",
    "exit": "what happens on exit",
    "delay": "the delay",
    "delay_expr": "the delay",
    "initial": "the initial state",
    "type": "the type",
    "kind": "the kind",
    "quorum": "the quorum",
    "candidates": "who may answer",
    "when": "the conditions",
    "then": "the outcome",
    "retry": "the retries",
    "compensate": "how it is undone",
    "default": "the first value",
    "statuses": "the statuses",
    "steps": "the steps",
}
COSMETIC = frozenset({"label", "name", "description", "title", "translations", "layout"})
_SHOWN_CHARS_MAX = 80


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `cosmetic` ones do not change how a run behaves.

    `before` and `after` are the values of the field for `changed`; `pointer` leads into the new
    document, for `removed` into the old one.
    """

    kind: Kind
    what: str
    id: str
    pointer: str
    sentence: str
    field: str | None = None
    before: Any = None
    after: Any = None
    cosmetic: bool = False


@dataclass(frozen=True, slots=True)
class _Thing:
    what: str
    key: tuple[str, ...]
    id: str
    title: str
    pointer: str
    parent: str
    fields: Json
    parts: tuple[tuple[str, ...], ...]


def diff(before: Json, after: Json) -> tuple[Change, ...]:
    """The changes that lead from one document to the other, in the order of the new one.

    Things are the same where their ids are, wherever they stand and whatever their labels say.
    """
    old = {thing.key: thing for thing in _things(before, "definition", "", "", ())}
    new = {thing.key: thing for thing in _things(after, "definition", "", "", ())}
    changes: list[Change] = []
    for key, thing in new.items():
        if key not in old:
            changes.append(_simple("added", thing))
        else:
            changes += _compare(old[key], thing)
    changes += [_simple("removed", thing) for key, thing in old.items() if key not in new]
    return tuple(changes)


def in_words(changes: tuple[Change, ...]) -> str:
    """All changes as sentences, one a line."""
    return "\n".join(change.sentence for change in changes) or "Nothing has changed."


def _things(
    document: Json, what: str, pointer: str, parent: str, owner: tuple[str, ...]
) -> Iterator[_Thing]:
    named = _PARTS.get(what, {})
    name = str(document.get("id") or document.get("event") or document.get("key") or what)
    # Ids of fields, rules and stages are unique in their list alone, the others everywhere.
    local = what in ("rule", "column", "output", "stage", "form field")
    key = (what, name) if what != "definition" else ("definition",)
    key = (*owner, *key) if local else key
    parts = tuple((field, *(_name(part) for _, part in _parts(document, field))) for field in named)
    hidden = {*named, "id", "notes", *(OUTSIDE if what == "definition" else ())}
    yield _Thing(
        what,
        key,
        name,
        str(document.get("label") or document.get("name") or name),
        pointer,
        parent,
        {field: value for field, value in document.items() if field not in hidden},
        parts,
    )
    for field, part_kind in named.items():
        for at, part in _parts(document, field):
            yield from _things(part, part_kind, pointer + at, name, key)


def _parts(document: Json, field: str) -> list[tuple[str, Json]]:
    value = document.get(field)
    if isinstance(value, Mapping):
        return [(f"/{field}", value)]
    found = value if isinstance(value, list) else []
    return [
        (f"/{field}/{position}", part)
        for position, part in enumerate(found)
        if isinstance(part, Mapping)
    ]


def _name(part: Json) -> str:
    return str(part.get("id") or part.get("event") or "")


def _simple(kind: Kind, thing: _Thing) -> Change:
    where = f" in '{thing.parent}'" if thing.parent and thing.what != "definition" else ""
    sentence = f"The {thing.what} '{thing.title}'{where} was {kind}."
    return Change(kind, thing.what, thing.id, thing.pointer, sentence)


def _compare(old: _Thing, new: _Thing) -> Iterator[Change]:
    title = "The definition" if new.what == "definition" else f"The {new.what} '{new.title}'"
    if old.parent != new.parent and new.what != "definition":
        sentence = f"{title} moved from '{old.parent}' to '{new.parent}'."
        yield Change("moved", new.what, new.id, new.pointer, sentence, None, old.parent, new.parent)
    for field in {**new.fields, **old.fields}:
        before, after = old.fields.get(field), new.fields.get(field)
        if write_json(before) != write_json(after):
            yield _field_change(new, title, field, before, after)
    yield from _reordered(old, new, title)


def _field_change(new: _Thing, title: str, field: str, before: Any, after: Any) -> Change:
    word = _WORDS.get(field, f"'{field}'")
    if before is None:
        told = f"{word} is now {_shown(after)} (there was none)"
    elif after is None:
        told = f"{word} is gone (it was {_shown(before)})"
    else:
        told = f"{word} is now {_shown(after)} (it was {_shown(before)})"
    pointer = step_into(new.pointer, field)
    sentence = f"{title}: {told}."
    cosmetic = field in COSMETIC
    return Change("changed", new.what, new.id, pointer, sentence, field, before, after, cosmetic)


def _reordered(old: _Thing, new: _Thing, title: str) -> Iterator[Change]:
    """The order of parts is priority; additions and removals alone are no reordering."""
    before = {field: names for field, *names in old.parts}
    for field, *names in new.parts:
        shared = [name for name in names if name in before.get(field, ())]
        earlier = [name for name in before.get(field, ()) if name in names]
        if shared != earlier:
            sentence = f"{title}: the order of its {field} changed, and with it their priority."
            pointer = step_into(new.pointer, field)
            yield Change("reordered", new.what, new.id, pointer, sentence, field, earlier, shared)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else write_json(value)
    short = text if len(text) <= _SHOWN_CHARS_MAX else f"{text[:_SHOWN_CHARS_MAX]}…"
    return f"“{short}”"
