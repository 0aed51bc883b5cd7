"""What the engine tells the rest of the product."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Event


@dataclass(frozen=True)
class DefinitionPublished(Event):
    """A version of a definition is the one that new runs start with."""

    name: ClassVar[str] = "definition.published"

    definition_id: str
    key: str
    number: int
    hash: str


@dataclass(frozen=True)
class RunFinished(Event):
    """A run reached its end."""

    name: ClassVar[str] = "run.finished"

    run_id: str
    key: str
    subject_kind: str
    subject_id: str
    outcome: str


@dataclass(frozen=True)
class TaskOpened(Event):
    """People are asked something."""

    name: ClassVar[str] = "task.opened"

    task_id: str
    run_id: str
    kind: str
    subject_kind: str
    subject_id: str


@dataclass(frozen=True)
class TaskClosed(Event):
    """A task was decided, answered or no longer needed."""

    name: ClassVar[str] = "task.closed"

    task_id: str
    run_id: str
    outcome: str


@dataclass(frozen=True)
class TaskReminded(Event):
    """People were asked again to answer a task that waits."""

    name: ClassVar[str] = "task.reminded"

    task_id: str
    run_id: str


@dataclass(frozen=True)
class TaskEscalated(Event):
    """More people are asked, because a task waits for too long."""

    name: ClassVar[str] = "task.escalated"

    task_id: str
    run_id: str
    rung: str


@dataclass(frozen=True)
class TaskCommented(Event):
    """Somebody wrote a comment on a task."""

    name: ClassVar[str] = "task.commented"

    task_id: str
    run_id: str
    comment_id: str


@dataclass(frozen=True)
class AnsweredOnBehalf(Event):
    """Somebody voted for others, whose right it is; `persons` are all of them, candidate first."""

    name: ClassVar[str] = "task.answered_on_behalf"

    task_id: str
    run_id: str
    voter_id: str
    persons: tuple[str, ...]
    decision: str


@dataclass(frozen=True)
class DelegationBegan(Event):
    """Somebody may answer for somebody else, now or from its beginning on."""

    name: ClassVar[str] = "delegation.began"

    delegation_id: str
    of_id: str
    to_id: str
    task_id: str | None


@dataclass(frozen=True)
class DelegationEnded(Event):
    """A delegation was ended before its time."""

    name: ClassVar[str] = "delegation.ended"

    delegation_id: str
    of_id: str
    to_id: str
    task_id: str | None
