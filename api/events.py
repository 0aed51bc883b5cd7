"""`/api/events`: everything that happened in a tenant, in an order that hides nothing."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from api.fields import Fields, Instant, QueryNumber, Text
from api.resource import Resource
from kernel.errors import Malformed
from kernel.feed import Place, envelope, place_of, read_feed
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
    after = query.get("after")
    rows = read_feed(uow, _place_after(uow, after), query["limit"])
    if rows:
        place = place_of(rows[-1])
        written = [str(place.written_in), place.event_id]
        after = current_runtime().cursors.write(uow.tenant_id, _FEED, written)
    tenant = uow.session.get_one(Tenant, uow.tenant_id)
    source = f"{current_runtime().config.public_url}/t/{tenant.slug}"
    return {"data": [envelope(row, source) for row in rows], "after": after}


def _place_after(uow: UnitOfWork, after: str | None) -> Place | None:
    if after is None:
        return None
    place = current_runtime().cursors.read(uow.tenant_id, _FEED, after)
    if len(place) != 2:
        raise Malformed
    return Place(int(place[0]), place[1])
