"""What one step returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workflow_engine.interpreter.effects import Effect
from workflow_engine.interpreter.snapshot import Snapshot

Disposition = Literal[
    "started", "taken", "ignored", "deferred", "rejected", "stale", "finished", "halted"
]
TraceLevel = Literal["none", "decisions", "full"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The next snapshot, what the world is asked to do, and what became of the event.

    `taken`: a transition took it. `ignored`, `deferred`, `rejected`: none did, and the policy
    for that event applied. `stale`: it answers an invocation or timer that is no longer open
    (its compensation, if any, is among the effects). `finished`: the run had ended before.
    `halted`: the step could not be completed; the snapshot is the one before it, marked, and the
    effects hold only the incident.
    """

    snapshot: Snapshot
    effects: tuple[Effect, ...]
    disposition: Disposition
    trace: tuple[Mapping[str, Any], ...] = ()

    @property
    def handled(self) -> bool:
        """Whether the event moved the run (or was kept to move it later)."""
        return self.disposition in ("started", "taken", "deferred")
