"""The workflows of the house at work on real orders and stock, through the composed product."""

from collections.abc import Iterator
from time import sleep

import pytest
from sqlalchemy import select

from commerce.ids import OrderId
from commerce.intelligence.invariants import BUILT
from commerce.inventory.adjustments import one_adjustment, propose_adjustment
from commerce.inventory.invariants import violations
from commerce.orders.service import cancel_order, hold_order, resume_order
from commerce.orders.tables import SalesOrder
from kernel.access import Actor, operator_actor
from kernel.audit import Subject
from kernel.config import Config
from kernel.exceptions import ExceptionCase
from kernel.ids import ActorId
from kernel.runtime import Runtime
from tenants.members import invite
from tenants.provisioning import NewTenant, provision
from tenants.verticals import definition
from tests.commerce.builders import MUG_BLUE, a_sku
from tests.commerce.order_builders import Shop, a_shop, mugs
from tests.commerce.stock_builders import Merchant, a_merchant
from tests.conftest import Cluster
from wareflow import compose
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish
from workflow_engine.runtime.tables import Run
from workflow_engine.runtime.task_tables import Task
from workflow_engine.runtime.voting import Decision, vote

OPERATOR = operator_actor("tests")


@pytest.fixture
def composed(database: Cluster, config: Config) -> Iterator[Runtime]:
    runtime = compose(config)
    yield runtime
    runtime.close()


@pytest.fixture
def acme(composed: Runtime) -> Merchant:
    """Acme as an operator founds it, with nine mugs in Berlin."""
    wanted = NewTenant("acme", "Acme Mugs", "EUR", "UTC", "ada@acme.example", "Ada Able")
    merchant = a_merchant(composed, provision(composed, wanted, OPERATOR))
    merchant.stock(merchant.mug, merchant.berlin, 9)
    return merchant


@pytest.fixture
def shop(acme: Merchant) -> Shop:
    """Acme's own shop."""
    return a_shop(acme)


def adopt(merchant: Merchant, key: str) -> None:
    """Publish a workflow of the house."""
    with merchant.work(OPERATOR) as uow:
        publish(uow, engine_of(uow), definition(key, "EUR"))


def outcomes(merchant: Merchant) -> list[str | None]:
    """Return how each run ended; None for one that has not."""
    with merchant.work(OPERATOR) as uow:
        rows = uow.session.scalars(select(Run).order_by(Run.started_at, Run.id))
        return [row.outcome for row in rows]


def phase(shop: Shop, order_id: OrderId) -> str:
    """Return the phase of an order."""
    with shop.merchant.work(OPERATOR) as uow:
        return uow.session.get_one(SalesOrder, (uow.tenant_id, order_id)).phase


def proves_sound(merchant: Merchant) -> bool:
    """Assert every built invariant, and that no run stands still."""
    with merchant.work(OPERATOR) as uow:
        assert violations(uow, BUILT) == {}
        stopped = select(Run.incident).where(Run.incident.is_not(None))
        assert uow.session.scalars(stopped).all() == []
    return True


def a_person(merchant: Merchant, role: str) -> Actor:
    """Let somebody with a role work here."""
    with merchant.work(OPERATOR) as uow:
        member = invite(uow, f"{role}@acme.example", role, [role])
        member.status = "active"
        uow.record("tests.let_in", Subject("member", member.id))
    with merchant.work(OPERATOR) as uow:
        directory = uow.ports.directory
        assert directory is not None
        return directory.actor(uow, ActorId(member.id))


def tasks(merchant: Merchant) -> list[str]:
    """Return where each task stands, or how it ended."""
    with merchant.work(OPERATOR) as uow:
        rows = uow.session.scalars(select(Task).order_by(Task.opened_at, Task.id))
        return [row.outcome or row.state for row in rows]


def test_with_order_at_once_orders_leave_by_themselves_and_the_rest_follows(
    acme: Merchant, shop: Shop, composed: Runtime
) -> None:
    adopt(acme, "order-at-once")

    first = shop.place(mugs(4), mugs(8))
    composed.drain_all()
    half = shop.outcomes(first)
    acme.stock(acme.mug, acme.berlin, 5, key="delivery")
    composed.drain_all()

    assert half == [("fulfilled", 0), ("backordered", 3)]
    assert phase(shop, first) == "fulfilled"
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 2}
    assert outcomes(acme) == ["fulfilled"]
    assert proves_sound(acme)


def test_with_order_lifecycle_nodes_are_asked_and_a_held_order_is_not(
    acme: Merchant, shop: Shop, composed: Runtime
) -> None:
    adopt(acme, "order-lifecycle")
    order_id = shop.place(mugs(4), mugs(1, sku="TEAPOT"))
    composed.drain_all()
    asked_while_held = shop.events("fulfilment.opened")
    with acme.work(OPERATOR) as uow:
        teapot = a_sku(uow, MUG_BLUE, code="TEAPOT", name="Teapot").id
    acme.stock(teapot, acme.berlin, 1)
    with acme.work(OPERATOR) as uow:
        resume_order(uow, order_id, key="resume")
    composed.drain_all()

    assert asked_while_held == []
    assert [each["units"] for each in shop.events("fulfilment.opened")] == [5]
    with acme.work(OPERATOR) as uow:
        hold_order(uow, order_id, reason="fraud check", key="hold")
    composed.drain_all()
    with acme.work(OPERATOR) as uow:
        cancel_order(uow, order_id, reason="regret", key="cancel")
    composed.drain_all()
    assert outcomes(acme) == ["cancelled"]
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 9}
    assert proves_sound(acme)


def test_a_held_line_asks_a_person_and_ends_when_it_goes_on(
    acme: Merchant, shop: Shop, composed: Runtime
) -> None:
    adopt(acme, "held-order-line")
    a_person(acme, "customer_service")
    order_id = shop.place(mugs(1, sku="TEAPOT"))
    composed.drain_all()
    open_tasks = tasks(acme)
    with acme.work(OPERATOR) as uow:
        a_sku(uow, MUG_BLUE, code="TEAPOT", name="Teapot")
        resume_order(uow, order_id, key="resume")
    composed.drain_all()

    assert (open_tasks, tasks(acme)) == (["open"], ["withdrawn"])
    assert outcomes(acme) == ["resumed"]
    with acme.work(OPERATOR) as uow:
        assert [case.state for case in uow.session.scalars(select(ExceptionCase))] == ["resolved"]
    assert proves_sound(acme)


def test_a_proposed_correction_waits_for_somebody_else(acme: Merchant, composed: Runtime) -> None:
    adopt(acme, "stock-adjustment-approval")
    lea = a_person(acme, "warehouse_lead")
    with acme.work(OPERATOR) as uow:
        shelf = acme.shelf(acme.mug, acme.berlin)
        identity = propose_adjustment(uow, shelf, -4, reason="flood", key="p")
    composed.drain_all()

    with acme.work(OPERATOR) as uow:
        (task,) = uow.session.scalars(select(Task))
        task_id, digest = task.id, task.digest
    with acme.work(lea) as uow:
        vote(uow, engine_of(uow), task_id, Decision("approve", None, digest))
    composed.drain_all()
    with acme.work(OPERATOR) as uow:
        assert one_adjustment(uow, identity).state == "proposed", "it can still be undone"
    sleep(8)
    composed.drain_all()

    with acme.work(OPERATOR) as uow:
        assert one_adjustment(uow, identity).state == "posted"
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}
    assert outcomes(acme) == ["posted"]
    assert proves_sound(acme)
