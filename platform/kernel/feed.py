"""The stream of a tenant's events, in an order to which nothing is ever added behind a reader."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, String, cast, func, literal, select, tuple_

from kernel.outbox import OutboxEvent
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Place:
    """Behind which event to go on: the transaction that wrote it, and its id."""

    written_in: int
    event_id: str


def place_of(row: OutboxEvent) -> Place:
    """Return the place just behind an event."""
    return Place(row.written_in, row.id)


def read_feed(uow: UnitOfWork, after: Place | None, limit: int) -> list[OutboxEvent]:
    """Return the next events behind a place, oldest transaction first.

    The stream ends below the oldest transaction still in flight: an event that is written before
    one shown here, and committed later, can therefore not exist.
    """
    oldest_in_flight = cast(
        cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), String), BigInteger
    )
    query = select(OutboxEvent).where(OutboxEvent.written_in < oldest_in_flight)
    if after is not None:
        behind = tuple_(literal(after.written_in, BigInteger), literal(after.event_id))
        query = query.where(tuple_(OutboxEvent.written_in, OutboxEvent.id) > behind)
    ordered = query.order_by(OutboxEvent.written_in, OutboxEvent.id).limit(limit)
    return list(uow.session.scalars(ordered))


def envelope(row: OutboxEvent, source: str) -> dict[str, Any]:
    """Return an event as outsiders are told of it: the members of CloudEvents 1.0."""
    return {
        "specversion": "1.0",
        "id": row.id,
        "source": source,
        "type": row.name,
        "time": row.occurred_at,
        "datacontenttype": "application/json",
        "data": row.data,
        "actorid": row.actor_id,
    }
