"""A compiled definition: states as numbers, sets of states as bits, expressions as closures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from workflow_engine.decisions import CompiledTable
from workflow_engine.definition.model import After, Definition, Invoke, State
from workflow_engine.interpreter.effects import Retry

if TYPE_CHECKING:
    from workflow_engine.expressions import Type
    from workflow_engine.interpreter.machine import Machine

Evaluate = Callable[[Mapping[str, Any]], Any]
"""A compiled expression: bindings in, value out; raises ContentFault."""

Content = Callable[["Machine"], None]
"""One action; raises ContentFault."""

CACHE_ENTRIES_MAX = 4096


class ContentFault(Exception):
    """An expression or action failed while the run was moving; becomes `error.execution`."""

    def __init__(self, code: str, message: str, where: str, send_id: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where
        self.send_id = send_id


class Decision(Protocol):
    """What a table decided."""

    @property
    def rules(self) -> tuple[str, ...]: ...
    @property
    def outputs(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Block:
    """Actions that fail together, in order."""

    actions: tuple[Content, ...]


@dataclass(slots=True, eq=False)
class CompiledTransition:
    """A transition with its exit set; `domain` is -1 where history decides it."""

    number: int
    id: str
    at: str
    source: int
    events: tuple[str, ...]
    guard: Evaluate | None
    guard_text: str
    targets: tuple[int, ...]
    internal: bool
    block: Block | None
    domain: int = -1
    exits: int = 0
    through_history: bool = False


@dataclass(slots=True, eq=False)
class CompiledTimer:
    """A state's timer; exactly one way of saying when."""

    model: After
    delay_expr: Evaluate | None
    instant: Evaluate | None

    @property
    def id(self) -> str:
        return self.model.id


@dataclass(slots=True, eq=False)
class CompiledCompensation:
    """How a step's effect is undone."""

    action: str
    input: Callable[[Mapping[str, Any]], dict[str, Any]]
    retry: Retry | None
    timeout: timedelta | None
    replaces: str | None
    at: str


@dataclass(slots=True, eq=False)
class CompiledInvoke:
    """An invoke ready to start; `result` types the data of its completion, where known."""

    model: Invoke
    state: int
    input: Callable[[Mapping[str, Any]], dict[str, Any]]
    retry: Retry | None = None
    subject: Mapping[str, Evaluate | str] = field(default_factory=dict)
    compensation: CompiledCompensation | None = None
    finalize: Block | None = None
    flow: Evaluate | None = None
    form_required: Mapping[str, Evaluate] = field(default_factory=dict)
    result: Type | None = None

    @property
    def id(self) -> str:
        return self.model.id


@dataclass(slots=True, eq=False)
class CompiledState:
    """One state by number; masks are bit sets of state numbers."""

    number: int
    model: State
    parent: int
    bit: int
    ancestors: int = 0
    descendants: int = 0
    children: tuple[int, ...] = ()
    histories: tuple[int, ...] = ()
    line: tuple[int, ...] = ()
    transitions: tuple[CompiledTransition, ...] = ()
    initial: CompiledTransition | None = None
    entry: tuple[Block, ...] = ()
    exit: tuple[Block, ...] = ()
    timers: tuple[CompiledTimer, ...] = ()
    invokes: tuple[CompiledInvoke, ...] = ()
    donedata: Evaluate | None = None
    late: tuple[tuple[str, Evaluate, Type], ...] = ()
    busy: bool = False

    @property
    def id(self) -> str:
        return self.model.id

    @property
    def type(self) -> str:
        return self.model.type


@dataclass(slots=True, eq=False)
class Compiled:
    """Everything `step` needs, worked out once. Shared by all runs of one version; its caches
    only ever gain entries that follow from the definition."""

    definition: Definition
    states: tuple[CompiledState, ...]
    numbers: Mapping[str, int]
    transitions: tuple[CompiledTransition, ...]
    leaf_mask: int
    noticed_mask: int
    invokes: Mapping[str, CompiledInvoke]
    timers: Mapping[str, CompiledTimer]
    tables: Mapping[str, Callable[[Mapping[str, Any]], Decision]]
    decision_tables: Mapping[str, CompiledTable]
    context_type: Any
    input_type: Any
    event_types: Mapping[str, Type]
    defaults: Mapping[str, Any]
    inits: tuple[tuple[str, Evaluate, Type], ...]
    search: tuple[tuple[str, Evaluate], ...]
    triggers: tuple[Any, ...]
    correlations: tuple[Any, ...]
    statuses: Mapping[int, tuple[str, str]]
    unmatched: Mapping[str, str]
    subject_id: Evaluate | None
    moves_by_itself: bool
    candidates: dict[tuple[int, str], tuple[tuple[CompiledTransition, ...], ...]] = field(
        default_factory=dict
    )
    plans: dict[Any, Any] = field(default_factory=dict)
    status_cache: dict[int, tuple[str, str] | None] = field(default_factory=dict)
    leaves_cache: dict[int, tuple[str, ...]] = field(default_factory=dict)
    legal_cache: dict[tuple[str, ...], int] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        return self.definition.hash

    def active(self, configuration: int) -> list[CompiledState]:
        """The active states in document order, the root left out."""
        return [state for state in self.states[1:] if state.bit & configuration]

    def leaves(self, configuration: int) -> tuple[str, ...]:
        """The ids of the innermost active states, in document order."""
        found = self.leaves_cache.get(configuration)
        if found is None:
            bound(self.leaves_cache)
            found = self.leaves_cache[configuration] = tuple(
                state.id for state in self.active(configuration) if state.bit & self.leaf_mask
            )
        return found

    def status_of(self, configuration: int) -> tuple[str, str] | None:
        """Status and phase: the innermost mapped state wins, then document order."""
        if not self.statuses:
            return None
        if configuration not in self.status_cache:
            bound(self.status_cache)
            mapped = [
                state for state in self.active(configuration) if state.number in self.statuses
            ]
            deepest = max(mapped, key=lambda state: (len(state.line), -state.number), default=None)
            found = None if deepest is None else self.statuses[deepest.number]
            self.status_cache[configuration] = found
        return self.status_cache[configuration]

    def candidates_for(
        self, configuration: int, event: str
    ) -> tuple[tuple[CompiledTransition, ...], ...]:
        """For each innermost active state, the transitions to try, in order of priority.

        The empty name asks for the eventless ones.
        """
        key = (configuration, event)
        found = self.candidates.get(key)
        if found is None:
            bound(self.candidates)
            found = self.candidates[key] = self._candidates(configuration, event)
        return found

    def _candidates(
        self, configuration: int, event: str
    ) -> tuple[tuple[CompiledTransition, ...], ...]:
        rows = []
        for state in self.states:
            if state.bit & configuration and state.bit & self.leaf_mask:
                row = tuple(
                    transition
                    for number in state.line
                    for transition in self.states[number].transitions
                    if _enabled_by(transition.events, event)
                )
                if row:
                    rows.append(row)
        return tuple(rows)


def _enabled_by(descriptors: Sequence[str], event: str) -> bool:
    if not event:
        return not descriptors
    return any(
        descriptor == "*" or event == descriptor or event.startswith(f"{descriptor}.")
        for descriptor in descriptors
    )


def bound(cache: dict[Any, Any]) -> None:
    """Empty a cache that has grown too large."""
    # Event names come from outside; a cache that could grow without end would be a leak.
    if len(cache) >= CACHE_ENTRIES_MAX:
        cache.clear()
