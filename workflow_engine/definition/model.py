"""A parsed definition: the document with its shape proven, every part knowing its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from workflow_engine.definition.actions_model import Action, Named
from workflow_engine.definition.durations import Span
from workflow_engine.definition.fields import Field

Unmatched = Literal["ignore", "defer", "reject"]
Anchor = Literal["entry", "first_entry", "run"]
StateType = Literal["atomic", "compound", "parallel", "final", "history", "compensate"]


@dataclass(frozen=True, slots=True)
class Expr:
    """CEL source and the JSON pointer of the place where it stands."""

    source: str
    at: str


@dataclass(frozen=True, slots=True)
class Transition:
    """Where to, on what, under which guard; without targets nothing is left or entered."""

    id: str
    at: str
    events: tuple[str, ...] = ()
    guard: Expr | None = None
    targets: tuple[str, ...] = ()
    internal: bool = False
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class After:
    """A timer of a state: when it is due, from which moment it counts, and what it then does."""

    transition: Transition
    at: str
    delay: Span | None = None
    delay_expr: Expr | None = None
    instant: Expr | None = None
    plus: Span | None = None
    calendar: str | None = None
    anchor: Anchor = "entry"
    sla: str | None = None
    pausable: bool = False

    @property
    def id(self) -> str:
        return self.transition.id


@dataclass(frozen=True, slots=True)
class Compensation:
    """The action that undoes a step; its input is evaluated when the step completes."""

    at: str
    action: str
    input: tuple[Named, ...]
    retry: Mapping[str, Any] | None = None
    timeout: timedelta | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Invoke:
    """Work that a state starts when a macrostep ends in it, and cancels when it is left."""

    id: str
    at: str
    kind: Literal["step", "approval", "human", "flow"]
    input: tuple[Named, ...] = ()
    action: str = ""
    timeout: timedelta | None = None
    retry: Mapping[str, Any] | None = None
    compensate: Compensation | None = None
    subject: Mapping[str, Expr | str] = field(default_factory=dict)
    stages_from: str | None = None
    flow: str = ""
    flow_expr: Expr | None = None
    version: str = "pinned"
    id_into: str | None = None
    autoforward: bool = False
    finalize: tuple[Action, ...] = ()
    reattach: bool = False
    spec: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """One state with all that hangs on it; `initial` of a history is its default transition."""

    id: str
    at: str
    type: StateType
    label: str = ""
    initial: Transition | None = None
    entry: tuple[Action, ...] = ()
    exit: tuple[Action, ...] = ()
    transitions: tuple[Transition, ...] = ()
    after: tuple[After, ...] = ()
    invokes: tuple[Invoke, ...] = ()
    states: tuple[State, ...] = ()
    deep: bool = False
    outcome: str | None = None
    donedata: tuple[Named, ...] | Expr | None = None
    scope: str = "run"
    sequence: bool = False


@dataclass(frozen=True, slots=True)
class StatusRule:
    """While `state` is the innermost active one, the subject has this status and phase."""

    state: str
    status: str
    phase: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a run is about, and how the run's state shows on it."""

    type: str
    id: Expr
    status_field: str | None
    statuses: tuple[StatusRule, ...]


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event that starts a run."""

    id: str
    at: str
    event: str
    when: Expr | None
    dedupe: Expr | None
    one_active_per: str | None
    input: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Correlation:
    """Which run an event is for, and what happens when that run does not take it."""

    id: str
    at: str
    event: str
    key: Expr
    run: Expr
    unmatched: Unmatched


@dataclass(frozen=True, slots=True)
class SearchAttribute:
    """A value by which runs are found."""

    id: str
    at: str
    type: Field
    value: Expr


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table, its cells still text."""

    id: str
    at: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole definition of sound shape: ids unique, references resolved.

    `document` is the body it was read from, `hash` its SHA-256 over the canonical form.
    Expressions are still text; `compile_definition` types and compiles them.
    """

    key: str
    name: str
    hash: str
    document: Mapping[str, Any]
    root: State
    input: tuple[Field, ...]
    context: tuple[Field, ...]
    events: Mapping[str, tuple[Field, ...]]
    search: tuple[SearchAttribute, ...]
    tables: tuple[Table, ...]
    triggers: tuple[Trigger, ...]
    correlations: tuple[Correlation, ...]
    subject: Subject | None
    dynamic: bool
    tests: tuple[Mapping[str, Any], ...]
