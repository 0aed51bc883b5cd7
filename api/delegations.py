"""`/api/delegations`: who may answer tasks for whom, from when until when."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from api.fields import Choice, Fields, Instant, Text, listed
from api.paging import PageFields, after, page
from api.resource import Resource
from kernel.errors import Malformed
from kernel.uow import UnitOfWork
from workflow_engine.runtime import delegation_queries as queries
from workflow_engine.runtime.delegating import (
    REASON_LENGTH_MAX,
    NewDelegation,
    delegate,
    end_delegation,
)
from workflow_engine.runtime.delegation_tables import DelegationRow

delegations = Resource("delegations", "Who may answer tasks for whom, from when until when.")

KINDS = ("stand_in", "absence")


class NewDelegationFields(Fields):
    """Who is to answer for whom, until when; without `starts_at` from now on."""

    of_id = Text(required=True, max=40)
    to_id = Text(required=True, max=40)
    task_id = Text(
        max=40,
        load_default=None,
        allow_none=True,
        metadata={"description": "Hand this one task on, and no other."},
    )
    kind = Choice(
        *KINDS,
        load_default="stand_in",
        metadata={
            "description": "An absence counts where a workflow lets an absence count by itself."
        },
    )
    reason = Text(max=REASON_LENGTH_MAX, load_default=None, allow_none=True)
    starts_at = Instant(load_default=None, allow_none=True)
    ends_at = Instant(required=True, metadata={"example": "2026-03-09T00:00:00Z"})


class DelegationFields(Fields):
    """A delegation; one that was ended before `ends_at` says when and by whom."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    of_id = fields.String(required=True)
    to_id = fields.String(required=True)
    task_id = fields.String(required=True, allow_none=True)
    kind = Choice(*KINDS, required=True)
    reason = fields.String(required=True, allow_none=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    made_at = Instant(required=True)
    made_by = fields.String(required=True)
    ended_at = Instant(required=True, allow_none=True)
    ended_by = fields.String(required=True, allow_none=True)


class DelegationListFields(PageFields):
    """Which delegations."""

    member_id = Text(
        max=40,
        load_default=None,
        metadata={"description": "Of or to this member."},
    )
    state = Choice("open", "over", load_default=None)


@delegations.operation(
    "GET",
    "",
    "members:read",
    query=DelegationListFields,
    answer=listed(DelegationFields, "DelegationPage"),
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List delegations, the newest first."""
    limit = query["limit"]
    rows = queries.delegations(
        uow,
        member_id=query["member_id"],
        is_over=None if query["state"] is None else query["state"] == "over",
        limit=limit + 1,
        before=_place(after(uow, query)),
    )
    shown = list(rows[:limit])
    return page(uow, query, shown, [shown[-1].id] if len(rows) > limit else None)


@delegations.operation(
    "POST",
    "",
    "members:write",
    body=NewDelegationFields,
    answer=DelegationFields,
    status=201,
    needs_key=True,
    location="/api/delegations/{id}",
)
def create(uow: UnitOfWork, body: Mapping[str, Any]) -> DelegationRow:
    """Let one member answer for another, who is absent or asked for it.

    Nobody's roles change, and the rules of each task decide whether it counts there.
    """
    told = {name: value for name, value in body.items() if name != "kind"}
    return delegate(uow, NewDelegation(**told, absence=body["kind"] == "absence"))


@delegations.operation("GET", "/<delegation_id>", "members:read", answer=DelegationFields)
def show(uow: UnitOfWork, delegation_id: str) -> DelegationRow:
    """Show a delegation."""
    return queries.delegation(uow, delegation_id)


@delegations.operation("DELETE", "/<delegation_id>", "members:write", answer=DelegationFields)
def end(uow: UnitOfWork, delegation_id: str, expected_version: int) -> DelegationRow:
    """End a delegation from now on; it stays to be read. One that is over stays as it is."""
    return end_delegation(uow, delegation_id, expected_version=expected_version)


def _place(values: list[Any] | None) -> str | None:
    if values is None:
        return None
    if len(values) != 1:
        raise Malformed
    return str(values[0])
