"""Where a run stands between two events: small, versioned, checked when it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA_VERSION = 1
EMPTY: Mapping[str, Any] = {}


class SnapshotFault(ValueError):
    """A stored snapshot is not a legal state of this definition."""

    code = "snapshot.illegal"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One immutable value; `step` returns the next one.

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
    history: Mapping[str, int] = field(default_factory=dict)
    epoch: int = 0
    invokes: Mapping[str, int] = field(default_factory=dict)
    parked: Mapping[str, Any] = field(default_factory=dict)
    timers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    anchors: Mapping[str, str] = field(default_factory=dict)
    bound: tuple[str, ...] = ()
    deferred: tuple[Mapping[str, Any], ...] = ()
    compensations: tuple[Mapping[str, Any], ...] = ()
    compensating: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    status: tuple[str, str] | None = None
    has_parent: bool = False
    outcome: str | None = None
    donedata: Any = None
    halted: str | None = None

    @property
    def finished(self) -> bool:
        return self.outcome is not None
