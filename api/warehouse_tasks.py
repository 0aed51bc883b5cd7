"""`/api/warehouse-tasks`: what is to be done at nodes, the most urgent first."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from api.fields import Choice, Fields, Instant, Text, listed
from api.paging import PageFields, after, page
from api.resource import Resource
from commerce.ids import NodeId
from commerce.keyset import PageWish
from commerce.warehouse import queries, service
from commerce.warehouse.lifecycle import TASK_KINDS, TASK_STATES
from commerce.warehouse.queries import TaskFilter
from commerce.warehouse.tables import WarehouseTask
from kernel.ids import ActorId
from kernel.uow import UnitOfWork

warehouse_tasks = Resource("warehouse-tasks", "What is to be done at nodes, the most urgent first.")


class WarehouseTaskFields(Fields):
    """Work on a fulfilment order; it ends when that is picked, packed or shipped."""

    id = fields.String(required=True)
    kind = Choice(*TASK_KINDS, required=True)
    fulfilment_order_id = fields.String(required=True)
    node_id = fields.String(required=True)
    priority = fields.Integer(required=True)
    state = Choice(*TASK_STATES, required=True)
    assignee_id = fields.String(required=True, allow_none=True)
    made_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)


class WarehouseTaskListFields(PageFields):
    """Which open tasks."""

    node_id = Text(max=40, load_default=None)
    kind = Choice(*TASK_KINDS, load_default=None)


class AssignmentFields(Fields):
    """Who does it; nobody in particular without a name."""

    assignee_id = Text(max=80, load_default=None, allow_none=True)


@warehouse_tasks.operation(
    "GET",
    "",
    "inventory:read",
    query=WarehouseTaskListFields,
    answer=listed(WarehouseTaskFields, "WarehouseTaskPageFields"),
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List the open tasks, the most urgent first."""
    only = TaskFilter(NodeId(query["node_id"]) if query["node_id"] else None, query["kind"])
    found = queries.tasks(uow, PageWish(after(uow, query), query["limit"]), only)
    return page(uow, query, found.rows, found.next_after)


@warehouse_tasks.operation(
    "GET", "/<warehouse_task_id>", "inventory:read", answer=WarehouseTaskFields
)
def show(uow: UnitOfWork, warehouse_task_id: str) -> WarehouseTask:
    """Show a task."""
    return queries.one_task(uow, warehouse_task_id)


@warehouse_tasks.operation(
    "POST",
    "/<warehouse_task_id>/assignment",
    "inventory:write",
    body=AssignmentFields,
    answer=WarehouseTaskFields,
    status=201,
)
def assign(uow: UnitOfWork, warehouse_task_id: str, body: Mapping[str, Any]) -> WarehouseTask:
    """Give an open task to somebody, or back to everybody."""
    assignee = ActorId(body["assignee_id"]) if body["assignee_id"] else None
    return service.assign_task(uow, warehouse_task_id, assignee)


@warehouse_tasks.operation(
    "POST",
    "/<warehouse_task_id>/completion",
    "inventory:write",
    answer=WarehouseTaskFields,
    status=201,
)
def complete(uow: UnitOfWork, warehouse_task_id: str) -> WarehouseTask:
    """Say that units were put away; other tasks end with what they are for."""
    return service.put_away(uow, warehouse_task_id)
