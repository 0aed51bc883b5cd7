"""`/api/members`: who works for the tenant, and in which roles."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from api.fields import Choice, Fields, Instant, Text, listed
from api.paging import PageFields, after, page
from api.resource import Resource
from kernel.uow import UnitOfWork
from tenants.member_queries import SORTS, MemberQuery, MemberView, find_members, member_view

members = Resource("members", "Who works for the tenant, and in which roles.")

STATUSES = ("invited", "active", "deactivated")


class MemberFields(Fields):
    """A member as it is shown."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    status = Choice(*STATUSES, required=True)
    roles = fields.List(fields.String(), required=True)
    manager_id = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    deactivated_at = Instant(required=True, allow_none=True)


class MemberListFields(PageFields):
    """Which members, and in which order."""

    text = Text(max=200, load_default="", metadata={"description": "Part of a name or an address."})
    status = Choice(*STATUSES, load_default=None)
    role = Text(max=60, load_default=None, metadata={"description": "The key of a role."})
    sort = Choice(*SORTS, load_default="name")


@members.operation(
    "GET", "", "members:read", query=MemberListFields, answer=listed(MemberFields, "MemberPage")
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List members."""
    wanted = MemberQuery(query["text"], query["status"], query["role"], query["sort"])
    rows, more = find_members(uow, wanted, after=after(uow, query), limit=query["limit"])
    return page(uow, query, rows, more)


@members.operation("GET", "/<member_id>", "members:read", answer=MemberFields)
def show(uow: UnitOfWork, member_id: str) -> MemberView:
    """Show a member."""
    return member_view(uow, member_id)
