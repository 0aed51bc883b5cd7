"""Reads a tenant's events for its streams, in the order to which nothing is added behind."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import BigInteger, String, cast, func, select

from builder_ui.portal.stream.kinds import ids_in, may_hear, only_for
from builder_ui.portal.stream.words import BEGINNING, Told, read_place
from kernel.access import Actor
from kernel.audit import AuditEntry
from kernel.feed import Place, place_of, read_feed
from kernel.ids import new_id
from kernel.outbox import OutboxEvent
from kernel.uow import UnitOfWork

PULSE_SPAN = timedelta(seconds=60)
PULSE_ENTRIES_MAX = 500


@dataclass(frozen=True)
class CatchUp:
    """What somebody missed and where the stream stands then.

    Where it cannot be said what was missed, `is_reset`: what the reader knows is to be read anew.
    """

    events: tuple[Told, ...]
    at: Place
    is_reset: bool = False


@dataclass(frozen=True)
class Pulse:
    """How many audit entries there are from an id on: whether anything was done meanwhile.

    Entries of slow transactions come late, so they are counted and their newest is not compared.
    """

    floor: str
    entries: int


def told_of(rows: Iterable[OutboxEvent]) -> list[Told]:
    """Return events as browsers hear of them, whoever listens."""
    return [
        Told(
            place_of(row),
            row.name,
            row.occurred_at,
            ids_in(row.data),
            only_for(row.name, row.data),
        )
        for row in rows
    ]


def heard_by(actor: Actor, events: Iterable[Told]) -> list[Told]:
    """Return those events that somebody may hear of."""
    return [
        each
        for each in events
        if (may_hear(actor, each.name) if each.only_for is None else actor.id in each.only_for)
    ]


def newest_place(uow: UnitOfWork) -> Place:
    """Return where the tenant's stream ends at this moment."""
    oldest_in_flight = cast(
        cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), String), BigInteger
    )
    row = uow.session.execute(
        select(OutboxEvent.written_in, OutboxEvent.id)
        .where(OutboxEvent.written_in < oldest_in_flight)
        .order_by(OutboxEvent.written_in.desc(), OutboxEvent.id.desc())
        .limit(1)
    ).one_or_none()
    return BEGINNING if row is None else Place(row.written_in, row.id)


def catch_up(uow: UnitOfWork, asked: str | None, limit: int) -> CatchUp:
    """Return what happened behind the place that somebody names, at most `limit` events.

    A place that is none of this tenant's, or lies further back, gives a reset. Without a place
    the stream begins now.
    """
    if not asked:
        return CatchUp((), newest_place(uow))
    place = read_place(asked)
    if place is None or not _is_known(uow, place):
        return CatchUp((), newest_place(uow), is_reset=True)
    rows = read_feed(uow, place, limit + 1)
    if len(rows) > limit:
        return CatchUp((), newest_place(uow), is_reset=True)
    missed = tuple(told_of(rows))
    return CatchUp(missed, missed[-1].place if missed else place)


def pulse(uow: UnitOfWork, before: Pulse | None) -> tuple[Pulse, bool]:
    """Return the pulse now, and whether anything was recorded since the one before."""
    if before is None:
        floor = new_id("aud", uow.real_now - PULSE_SPAN)
        return Pulse(floor, _entries(uow, floor, floor)[0]), False
    wants_new = before.entries > PULSE_ENTRIES_MAX
    floor = new_id("aud", uow.real_now - PULSE_SPAN) if wants_new else before.floor
    floor = max(floor, before.floor)
    since_before, since_floor = _entries(uow, before.floor, floor)
    return Pulse(floor, since_floor), since_before != before.entries


def _entries(uow: UnitOfWork, lower: str, upper: str) -> tuple[int, int]:
    counted = (
        select(func.count(), func.count().filter(AuditEntry.id >= upper))
        .select_from(AuditEntry)
        .where(AuditEntry.id >= lower)
    )
    from_lower, from_upper = uow.session.execute(counted).one()
    return int(from_lower), int(from_upper)


def _is_known(uow: UnitOfWork, place: Place) -> bool:
    if place == BEGINNING:
        return True
    found = select(OutboxEvent.id).where(
        OutboxEvent.written_in == place.written_in, OutboxEvent.id == place.event_id
    )
    return uow.session.scalar(found) is not None
