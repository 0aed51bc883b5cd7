"""Purchase orders that several people and processes act on at once."""

from collections.abc import Callable

import pytest

from commerce.procurement import service
from commerce.procurement.errors import (
    AlreadyDelivered,
    ChangedSinceApproval,
    DeliversTooMuch,
    OrderLocked,
    WrongPhase,
)
from commerce.procurement.locking import lock_order, subject_of
from commerce.procurement.tables import PurchaseOrder
from kernel.errors import Refusal
from tests.commerce.purchase_builders import BEA, LEA, WORKFLOW, Desk, a_desk
from tests.commerce.stock_builders import Merchant
from tests.concurrency.racing import race, raised


@pytest.fixture
def desk(acme: Merchant) -> Desk:
    """Acme's purchasing desk."""
    return a_desk(acme)


def sends(desk: Desk, order: PurchaseOrder, number: int = 0) -> Callable[[], None]:
    """Return a workflow's step that sends an order."""
    return lambda: desk.send(order, key=f"send/{number}")


def voids(desk: Desk, order: PurchaseOrder, number: int = 0) -> Callable[[], None]:
    """Return a workflow's step that voids an order."""

    def void() -> None:
        with desk.merchant.work(WORKFLOW) as uow:
            service.void_order(uow, order.id, key=f"void/{number}")

    return void


def test_an_order_is_sent_or_voided_but_never_both(desk: Desk) -> None:
    order = desk.draft()

    outcomes = race([*(sends(desk, order, n) for n in range(3)), *(voids(desk, order, 9),) * 3])

    assert raised(outcomes, Refusal) >= 3
    told = len(desk.events("purchase_order.sent")), len(desk.events("purchase_order.voided"))
    assert told in ((1, 0), (0, 1))
    assert all(isinstance(each, OrderLocked | WrongPhase) for each in outcomes if each is not None)
    assert desk.proves_sound()


def test_one_step_sent_eight_times_at_once_sends_once(desk: Desk) -> None:
    order = desk.draft()

    outcomes = race([sends(desk, order) for _ in range(8)])

    assert raised(outcomes, Refusal) == 0
    assert len(desk.events("purchase_order.sent")) == 1
    assert desk.proves_sound()


def test_an_order_that_changes_while_it_is_sent_is_sent_as_approved_or_not_at_all(
    desk: Desk,
) -> None:
    """The digest is taken under the lock: between check and sending nothing slips in."""
    order = desk.draft()

    def change() -> None:
        with desk.merchant.work(WORKFLOW) as uow:
            held, lines = lock_order(uow, order.id)
            if held.phase == "draft":
                lines[0].quantity = 600
                uow.record("tests.change", subject_of(held))

    outcomes = race([change, sends(desk, order)])

    (line,) = desk.lines(order.id)
    if raised(outcomes, ChangedSinceApproval):
        assert (desk.order(order.id).phase, line.quantity) == ("draft", 600)
    else:
        assert (desk.order(order.id).phase, line.quantity) == ("sent", 6)
    assert desk.proves_sound()


def test_what_stands_at_the_dock_is_received_once(acme: Merchant, desk: Desk) -> None:
    order = desk.draft(12)
    desk.send(order)
    desk.deliver(order, 12)

    def receives(number: int) -> Callable[[], service.Received]:
        return lambda: desk.receive(order, key=f"receive/{number}")

    outcomes = race([receives(number) for number in range(8)])

    assert raised(outcomes, Refusal) == 0
    assert sum(each.quantity for each in outcomes) == 12
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 12}
    assert desk.proves_sound()


def test_deliveries_at_once_never_exceed_what_is_owed(desk: Desk) -> None:
    order = desk.draft(12)
    desk.send(order)

    def delivers(number: int) -> Callable[[], None]:
        return lambda: desk.deliver(order, 5, key=f"deliver/{number}")

    outcomes = race([delivers(number) for number in range(6)])

    assert raised(outcomes, DeliversTooMuch) == 4
    (line,) = desk.lines(order.id)
    assert line.quantity_delivered == 10


def test_goods_come_or_the_order_is_cancelled_but_never_both(desk: Desk) -> None:
    order = desk.draft()
    desk.send(order)

    def cancel() -> None:
        with desk.merchant.work(WORKFLOW) as uow:
            service.cancel_order(uow, order.id, reason="not needed", key="cancel")

    outcomes = race([cancel, lambda: desk.deliver(order, 6)])

    assert raised(outcomes, AlreadyDelivered | WrongPhase) == 1  # type: ignore[arg-type] # A union is fine for isinstance.
    assert desk.proves_sound()


def test_two_approvers_at_once_approve_once(desk: Desk) -> None:
    order = desk.draft(actor=BEA)
    with desk.merchant.work(BEA) as uow:
        service.submit_order(uow, order.id, key="submit")

    def approves(number: int) -> Callable[[], None]:
        def approve() -> None:
            with desk.merchant.work(LEA) as uow:
                service.approve_order(uow, order.id, digest=order.digest, key=f"approve/{number}")

        return approve

    outcomes = race([approves(number) for number in range(4)])

    assert raised(outcomes, WrongPhase) == 3
    assert len(desk.events("purchase_order.approved")) == 1


def test_drafts_at_once_are_numbered_without_gaps(desk: Desk) -> None:
    def drafts(number: int) -> Callable[[], PurchaseOrder]:
        return lambda: desk.draft(key=f"draft/{number}")

    outcomes = race([drafts(number) for number in range(8)])

    assert sorted(each.number for each in outcomes) == list(range(1, 9))
