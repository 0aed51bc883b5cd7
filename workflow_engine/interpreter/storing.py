"""Snapshots as JSON, and back with every doubt removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflow_engine.expressions import ValueFault, from_json, to_json
from workflow_engine.interpreter.compiled import Compiled, bound
from workflow_engine.interpreter.snapshot import SCHEMA_VERSION, Snapshot, SnapshotFault

_PLAIN = dict.fromkeys(
    ("epoch", "invokes", "parked", "timers", "anchors", "compensating", "donedata", "halted")
)
_TUPLES = dict.fromkeys(("bound", "deferred", "compensations"))


def write_snapshot(compiled: Compiled, snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as JSON; what is empty is left out.

    States are named by their ids (innermost active ones alone), so that a stored run can be read
    without the compiled definition.
    """
    written: dict[str, Any] = {
        "v": SCHEMA_VERSION,
        "definition": snapshot.definition,
        "run": snapshot.run_id,
        "started_at": snapshot.started_at,
        "states": list(compiled.leaves(snapshot.configuration)),
        "context": to_json(snapshot.context),
        "input": to_json(snapshot.input),
    }
    for name in (*_PLAIN, *_TUPLES):
        value = getattr(snapshot, name)
        if value:
            written[name] = list(value) if name in _TUPLES else value
    if snapshot.history:
        written["history"] = {
            name: [state.id for state in compiled.states if state.bit & mask]
            for name, mask in snapshot.history.items()
        }
    if snapshot.status is not None:
        written["status"] = list(snapshot.status)
    if snapshot.has_parent:
        written["has_parent"] = True
    if snapshot.outcome is not None:
        written["outcome"] = snapshot.outcome
    return written


def read_snapshot(compiled: Compiled, written: Mapping[str, Any]) -> Snapshot:
    """Read a stored snapshot, or raise SnapshotFault.

    It must be of this schema version and of this very definition, its states must form a legal
    configuration, its values must fit their types, and what it says is open must exist.
    """
    if written.get("v") != SCHEMA_VERSION:
        raise SnapshotFault(f"schema version {written.get('v')!r}, this reads {SCHEMA_VERSION}")
    if written.get("definition") != compiled.hash:
        raise SnapshotFault("the snapshot belongs to another version of the definition")
    try:
        snapshot = _read(compiled, written)
    except (KeyError, TypeError, ValueFault, AttributeError) as error:
        raise SnapshotFault(f"the snapshot cannot be read: {error!r}") from error
    _check_open(compiled, snapshot)
    return snapshot


def _read(compiled: Compiled, written: Mapping[str, Any]) -> Snapshot:
    fields: dict[str, Any] = {name: value for name, value in written.items() if name in _PLAIN}
    fields |= {name: tuple(value) for name, value in written.items() if name in _TUPLES}
    status = written.get("status")
    dynamic = compiled.definition.dynamic
    return Snapshot(
        definition=compiled.hash,
        run_id=written["run"],
        started_at=written["started_at"],
        configuration=_configuration(compiled, written),
        context=written["context"] if dynamic else _context(compiled, written["context"]),
        input=written["input"] if dynamic else from_json(written["input"], compiled.input_type),
        history={name: _mask(compiled, ids) for name, ids in written.get("history", {}).items()},
        status=None if status is None else (status[0], status[1]),
        has_parent=bool(written.get("has_parent")),
        outcome=written.get("outcome"),
        **fields,
    )


def _context(compiled: Compiled, written: Mapping[str, Any]) -> dict[str, Any]:
    # A field bound later is empty until its state is entered, whatever its type.
    types = compiled.context_type.fields
    if written.keys() != types.keys():
        raise SnapshotFault("the context does not have the declared fields")
    return {
        name: None if value is None else from_json(value, types[name], (name,))
        for name, value in written.items()
    }


def _mask(compiled: Compiled, ids: Sequence[str]) -> int:
    mask = 0
    for name in ids:
        mask |= compiled.states[compiled.numbers[name]].bit
    return mask


def _configuration(compiled: Compiled, written: Mapping[str, Any]) -> int:
    """The active states as bits; a list of names that was found legal once is so for good."""
    names = tuple(written["states"])
    if not names and written.get("halted"):
        return 0
    found = compiled.legal_cache.get(names)
    if found is None:
        leaves = _mask(compiled, names)
        found = leaves
        for state in compiled.states:
            if state.bit & leaves:
                found |= state.ancestors
        _check_configuration(compiled, leaves, found)
        bound(compiled.legal_cache)
        compiled.legal_cache[names] = found
    return found


def _check_configuration(compiled: Compiled, leaves: int, configuration: int) -> None:
    if leaves & ~compiled.leaf_mask or not leaves:
        raise SnapshotFault("the active states are not innermost states")
    for state in compiled.states:
        if not state.bit & configuration:
            continue
        active = sum(bool(configuration >> child & 1) for child in state.children)
        wanted = {"compound": 1, "parallel": len(state.children)}.get(state.type, 0)
        if active != wanted:
            name = state.id or "the run"
            raise SnapshotFault(f"'{name}' has {active} active children, it must have {wanted}")


def _check_open(compiled: Compiled, snapshot: Snapshot) -> None:
    for invoke_id in snapshot.invokes:
        invoke = compiled.invokes.get(invoke_id)
        if invoke is None or not snapshot.configuration >> invoke.state & 1:
            raise SnapshotFault(f"the invoke '{invoke_id}' cannot be open in this state")
    for record in snapshot.timers.values():
        if "after" in record and record["after"] not in compiled.timers:
            raise SnapshotFault(f"there is no timer '{record['after']}'")
    for name in snapshot.history:
        if name not in compiled.numbers:
            raise SnapshotFault(f"there is no history '{name}'")
