"""Makes notifications of events: once for each member who wants them, however often delivered."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from sqlalchemy import select

from kernel.audit import Subject
from kernel.events import DeliveredEvent, Event
from kernel.outbox import Consumer
from kernel.uow import UnitOfWork
from tenants.access import rights_of
from tenants.notifications.kinds import KINDS, PORTAL
from tenants.notifications.recipients import HEARD, Telling, telling_of
from tenants.notifications.tables import Notification, NotificationPreference
from tenants.tables import Member

KEPT_FOR = timedelta(days=90)
FORGOTTEN_AT_ONCE = 20


@dataclass(frozen=True)
class MemberNotified(Event):
    """Some members have something new to read; it is told to their own pages alone."""

    name: ClassVar[str] = "member.notified"

    kind: str
    member_ids: tuple[str, ...]


def _wanted(uow: UnitOfWork, names: Collection[str]) -> Collection[str]:
    heard = HEARD.intersection(names)
    if not heard:
        return ()
    # A tenant in which nobody signs in, such as a replay's, has nobody to tell.
    anybody = select(Member.id).where(Member.status == "active").limit(1)
    return heard if uow.session.scalar(anybody) is not None else ()


def _receive(uow: UnitOfWork, event: DeliveredEvent) -> None:
    telling = telling_of(uow, event)
    members = _who_want(uow, telling) if telling is not None else []
    if telling is None or not members:
        return
    for member_id in members:
        uow.session.add(
            Notification(
                tenant_id=uow.tenant_id,
                id=uow.new_id("ntf"),
                member_id=member_id,
                event_id=event.id,
                kind=telling.kind,
                subject_kind=telling.subject_kind,
                subject_id=telling.subject_id,
                facts=dict(telling.facts),
                happened_at=event.occurred_at,
                made_at=uow.real_now,
            )
        )
    _forget_old(uow, members)
    uow.emit(MemberNotified(telling.kind, tuple(members)))
    uow.record("notifications.tell", Subject(telling.subject_kind, telling.subject_id))


def _who_want(uow: UnitOfWork, telling: Telling) -> list[str]:
    """Return the active members among those to be told who may know of it and want to."""
    kind = KINDS[telling.kind]
    active = select(Member.id).where(Member.id.in_(telling.members), Member.status == "active")
    chosen = _chosen(uow, telling.members, telling.kind)
    found = []
    for member_id in sorted(uow.session.scalars(active)):
        rights = rights_of(uow, member_id)[1]
        is_usual = kind.usual is None or kind.usual in rights
        if (kind.needs is None or kind.needs in rights) and chosen.get(member_id, is_usual):
            found.append(member_id)
    return found


def _chosen(uow: UnitOfWork, members: Iterable[str], kind: str) -> dict[str, bool]:
    rows = uow.session.scalars(
        select(NotificationPreference).where(
            NotificationPreference.member_id.in_(list(members)),
            NotificationPreference.kind == kind,
            NotificationPreference.channel == PORTAL,
        )
    )
    return {row.member_id: row.wanted for row in rows}


def _forget_old(uow: UnitOfWork, members: Iterable[str]) -> None:
    """Delete a few of these members' notifications of long ago, read or not."""
    old = uow.session.scalars(
        select(Notification)
        .where(
            Notification.member_id.in_(list(members)),
            Notification.made_at < uow.real_now - KEPT_FOR,
        )
        .order_by(Notification.made_at, Notification.id)
        .limit(FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    for notification in old:
        uow.session.delete(notification)


NOTIFY_MEMBERS = Consumer("notifications", _wanted, _receive)
