"""The person of the demo who decides: the lead buyer, by one rule, through the portal's verbs.

Rule: a purchase of units that cost more than the customer pays for them is rejected, every other
one is approved.
"""

from sqlalchemy import select

from commerce.orders.tables import SalesOrderLine
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


def decide_open_tasks(runtime: Runtime, merchant: Merchant) -> int:
    """Let the lead buyer decide every task that waits for one; return how many were decided."""
    with runtime.unit_of_work(merchant.tenant_id, FOUNDER) as uow:
        directory = uow.ports.directory
        assert directory is not None, "the front door fills the directory port"
        lead = directory.actor(uow, merchant.lead)
    with runtime.unit_of_work(merchant.tenant_id, lead) as uow:
        waiting = [task.id for task in tasks_for(uow, limit=200)]
    for task_id in waiting:
        _decide(runtime, merchant, lead, task_id)
    return len(waiting)


def _decide(runtime: Runtime, merchant: Merchant, lead: Actor, task_id: str) -> None:
    with runtime.unit_of_work(merchant.tenant_id, lead) as uow:
        task = uow.session.get_one(Task, (uow.tenant_id, task_id))
        if task.state == "open":
            vote(uow, engine_of(uow), task_id, _by_the_rule(uow, task))


def _by_the_rule(uow: UnitOfWork, task: Task) -> Decision:
    bought, sold = uow.session.execute(
        select(PurchaseOrderLine, SalesOrderLine)
        .join(
            SalesOrderLine,
            (SalesOrderLine.tenant_id == PurchaseOrderLine.tenant_id)
            & (SalesOrderLine.id == PurchaseOrderLine.order_line_id),
        )
        .where(PurchaseOrderLine.order_id == task.subject_id)
    ).one()
    # Cost per unit against price per unit, multiplied out so that nothing is rounded.
    if bought.cost_minor * sold.quantity > sold.price_minor * bought.quantity:
        return Decision("reject", TOO_DEAR, task.digest)
    return Decision("approve", None, task.digest)
