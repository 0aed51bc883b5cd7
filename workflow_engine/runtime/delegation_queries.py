"""Reads of delegations for faces."""

from collections.abc import Mapping, Sequence

from sqlalchemy import or_, select

from kernel.errors import NotFound
from kernel.uow import UnitOfWork
from workflow_engine.runtime.delegating import READ_MEMBERS, concerns
from workflow_engine.runtime.delegation_tables import DelegationRow

DELEGATIONS_MAX = 200


def delegation(uow: UnitOfWork, delegation_id: str) -> DelegationRow:
    """Return a delegation; NotFound where there is none, or none that concerns the actor."""
    row = uow.session.get(DelegationRow, (uow.tenant_id, delegation_id))
    if row is None or not concerns(uow, row):
        raise NotFound("delegation", delegation_id)
    return row


def delegations(
    uow: UnitOfWork,
    *,
    member_id: str | None = None,
    is_over: bool | None = None,
    limit: int = 50,
    before: str | None = None,
) -> Sequence[DelegationRow]:
    """Return delegations of or to a member, the newest first, behind the id of the last of a page.

    None is everybody, for who reads members, and otherwise the actor alone. `is_over` chooses
    those that are over, or those that hold or are to come.
    """
    query = select(DelegationRow)
    if member_id is None and not uow.actor.may(READ_MEMBERS):
        member_id = str(uow.actor.id)
    if member_id is not None:
        if member_id != uow.actor.id:
            uow.actor.must(READ_MEMBERS)
        query = query.where(or_(DelegationRow.of_id == member_id, DelegationRow.to_id == member_id))
    if is_over is not None:
        over = or_(DelegationRow.ended_at.is_not(None), DelegationRow.ends_at <= uow.now)
        query = query.where(over if is_over else ~over)
    if before is not None:
        query = query.where(DelegationRow.id < before)
    ordered = query.order_by(DelegationRow.id.desc())
    return uow.session.scalars(ordered.limit(min(limit, DELEGATIONS_MAX + 1))).all()


def handings_of(uow: UnitOfWork, task_ids: Sequence[str]) -> Mapping[str, Sequence[DelegationRow]]:
    """Return by task who handed it on to whom and has not taken it back, first things first."""
    rows = uow.session.scalars(
        select(DelegationRow)
        .where(
            DelegationRow.task_id.in_(task_ids),
            DelegationRow.ended_at.is_(None),
            DelegationRow.ends_at > uow.now,
        )
        .order_by(DelegationRow.id)
    ).all()
    found: dict[str, list[DelegationRow]] = {}
    for row in rows:
        found.setdefault(str(row.task_id), []).append(row)
    return found
