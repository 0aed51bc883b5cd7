"""A member's own notifications: what is new, what was read, and which kinds they want."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select, tuple_

from kernel.audit import Subject
from kernel.errors import NotFound
from kernel.locks import take_name
from kernel.uow import UnitOfWork
from tenants.notifications.kinds import KINDS, PORTAL, Kind
from tenants.notifications.tables import Notification, NotificationPreference

READ_AT_ONCE_MAX = 1000


def newest(
    uow: UnitOfWork,
    *,
    after: tuple[datetime, str] | None,
    limit: int,
    only_unread: bool = False,
) -> Sequence[Notification]:
    """Return the actor's notifications, the newest first, behind a place."""
    query = select(Notification).where(Notification.member_id == uow.actor.id)
    if only_unread:
        query = query.where(Notification.read_at.is_(None))
    if after is not None:
        query = query.where(tuple_(Notification.made_at, Notification.id) < after)
    ordered = query.order_by(Notification.made_at.desc(), Notification.id.desc())
    return uow.session.scalars(ordered.limit(limit)).all()


def unread(uow: UnitOfWork) -> int:
    """Count what the actor has not read."""
    query = select(func.count()).where(
        Notification.member_id == uow.actor.id, Notification.read_at.is_(None)
    )
    return uow.session.scalar(query) or 0


def read_one(uow: UnitOfWork, notification_id: str) -> Notification:
    """Note that the actor has read one of their own; repeating it changes nothing."""
    notification = uow.session.scalar(
        select(Notification)
        .where(Notification.id == notification_id, Notification.member_id == uow.actor.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if notification is None:
        raise NotFound("notification", notification_id)
    if notification.read_at is None:
        notification.read_at = uow.real_now
        uow.record("notifications.read", Subject("notification", notification_id))
    return notification


def read_all(uow: UnitOfWork) -> int:
    """Note that the actor has read everything there is by now; return how many those were."""
    rows = uow.session.scalars(
        select(Notification)
        .where(Notification.member_id == uow.actor.id, Notification.read_at.is_(None))
        .order_by(Notification.id)
        .limit(READ_AT_ONCE_MAX)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        row.read_at = uow.real_now
    if rows:
        facts = {"notifications": len(rows)}
        uow.record("notifications.read_all", Subject("member", uow.actor.id), facts=facts)
    return len(rows)


def offered(uow: UnitOfWork) -> Sequence[Kind]:
    """Return the kinds that the actor can be told of at all."""
    return [kind for kind in KINDS.values() if kind.needs is None or uow.actor.may(kind.needs)]


def preferences(uow: UnitOfWork) -> Mapping[str, bool]:
    """Return by kind whether the actor is told of it."""
    rows = uow.session.scalars(_own(uow)).all()
    chosen = {row.kind: row.wanted for row in rows}
    return {kind.name: chosen.get(kind.name, _is_usual(uow, kind)) for kind in offered(uow)}


def prefer(uow: UnitOfWork, wanted: Collection[str]) -> None:
    """Be told of exactly these kinds from now on, among those that are offered."""
    take_name(uow, "notification_preferences", uow.actor.id)
    rows = {row.kind: row for row in uow.session.scalars(_own(uow))}
    for kind in offered(uow):
        row = rows.get(kind.name)
        if row is None:
            row = NotificationPreference(
                tenant_id=uow.tenant_id,
                id=uow.new_id("npr"),
                member_id=uow.actor.id,
                kind=kind.name,
                channel=PORTAL,
            )
            uow.session.add(row)
        row.wanted = kind.name in wanted
    uow.record("notifications.prefer", Subject("member", uow.actor.id))


def _own(uow: UnitOfWork) -> Select[NotificationPreference]:
    return select(NotificationPreference).where(
        NotificationPreference.member_id == uow.actor.id, NotificationPreference.channel == PORTAL
    )


def _is_usual(uow: UnitOfWork, kind: Kind) -> bool:
    return kind.usual is None or uow.actor.may(kind.usual)
