"""`/api/events`: everything that happened in a tenant, in an order that hides nothing."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields
from sqlalchemy import BigInteger, String, cast, func, literal, select, tuple_

from api.fields import Fields, Instant, QueryNumber, Text
from api.resource import Resource
from kernel.errors import Malformed
from kernel.outbox import OutboxEvent
from kernel.paging import LIMIT_DEFAULT, LIMIT_MAX
from kernel.tenancy import Tenant
from kernel.uow import UnitOfWork
from web.request import current_runtime

events = Resource("events", "What happened, as CloudEvents 1.0.")

_FEED = {"list": "/api/events"}


class FeedFields(Fields):
    """Where in the stream to go on."""

    after = Text(
        max=2000,
        metadata={"description": "`after` of an earlier answer; without it, from the beginning."},
    )
    limit = QueryNumber(min=1, max=LIMIT_MAX, load_default=LIMIT_DEFAULT)


class EventFields(Fields):
    """One event: the envelope of CloudEvents 1.0, thin contents."""

    specversion = fields.Constant("1.0", required=True)
    id = fields.String(required=True)
    source = fields.String(required=True)
    type = fields.String(required=True)
    time = Instant(required=True)
    datacontenttype = fields.Constant("application/json", required=True)
    data = fields.Dict(keys=fields.String(), required=True)
    actorid = fields.String(required=True)


class FeedPageFields(Fields):
    """Some events, and where to go on: ask again with this `after`, now or later."""

    data = fields.List(fields.Nested(EventFields), required=True)
    after = fields.String(required=True, allow_none=True)


@events.operation("GET", "", "events:read", query=FeedFields, answer=FeedPageFields)
def read(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """Read events in the order in which they were committed.

    No event is ever added before one that was shown: the stream ends below the oldest
    transaction still in flight. Keep `after` and ask again to see what is new.
    """
    rows = _rows(uow, query.get("after"), query["limit"])
    after = query.get("after")
    if rows:
        place = [str(rows[-1].written_in), rows[-1].id]
        after = current_runtime().cursors.write(uow.tenant_id, _FEED, place)
    tenant = uow.session.get_one(Tenant, uow.tenant_id)
    source = f"{current_runtime().config.public_url}/t/{tenant.slug}"
    return {"data": [_enveloped(row, source) for row in rows], "after": after}


def _rows(uow: UnitOfWork, after: str | None, limit: int) -> list[OutboxEvent]:
    # Every transaction below this one has ended, so nothing can still appear before it.
    oldest_in_flight = cast(
        cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), String), BigInteger
    )
    place = tuple_(OutboxEvent.written_in, OutboxEvent.id)
    query = select(OutboxEvent).where(OutboxEvent.written_in < oldest_in_flight)
    if after is not None:
        query = query.where(place > tuple_(*_place_of(uow, after)))
    ordered = query.order_by(OutboxEvent.written_in, OutboxEvent.id).limit(limit)
    return list(uow.session.scalars(ordered))


def _place_of(uow: UnitOfWork, after: str) -> tuple[Any, Any]:
    place = current_runtime().cursors.read(uow.tenant_id, _FEED, after)
    if len(place) != 2:
        raise Malformed
    return literal(int(place[0]), BigInteger), literal(place[1])


def _enveloped(row: OutboxEvent, source: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "source": source,
        "type": row.name,
        "time": row.occurred_at,
        "data": row.data,
        "actorid": row.actor_id,
    }
