"""The tasks that a fulfilment order makes, one after the other, and who takes them."""

from sqlalchemy import select

from commerce.inventory.policy import WRITE_STOCK
from commerce.rows import locked
from commerce.warehouse.errors import NotInThisStatus
from commerce.warehouse.lifecycle import TaskKind, TaskState
from commerce.warehouse.tables import FulfilmentOrder, WarehouseTask
from kernel.audit import Subject
from kernel.ids import ActorId
from kernel.uow import UnitOfWork


def make_task(uow: UnitOfWork, fulfilment: FulfilmentOrder, kind: TaskKind) -> None:
    """Ask people at the node of a locked fulfilment order for work."""
    uow.session.add(
        WarehouseTask(
            tenant_id=uow.tenant_id,
            id=uow.new_id("wtk"),
            kind=kind,
            fulfilment_order_id=fulfilment.id,
            node_id=fulfilment.node_id,
            priority=fulfilment.priority,
            state="open",
            made_at=uow.now,
        )
    )


def end_tasks(
    uow: UnitOfWork, fulfilment: FulfilmentOrder, state: TaskState, *kinds: TaskKind
) -> None:
    """End the open tasks of these kinds; none where there are none."""
    tasks = uow.session.scalars(
        select(WarehouseTask).where(
            WarehouseTask.fulfilment_order_id == fulfilment.id,
            WarehouseTask.kind.in_(kinds),
            WarehouseTask.state == "open",
        )
    )
    for task in tasks:
        task.state, task.ended_at, task.ended_by = state, uow.now, uow.actor.id


def assign_task(uow: UnitOfWork, task_id: str, assignee_id: ActorId | None) -> WarehouseTask:
    """Give an open task to somebody, or back to everybody; twice is once."""
    uow.actor.must(WRITE_STOCK)
    task = _open_task(uow, task_id)
    if task.assignee_id != assignee_id:
        task.assignee_id = assignee_id
        uow.record("warehouse.assign_task", Subject("warehouse_task", task.id))
    return task


def put_away(uow: UnitOfWork, task_id: str) -> WarehouseTask:
    """Say that units which nobody wants any more are back on their shelf; twice is once."""
    uow.actor.must(WRITE_STOCK)
    task = locked(uow, WarehouseTask, "warehouse_task", task_id)
    if task.kind != "put_away" or task.state == "cancelled":
        raise NotInThisStatus(task.fulfilment_order_id, f"{task.kind} {task.state}")
    if task.state == "open":
        task.state, task.ended_at, task.ended_by = "done", uow.now, uow.actor.id
        uow.record("warehouse.put_away", Subject("warehouse_task", task.id))
    return task


def _open_task(uow: UnitOfWork, task_id: str) -> WarehouseTask:
    task = locked(uow, WarehouseTask, "warehouse_task", task_id)
    if task.state != "open":
        raise NotInThisStatus(task.fulfilment_order_id, f"{task.kind} {task.state}")
    return task
