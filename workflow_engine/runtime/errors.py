"""What the engine refuses."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from kernel.errors import Conflict, Forbidden, Invalid


@dataclass(eq=False)
class DefinitionRejected(Invalid):
    """The definition has faults and was not published."""

    code: ClassVar[str] = "definition.faulty"


@dataclass(eq=False)
class TaskClosedAlready(Conflict):
    """This task is no longer open."""

    code: ClassVar[str] = "task.closed"

    task_id: str
    state: str
    outcome: str | None


@dataclass(eq=False)
class NotYours(Forbidden):
    """You may not decide this task."""

    code: ClassVar[str] = "task.not_eligible"

    task_id: str
    reason: str


@dataclass(eq=False)
class CommentMissing(Invalid):
    """Say what you want to say, in at most two thousand characters."""

    code: ClassVar[str] = "task.comment_missing"


@dataclass(eq=False)
class VoteCounted(Conflict):
    """The time in which your vote could be taken back is over."""

    code: ClassVar[str] = "task.vote_counted"

    task_id: str
    state: str
    outcome: str | None


@dataclass(eq=False)
class NoVoteWaits(Conflict):
    """You have no vote here that could be taken back."""

    code: ClassVar[str] = "task.no_vote_waits"

    task_id: str


@dataclass(eq=False)
class SubjectChanged(Conflict):
    """What you were shown has changed since: look again before you decide."""

    code: ClassVar[str] = "task.subject_changed"

    task_id: str
    digest: str


@dataclass(eq=False)
class DigestMissing(Invalid):
    """Say which content you decide on."""

    code: ClassVar[str] = "task.digest_missing"


@dataclass(eq=False)
class ReasonMissing(Invalid):
    """Say why you reject."""

    code: ClassVar[str] = "task.reason_missing"


@dataclass(eq=False)
class NotPossibleNow(Conflict):
    """The run does not take this command in its present state."""

    code: ClassVar[str] = "run.command_refused"

    run_id: str
    command: str
    possible: tuple[str, ...]


@dataclass(eq=False)
class NothingToRetry(Conflict):
    """Nothing of this run has failed: there is nothing to try again."""

    code: ClassVar[str] = "run.nothing_to_retry"

    run_id: str
    state: str


@dataclass(eq=False)
class EffectUndecided(Invalid):
    """Nobody knows whether a step had its effect: look at the other side, and say so."""

    code: ClassVar[str] = "run.effect_undecided"


@dataclass(eq=False)
class EndedAlready(Conflict):
    """This run has ended, or is being cancelled."""

    code: ClassVar[str] = "run.ended"

    run_id: str
    state: str
    outcome: str | None


@dataclass(eq=False)
class HandingForbidden(Conflict):
    """The workflow does not let this approval be handed on."""

    code: ClassVar[str] = "task.handing_forbidden"

    task_id: str


@dataclass(eq=False)
class DelegatedAlready(Conflict):
    """The same person stands in for the same person at that time already."""

    code: ClassVar[str] = "delegation.exists"

    delegation_id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(eq=False)
class DelegationsTooMany(Conflict):
    """So many delegations of one person are open already: end one first."""

    code: ClassVar[str] = "delegation.too_many"

    most: int
