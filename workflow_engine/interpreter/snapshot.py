"""Where a run stands between two events: small, versioned, checked when it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

SCHEMA_VERSION = 1
# Shared by all snapshots that hold nothing there; nobody can change it.
EMPTY: Mapping[str, Any] = MappingProxyType({})


class SnapshotFault(ValueError):
    """A stored snapshot is not a legal state of this definition."""

    code = "snapshot.illegal"


class Snapshot(NamedTuple):
    """One immutable value; `step` returns the next one.

    A tuple, because every event makes one: as a frozen dataclass it took 40 per cent of a step.

    `configuration` is a bit set of active states, numbered as the compiled definition numbers
    them; use `Compiled.active` and `Compiled.leaves` to read it. Times are RFC 3339 text.
    `halted` is the code of the incident that stopped the run for good or until `resume`.
    """

    definition: str
    run_id: str
    started_at: str
    configuration: int
    context: Mapping[str, Any]
    input: Mapping[str, Any]
    history: Mapping[str, int] = EMPTY
    epoch: int = 0
    invokes: Mapping[str, int] = EMPTY
    parked: Mapping[str, Any] = EMPTY
    timers: Mapping[str, Mapping[str, Any]] = EMPTY
    anchors: Mapping[str, str] = EMPTY
    bound: tuple[str, ...] = ()
    deferred: tuple[Mapping[str, Any], ...] = ()
    compensations: tuple[Mapping[str, Any], ...] = ()
    compensating: Mapping[str, Mapping[str, Any]] = EMPTY
    status: tuple[str, str] | None = None
    has_parent: bool = False
    outcome: str | None = None
    donedata: Any = None
    halted: str | None = None

    @property
    def finished(self) -> bool:
        return self.outcome is not None
