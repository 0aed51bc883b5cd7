"""The delegations that hold now, as approvals judge them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import bindparam, select

from kernel.db import prepared
from kernel.uow import UnitOfWork
from workflow_engine.approvals import Delegation, People, Vote
from workflow_engine.runtime.delegation_tables import DelegationRow
from workflow_engine.runtime.events import AnsweredOnBehalf
from workflow_engine.runtime.task_tables import Task

_HOLDS = (
    DelegationRow.ended_at.is_(None),
    DelegationRow.starts_at <= bindparam("now"),
    DelegationRow.ends_at > bindparam("now"),
)
# Asked at every vote: of a tenant without delegations it reads one page of one index.
_HOLDING = prepared(
    select(
        DelegationRow.of_id,
        DelegationRow.to_id,
        DelegationRow.task_id,
        DelegationRow.starts_at,
        DelegationRow.ends_at,
        DelegationRow.absence,
    )
    .where(*_HOLDS)
    .order_by(DelegationRow.id)
)
_HELD_STILL = select(DelegationRow.id).where(*_HOLDS).order_by(DelegationRow.id)


@dataclass(frozen=True)
class Lending:
    """A delegation that holds now; without a task, for whatever comes."""

    delegation: Delegation
    task_id: str | None


def lendings(uow: UnitOfWork) -> Sequence[Lending]:
    """Return every delegation of the tenant that holds now, whatever task it is for."""
    return [
        Lending(
            Delegation(row.of_id, row.to_id, row.starts_at, row.ends_at, row.absence), row.task_id
        )
        for row in uow.session.execute(_HOLDING, {"now": uow.now})
    ]


def lent(people: People, found: Sequence[Lending], task_id: str) -> People:
    """Return people with the delegations that could count for a task."""
    counting = tuple(each.delegation for each in found if each.task_id in (None, task_id))
    return replace(people, delegations=counting) if counting else people


def hold_still(uow: UnitOfWork) -> None:
    """Let nobody end a delegation that holds now before this transaction ends.

    Read them only after it: what was ended meanwhile no longer holds.
    """
    uow.session.execute(_HELD_STILL.with_for_update(read=True), {"now": uow.now})


def tell_principals(uow: UnitOfWork, task: Task, vote: Vote) -> None:
    """Say that a vote that counts now stands for others; nothing for a vote in one's own right."""
    others = tuple(person for person in vote.chain if person != vote.by)
    if others:
        uow.emit(AnsweredOnBehalf(task.id, task.run_id, vote.by, others, vote.decision))
