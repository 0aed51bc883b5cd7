"""Where somebody goes on to look who has just decided a task: it, its subject, and its orders."""

from collections.abc import Sequence
from dataclasses import dataclass

from builder_ui.portal.task_views import PURCHASE, subject_of
from commerce.orders import queries as orders
from commerce.orders.policy import READ_ORDERS
from commerce.procurement import queries as procurement
from commerce.procurement.policy import READ_PURCHASES
from kernel.errors import NotFound
from kernel.uow import UnitOfWork
from workflow_engine.runtime import queries
from workflow_engine.runtime.task_tables import Task

ORDERS_MAX = 3


@dataclass(frozen=True)
class DecidedTask:
    """A task that was decided, the path of its subject's page, and the first orders it is for."""

    id: str
    subject: str
    path: str | None
    orders: Sequence[tuple[int, str]]


def decided_of(uow: UnitOfWork, task_id: str) -> DecidedTask | None:
    """Return where to look after a decision; None for a task that is not there or still open."""
    if not task_id.replace("_", "").isalnum():
        return None  # Nobody's id, and perhaps nothing that a query can hold.
    try:
        task = queries.task(uow, task_id)
    except NotFound:
        return None
    if task.state == "open":
        return None
    sees = task.subject_kind == PURCHASE and uow.actor.may(READ_PURCHASES)
    return DecidedTask(
        task.id,
        subject_of(uow, task),
        f"purchasing/{task.subject_id}" if sees else None,
        _orders(uow, task) if sees and uow.actor.may(READ_ORDERS) else (),
    )


def _orders(uow: UnitOfWork, task: Task) -> list[tuple[int, str]]:
    bought = procurement.lines_of_some(uow, [task.subject_id])
    lines = orders.some_lines(uow, [each.order_line_id for each in bought if each.order_line_id])
    found = orders.some_orders(uow, [each.order_id for each in lines]).values()
    named = sorted((each.number, f"orders/{each.id}") for each in found)
    return named[:ORDERS_MAX]
