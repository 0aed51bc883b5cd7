"""What pages show of delegations: who answers for whom, and whether it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from builder_ui.portal.names import Names
from builder_ui.shell.page import Tone
from builder_ui.shell.words import _
from kernel.uow import UnitOfWork
from workflow_engine.runtime import queries
from workflow_engine.runtime.delegated_tasks import chains_of
from workflow_engine.runtime.delegating import WRITE_MEMBERS
from workflow_engine.runtime.delegation_queries import handings_of
from workflow_engine.runtime.delegation_tables import DelegationRow
from workflow_engine.runtime.task_tables import Task, TaskVote, WaitingVote


@dataclass(frozen=True)
class DelegationShown:
    """A delegation in words; `state` says whether it holds now, or why it does not count."""

    id: str
    version: int
    of_id: str
    to_id: str
    of: str
    to: str
    what: str
    task_id: str | None
    reason: str | None
    starts_at: datetime
    ends_at: datetime
    state: tuple[str, Tone]
    may_end: bool


@dataclass(frozen=True)
class Handings:
    """By task, for whom the viewer would answer, and to whom the viewer has handed it on."""

    answering_for: Mapping[str, str]
    handed_to: Mapping[str, str]


@dataclass(frozen=True)
class CastVote:
    """A vote, the name of who cast it, and for whom where that was somebody else.

    `counts_at` where it does not count yet. `fell`: it never counts, because its task was closed
    before.
    """

    vote: TaskVote | WaitingVote
    voter: str
    stands_for: str = ""
    counts_at: datetime | None = None
    fell: bool = False

    @property
    def told(self) -> str:
        """Name the voter and whoever the vote stands for."""
        return f"{self.voter} {self.stands_for}".strip()


def cast_vote(row: TaskVote | WaitingVote, names: Names) -> CastVote:
    """Return a vote with the names of everybody it stands for."""
    others = [names.of(each) for each in row.chain if each != row.voter_id]
    return CastVote(row, names.of(row.voter_id), _for(others))


def shown_of(uow: UnitOfWork, rows: Sequence[DelegationRow]) -> list[DelegationShown]:
    """Return delegations as they are shown, in their order."""
    names, actor = Names(uow), uow.actor
    directory = uow.ports.directory
    assert directory is not None, "the front door fills the directory port"
    active = {str(each.id) for each in directory.members(uow)}
    return [
        DelegationShown(
            row.id,
            row.version,
            row.of_id,
            row.to_id,
            names.of(row.of_id),
            names.of(row.to_id),
            _what(uow, row),
            row.task_id,
            row.reason,
            row.starts_at,
            row.ended_at or row.ends_at,
            _state(uow, row, active, names),
            _is_open(uow, row) and (actor.id in (row.of_id, row.to_id) or actor.may(WRITE_MEMBERS)),
        )
        for row in rows
    ]


def handings_in(uow: UnitOfWork, tasks: Sequence[Task]) -> Handings:
    """Return what a list of tasks says of delegations; a tenant without any costs two reads."""
    names, me = Names(uow), uow.actor.id
    chains = chains_of(uow, tasks)
    handed = handings_of(uow, [task.id for task in tasks])
    mine = {
        task_id: ", ".join(names.of(row.to_id) for row in rows if row.of_id == me)
        for task_id, rows in handed.items()
    }
    answering = {task_id: _for([names.of(each) for each in c]) for task_id, c in chains.items()}
    return Handings(answering, mine)


def handings_about(uow: UnitOfWork, task: Task) -> list[DelegationShown]:
    """Return who has handed a task on to whom, for the page of the task."""
    return shown_of(uow, handings_of(uow, [task.id]).get(task.id, ()))


def _for(others: Sequence[str]) -> str:
    if not others:
        return ""
    if len(others) == 1:
        return _("for %(principal)s", principal=others[0])
    by = ", ".join(others[1:])
    return _("for %(principal)s, handed on by %(others)s", principal=others[0], others=by)


def _what(uow: UnitOfWork, row: DelegationRow) -> str:
    if row.task_id is not None:
        return queries.task(uow, row.task_id).title
    return _("Out of office") if row.absence else _("Whatever is asked")


def _is_open(uow: UnitOfWork, row: DelegationRow) -> bool:
    return row.ended_at is None and row.ends_at > uow.now


def _state(uow: UnitOfWork, row: DelegationRow, active: set[str], names: Names) -> tuple[str, Tone]:
    if row.ended_at is not None:
        return _("Ended"), "neutral"
    if row.ends_at <= uow.now:
        return _("Over"), "neutral"
    for person in (row.of_id, row.to_id):
        if person not in active:
            return _("Does not count: %(name)s is not active", name=names.of(person)), "warn"
    return (_("To come"), "accent") if row.starts_at > uow.now else (_("Holds now"), "ok")
