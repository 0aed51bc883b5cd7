"""People hand work on: all that comes for a while, or one task; and take it back.

A delegation changes nobody's roles: it says who may answer for whom. Whether it counts before a
task is decided with each vote, by the rules of the task's own definition.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from kernel.access import Permission
from kernel.audit import Subject
from kernel.errors import Fault, Invalid, NotFound, StaleWrite
from kernel.ids import ActorId
from kernel.locks import take_name
from kernel.uow import UnitOfWork
from workflow_engine.runtime.delegation_tables import DelegationRow
from workflow_engine.runtime.errors import (
    DelegatedAlready,
    DelegationsTooMany,
    TaskClosedAlready,
)
from workflow_engine.runtime.events import DelegationBegan, DelegationEnded
from workflow_engine.runtime.handing_on import check_handing
from workflow_engine.runtime.inbox import lock_run
from workflow_engine.runtime.task_tables import Task
from workflow_engine.runtime.voting import VOTE

WRITE_MEMBERS = Permission("members:write")
READ_MEMBERS = Permission("members:read")
DURATION_MAX = timedelta(days=366)
OPEN_MAX = 20
"""So many delegations of one member may wait or hold at the same time."""
REASON_LENGTH_MAX = 500


@dataclass(frozen=True)
class NewDelegation:
    """Who is to answer, until when; `of_id` None is the actor, `starts_at` None is now."""

    to_id: str
    ends_at: datetime
    starts_at: datetime | None = None
    of_id: str | None = None
    task_id: str | None = None
    absence: bool = False
    reason: str | None = None


def delegate(uow: UnitOfWork, wish: NewDelegation) -> DelegationRow:
    """Let one member answer for another, for themself or with members:write for somebody absent.

    Invalid lists what is wrong with the persons and dates; DelegatedAlready where the same two
    have one at that time. For one task, HandingForbidden where its definition does not let it be
    handed on, NotYours where whoever hands it on may not answer it, and Invalid for a person whom
    its rules would not take.
    """
    of_id = wish.of_id or str(uow.actor.id)
    uow.actor.must(VOTE if of_id == uow.actor.id else WRITE_MEMBERS)
    # Before the name, as a vote locks its run before the delegations that it stands on.
    task = _lock_task(uow, wish.task_id) if wish.task_id is not None else None
    take_name(uow, "delegations", of_id)
    begins = wish.starts_at or uow.now
    faults = [*_wrong_persons(uow, of_id, wish.to_id), *_wrong_dates(uow, wish, begins)]
    if faults:
        raise Invalid(tuple(faults))
    _check_others(uow, wish, of_id, begins)
    if task is not None:
        check_handing(uow, task, of_id, wish.to_id)
    row = DelegationRow(
        tenant_id=uow.tenant_id,
        id=uow.new_id("dlg"),
        of_id=of_id,
        to_id=wish.to_id,
        task_id=wish.task_id,
        absence=wish.absence,
        reason=(wish.reason or "").strip()[:REASON_LENGTH_MAX] or None,
        starts_at=begins,
        ends_at=wish.ends_at,
        made_at=uow.now,
        made_by=str(uow.actor.id),
    )
    uow.session.add(row)
    uow.session.flush()
    uow.emit(DelegationBegan(row.id, row.of_id, row.to_id, row.task_id))
    uow.record("delegation.begin", Subject("delegation", row.id, row.version), reason=row.reason)
    return row


def end_delegation(
    uow: UnitOfWork, delegation_id: str, *, expected_version: int | None = None
) -> DelegationRow:
    """End a delegation from now on: its principal, its stand-in, or with members:write.

    Waits for a vote that stands on it and is under way. One that is over stays as it is.
    """
    row = uow.session.scalar(
        select(DelegationRow)
        .where(DelegationRow.id == delegation_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None or not concerns(uow, row):
        raise NotFound("delegation", delegation_id)
    if uow.actor.id not in (row.of_id, row.to_id):
        uow.actor.must(WRITE_MEMBERS)
    if expected_version is not None and row.version != expected_version:
        raise StaleWrite(expected_version, row.version)
    if row.ended_at is not None or row.ends_at <= uow.now:
        return row
    row.ended_at, row.ended_by = uow.now, str(uow.actor.id)
    uow.session.flush()
    uow.emit(DelegationEnded(row.id, row.of_id, row.to_id, row.task_id))
    uow.record("delegation.end", Subject("delegation", row.id, row.version))
    return row


def concerns(uow: UnitOfWork, row: DelegationRow) -> bool:
    """Tell whether the actor may know of a delegation: its two persons, and who reads members."""
    return uow.actor.id in (row.of_id, row.to_id) or uow.actor.may(READ_MEMBERS)


def _lock_task(uow: UnitOfWork, task_id: str) -> Task:
    run_id = uow.session.scalar(
        select(Task.run_id).where(Task.id == task_id, Task.kind == "approval")
    )
    if run_id is None:
        raise NotFound("task", task_id)
    lock_run(uow, run_id)
    task = uow.session.scalars(
        select(Task).where(Task.id == task_id).execution_options(populate_existing=True)
    ).one()
    if task.state != "open":
        raise TaskClosedAlready(task.id, task.state, task.outcome)
    return task


def _wrong_persons(uow: UnitOfWork, of_id: str, to_id: str) -> list[Fault]:
    directory = uow.ports.directory
    assert directory is not None, "the front door fills the directory port"
    members = {str(each.id): each.name for each in directory.members(uow)}
    faults = []
    if of_id not in members:
        detail = "Choose an active member whose work is handed on."
        faults.append(Fault("/of_id", "delegation.principal_unknown", detail))
    if to_id not in members:
        detail = "Choose an active member who is to answer."
        faults.append(Fault("/to_id", "delegation.person_unknown", detail))
    elif to_id == of_id:
        detail = "Choose somebody else: nobody stands in for themself."
        faults.append(Fault("/to_id", "delegation.oneself", detail))
    elif not directory.actor(uow, ActorId(to_id)).may(VOTE):
        detail = "Choose somebody whose roles include deciding (tasks:vote)."
        faults.append(Fault("/to_id", "delegation.cannot_vote", detail))
    return faults


def _wrong_dates(uow: UnitOfWork, wish: NewDelegation, begins: datetime) -> list[Fault]:
    faults = []
    if begins < uow.now:
        detail = "Choose a beginning that is not over, or leave it out to begin at once."
        faults.append(Fault("/starts_at", "delegation.past", detail))
    if wish.ends_at <= max(begins, uow.now):
        detail = "Choose an end that is to come, and after the beginning."
        faults.append(Fault("/ends_at", "delegation.end", detail))
    elif wish.ends_at - begins > DURATION_MAX:
        detail = "Choose an end within a year of the beginning."
        faults.append(Fault("/ends_at", "delegation.too_long", detail))
    if wish.task_id is not None and (wish.absence or wish.starts_at is not None):
        detail = "A single task is handed on at once, and not because of an absence."
        faults.append(Fault("/task_id", "delegation.task_at_once", detail))
    return faults


def _check_others(uow: UnitOfWork, wish: NewDelegation, of_id: str, begins: datetime) -> None:
    """Refuse a second one of the same two at the same time, and more than anybody surveys."""
    others = select(DelegationRow).where(
        DelegationRow.of_id == of_id,
        DelegationRow.ended_at.is_(None),
        DelegationRow.ends_at > uow.now,
    )
    same = others.where(
        DelegationRow.to_id == wish.to_id,
        DelegationRow.task_id.is_not_distinct_from(wish.task_id),
        DelegationRow.starts_at < wish.ends_at,
        DelegationRow.ends_at > begins,
    )
    found = uow.session.scalars(same.order_by(DelegationRow.id).limit(1)).first()
    if found is not None:
        raise DelegatedAlready(found.id, found.starts_at, found.ends_at)
    if len(uow.session.scalars(others.limit(OPEN_MAX)).all()) >= OPEN_MAX:
        raise DelegationsTooMany(OPEN_MAX)
