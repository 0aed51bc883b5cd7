"""What the lists of the catalog have in common: filters, sorts, and the place to go on from."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from api.fields import Choice, Fields, Instant, Text
from api.paging import PageFields, after
from commerce.catalog.queries import Filter
from commerce.keyset import PageWish
from kernel.uow import UnitOfWork


class ThingFields(Fields):
    """What every thing of the catalog shows beside what people wrote."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    created_at = Instant(required=True)
    retired_at = Instant(required=True, allow_none=True)


class StateListFields(PageFields):
    """Which page of a list, and whether of things in use."""

    state = Choice("active", "retired", "any", load_default="active")


class NamedListFields(StateListFields):
    """Which things of a list: those whose code or name begins so, and in which order."""

    begins_with = Text(
        load_default="",
        metadata={"description": "The beginning of code or name, whatever case and accents."},
    )
    sort = Choice("created", "code", "name", load_default="created")


def wish_of(uow: UnitOfWork, query: Mapping[str, Any]) -> PageWish:
    """Return where a request wants a list to go on, and how many rows."""
    return PageWish(after(uow, query), query["limit"])


def filter_of(query: Mapping[str, Any]) -> Filter:
    """Return which things a request wants."""
    return Filter(query["begins_with"], query["state"])
