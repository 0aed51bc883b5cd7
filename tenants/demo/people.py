"""The person of the demo who decides: the lead buyer, by one rule, through the portal's verbs.

Rule: a purchase of units that cost more than the customer pays for them is rejected, every other
one is approved. Approvals come first. A rejection frees what its line already had for others, so
it waits until everything else is done, and everything waits for it.
"""

from dataclasses import dataclass

from sqlalchemy import select

from commerce.orders.tables import SalesOrder, SalesOrderLine
from commerce.procurement.tables import PurchaseOrderLine
from kernel.access import Actor
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from tenants.demo.founding import FOUNDER, Merchant
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.queries import tasks_for
from workflow_engine.runtime.task_tables import Task
from workflow_engine.runtime.voting import Decision, vote

TOO_DEAR = "It costs more than the customer pays for it."


@dataclass(frozen=True)
class _Open:
    """A task, where it stands in the order of decisions, and what the rule says."""

    place: tuple[str, int]
    task_id: str
    decision: Decision


def decide_open_tasks(runtime: Runtime, merchant: Merchant) -> int:
    """Let the lead buyer approve what can be, else reject one; return how many were decided."""
    with runtime.unit_of_work(merchant.tenant_id, FOUNDER) as uow:
        directory = uow.ports.directory
        assert directory is not None, "the front door fills the directory port"
        lead = directory.actor(uow, merchant.lead)
    with runtime.unit_of_work(merchant.tenant_id, lead) as uow:
        waiting = sorted(
            (_judged(uow, task) for task in tasks_for(uow, limit=200)), key=lambda each: each.place
        )
    approved = [each for each in waiting if each.decision.answer == "approve"]
    decided = approved or waiting[:1]
    for each in decided:
        _decide(runtime, merchant, lead, each)
    return len(decided)


def _decide(runtime: Runtime, merchant: Merchant, lead: Actor, chosen: _Open) -> None:
    with runtime.unit_of_work(merchant.tenant_id, lead) as uow:
        task = uow.session.get_one(Task, (uow.tenant_id, chosen.task_id))
        if task.state == "open":
            vote(uow, engine_of(uow), chosen.task_id, chosen.decision)


def _judged(uow: UnitOfWork, task: Task) -> _Open:
    bought, sold, order = uow.session.execute(
        select(PurchaseOrderLine, SalesOrderLine, SalesOrder)
        .join(
            SalesOrderLine,
            (SalesOrderLine.tenant_id == PurchaseOrderLine.tenant_id)
            & (SalesOrderLine.id == PurchaseOrderLine.order_line_id),
        )
        .join(
            SalesOrder,
            (SalesOrder.tenant_id == SalesOrderLine.tenant_id)
            & (SalesOrder.id == SalesOrderLine.order_id),
        )
        .where(PurchaseOrderLine.order_id == task.subject_id)
    ).one()
    place = (order.external_id, sold.position)
    # Cost per unit against price per unit, multiplied out so that nothing is rounded.
    if bought.cost_minor * sold.quantity > sold.price_minor * bought.quantity:
        return _Open(place, task.id, Decision("reject", TOO_DEAR, task.digest))
    return _Open(place, task.id, Decision("approve", None, task.digest))
