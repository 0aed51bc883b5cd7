"""Reading executable content."""

from __future__ import annotations

import re
from collections.abc import Callable

from workflow_engine.definition.actions_model import (
    Action,
    Assign,
    Block,
    Cancel,
    Decide,
    Emit,
    ForEach,
    If,
    Log,
    Named,
    Raise,
    Send,
    Setting,
)
from workflow_engine.definition.model import Expr
from workflow_engine.definition.reading import Reader

PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
EVENT = re.compile(r"[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*")
LEVELS = ("info", "debug", "warning", "error")
_TARGETS = ("self", "internal", "parent")


def read_actions(reader: Reader, name: str) -> tuple[Action, ...]:
    """Read a list of actions in order; a wrong one is reported and left out."""
    found = (_read_action(child) for child in reader.children(name))
    return tuple(action for action in found if action is not None)


def read_named(reader: Reader, name: str) -> tuple[Named, ...]:
    """Read `[{"id": …, "value": expression}]`."""
    found = []
    seen: set[str] = set()
    for child in reader.children(name):
        field_id = child.text("id", required=True)
        value = child.expression("value", required=True)
        if field_id in seen:
            child.fault("id", "id.duplicate", f"'{field_id}' is given twice.")
        seen.add(field_id)
        child.close()
        if field_id and value:
            found.append(Named(field_id, value))
    return tuple(found)


def read_payload(reader: Reader, name: str) -> tuple[Named, ...] | Expr:
    """Read named values, or one expression that yields the whole payload."""
    if isinstance(reader.fields.get(name), str):
        return reader.expression(name) or ()
    return read_named(reader, name)


def read_event_name(reader: Reader, name: str = "event") -> str:
    """Read the name of one event."""
    value = reader.text(name, required=True)
    if value and (len(value) > 200 or not EVENT.fullmatch(value)):
        mend = "Write words joined by dots, for example order.backordered."
        reader.fault(name, "event.name", f"'{value[:200]}' is not the name of an event.", mend)
    return value


def read_path(reader: Reader, name: str, *, required: bool = True) -> tuple[str, ...]:
    """Read a dotted place."""
    value = reader.text(name, required=required)
    if value and not PATH.fullmatch(value):
        mend = "Write for example context.eta."
        reader.fault(name, "assign.place", f"'{value[:120]}' is not a place.", mend)
        return ()
    return tuple(value.split(".")) if value else ()


def _read_action(reader: Reader) -> Action | None:
    verb = reader.choice("do", _VERBS)
    given = reader.fields.get("do")
    if not isinstance(given, str) or given not in _VERBS:
        return None
    action = _VERBS[verb](reader)
    reader.close()
    return action


def _assign(reader: Reader) -> Action:
    settings = []
    for child in reader.children("set"):
        path = read_path(child, "to")
        value = child.expression("value", required=True)
        child.close()
        if path and value:
            settings.append(Setting(path, value))
    if not reader.has("set"):
        reader.fault(None, "shape.missing", "The field 'set' is missing.", "Add 'set'.")
    return Assign(reader.at, tuple(settings))


def _decide(reader: Reader) -> Action:
    return Decide(reader.at, reader.id("table"), read_path(reader, "into"))


def _raise(reader: Reader) -> Action:
    return Raise(reader.at, read_event_name(reader), read_payload(reader, "data"))


def _emit(reader: Reader) -> Action:
    return Emit(reader.at, read_event_name(reader), read_named(reader, "data"))


def _send(reader: Reader) -> Action:
    event = reader.expression("event_expr") or read_event_name(reader)
    delay = reader.expression("delay_expr") or reader.duration("delay")
    into = read_path(reader, "id_into", required=False)
    return Send(
        reader.at,
        event,
        read_payload(reader, "data"),
        to=reader.expression("to_expr") or _target(reader),
        transport=reader.expression("transport_expr") or reader.text("transport", default="run"),
        delay=delay,
        id=reader.optional_text("id"),
        id_into=into or None,
    )


def _target(reader: Reader) -> str:
    value = reader.text("to", default="self")
    known = value in _TARGETS or value.startswith(("invoke:", "run:"))
    if not known:
        mend = "Use self, internal, parent, invoke:<id of an invoke> or run:<id of a run>."
        reader.fault("to", "send.target", f"'{value[:120]}' is no target of an event.", mend)
    return value


def _cancel(reader: Reader) -> Action:
    return Cancel(reader.at, reader.expression("id_expr") or reader.text("id", required=True))


def _log(reader: Reader) -> Action | None:
    level = reader.choice("level", LEVELS, default="info")
    message = reader.expression("message", required=True)
    return Log(reader.at, level, message) if message else None


def _if(reader: Reader) -> Action:
    branches: list[tuple[Expr | None, tuple[Action, ...]]] = [
        (reader.expression("guard", required=True), read_actions(reader, "then"))
    ]
    for child in reader.children("elseif"):
        guard = child.expression("guard", required=True)
        branches.append((guard, read_actions(child, "then")))
        child.close()
    if reader.has("else"):
        branches.append((None, read_actions(reader, "else")))
    return If(reader.at, tuple(branches))


def _foreach(reader: Reader) -> Action | None:
    over = reader.expression("in", required=True)
    item = read_path(reader, "as")
    index = read_path(reader, "index", required=False)
    actions = read_actions(reader, "actions")
    return ForEach(reader.at, over, item, index or None, actions) if over and item else None


def _block(reader: Reader) -> Action:
    return Block(reader.at, read_actions(reader, "actions"))


_VERBS: dict[str, Callable[[Reader], Action | None]] = {
    "assign": _assign,
    "decide": _decide,
    "emit": _emit,
    "raise": _raise,
    "send": _send,
    "cancel": _cancel,
    "log": _log,
    "if": _if,
    "foreach": _foreach,
    "block": _block,
}
