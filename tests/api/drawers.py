"""A resource of the tests: drawers with a name, a price and a number of spoons.

It is built like any other resource, on rows that the kernel has anyway, so that what the house
does around every view is proved before and apart from the departments.
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields
from sqlalchemy import select

from api.fields import Amount, Fields, Instant, Text, Whole, listed
from api.paging import PageFields, after, page
from api.resource import Resource
from kernel.audit import Subject
from kernel.canonical import to_json
from kernel.errors import NotFound, StaleWrite
from kernel.settings import Setting
from kernel.uow import UnitOfWork

drawers = Resource("drawers", "Drawers of a cupboard.")


class NewDrawerFields(Fields):
    """What a drawer is made of."""

    name = Text(required=True, max=50)
    spoons = Whole(required=True, max=1000)
    price = Amount()
    counted_at = Instant()


class DrawerFields(NewDrawerFields):
    """A drawer as it is shown."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)


class SomeDrawersFields(PageFields):
    """Which drawers are wanted."""

    name = Text(max=50)


@drawers.operation("GET", "", "settings:read", query=SomeDrawersFields,
                   answer=listed(DrawerFields, "DrawerPageFields"))  # fmt: skip
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List drawers."""
    statement = select(Setting).order_by(Setting.key).limit(query["limit"] + 1)
    place = after(uow, query)
    if place is not None:
        statement = statement.where(Setting.key > place[0])
    rows = list(uow.session.scalars(statement))
    more = [rows[query["limit"] - 1].key] if len(rows) > query["limit"] else None
    return page(uow, query, [_shown(row) for row in rows[: query["limit"]]], more)


@drawers.operation("POST", "", "settings:write", body=NewDrawerFields, answer=DrawerFields,
                   status=201, location="/api/drawers/{id}")  # fmt: skip
def add(uow: UnitOfWork, body: Mapping[str, Any]) -> dict[str, Any]:
    """Add a drawer."""
    row = Setting(
        tenant_id=uow.tenant_id,
        scope_id="cupboard",
        key=uow.new_id("drw"),
        value=to_json(body),
        locked=False,
    )
    uow.session.add(row)
    uow.session.flush()
    uow.record("drawer.add", Subject("drawer", row.key, row.version))
    return _shown(row)


@drawers.operation("GET", "/<drawer_id>", "settings:read", answer=DrawerFields)
def show(uow: UnitOfWork, drawer_id: str) -> dict[str, Any]:
    """Show a drawer."""
    return _shown(_drawer(uow, drawer_id))


@drawers.operation("PATCH", "/<drawer_id>", "settings:write", body=NewDrawerFields,
                   answer=DrawerFields)  # fmt: skip
def change(
    uow: UnitOfWork, drawer_id: str, body: Mapping[str, Any], expected_version: int
) -> dict[str, Any]:
    """Change a drawer."""
    row = _drawer(uow, drawer_id)
    if row.version != expected_version:
        raise StaleWrite(expected_version, row.version)
    row.value = {**row.value, **to_json(body)}
    uow.record("drawer.change", Subject("drawer", row.key, row.version))
    return _shown(row)


@drawers.operation("POST", "/<drawer_id>/count", "settings:write", needs_key=True, status=204)
def count(uow: UnitOfWork, drawer_id: str) -> None:
    """Put one more spoon into a drawer."""
    row = _drawer(uow, drawer_id)
    row.value = {**row.value, "spoons": row.value["spoons"] + 1}
    uow.record("drawer.count", Subject("drawer", row.key))


def _drawer(uow: UnitOfWork, drawer_id: str) -> Setting:
    row = uow.session.get(Setting, (uow.tenant_id, "cupboard", drawer_id))
    if row is None:
        raise NotFound("drawer", drawer_id)
    return row


def _shown(row: Setting) -> dict[str, Any]:
    kept = NewDrawerFields().load(row.value)
    return {"id": row.key, "version": row.version, **kept}
