"""A purchase order is drafted, approved as it stands, sent, delivered and received, or undone."""

from datetime import datetime, timedelta

import pytest

from commerce.procurement import service
from commerce.procurement.contents import days_late, quantity_to_order
from commerce.procurement.errors import (
    AlreadyDelivered,
    ApprovalMissing,
    ChangedSinceApproval,
    DeliversTooMuch,
    NoSupplier,
    OrderLocked,
    RequesterApproves,
    WrongPhase,
)
from commerce.procurement.service import Acknowledgement, Need
from commerce.procurement.tables import PurchaseOrderLine
from kernel.audit import Subject
from kernel.errors import Invalid, NotFound, PermissionMissing
from kernel.money import Money
from tests.commerce.builders import ANA
from tests.commerce.purchase_builders import BEA, LEA, WORKFLOW, Desk, a_desk
from tests.commerce.stock_builders import Merchant
from tests.conftest import MONDAY

IN_A_WEEK = MONDAY + timedelta(days=7)


@pytest.fixture
def desk(acme: Merchant) -> Desk:
    """Acme's purchasing desk."""
    return a_desk(acme)


@pytest.mark.parametrize(
    ("needed", "minimum", "multiple", "ordered"),
    [(1, 1, 1, 1), (1, 6, 6, 6), (7, 6, 6, 12), (12, 6, 6, 12), (5, 10, 4, 12)],
)
def test_an_order_covers_the_need_on_the_suppliers_terms(
    needed: int, minimum: int, multiple: int, ordered: int
) -> None:
    assert quantity_to_order(needed, minimum=minimum, multiple=multiple) == ordered


@pytest.mark.parametrize(("hours", "days"), [(-48, 0), (0, 0), (23, 0), (24, 1), (71, 2)])
def test_lateness_is_counted_in_whole_days_and_never_negative(hours: int, days: int) -> None:
    assert days_late(MONDAY + timedelta(hours=hours), MONDAY) == days


def test_a_draft_says_whom_what_and_how_much_and_who_asked(desk: Desk) -> None:
    order = desk.draft(7)

    (line,) = desk.lines(order.id)
    assert (order.phase, order.number, order.requester_id) == ("draft", 1, "mem_bea")
    assert (line.quantity, line.order_line_id) == (12, "line_1")
    assert order.total == Money.parse("50.40", "EUR")
    assert order.digest.startswith("sha256:")
    assert desk.merchant.buckets(desk.merchant.mug, desk.merchant.berlin) == {}


def test_drafting_twice_with_one_key_drafts_once(desk: Desk) -> None:
    assert desk.draft().id == desk.draft().id
    assert len(desk.events("purchase_order.drafted")) == 1


def test_nobody_sells_lamps(acme: Merchant, desk: Desk) -> None:
    with pytest.raises(NoSupplier), acme.work(WORKFLOW) as uow:
        service.draft_order(uow, Need(acme.lamp, 1, acme.berlin), key="d1")


def test_void_undoes_draft_and_twice_is_once(desk: Desk) -> None:
    order = desk.draft()
    with desk.merchant.work(WORKFLOW) as uow:
        service.void_order(uow, order.id, key="v1")
        service.void_order(uow, order.id, key="v2")

    assert desk.order(order.id).phase == "voided"
    assert len(desk.events("purchase_order.voided")) == 1
    assert desk.proves_sound()


def test_an_order_that_was_sent_is_not_voided(desk: Desk) -> None:
    order = desk.draft()
    desk.send(order)

    with pytest.raises(OrderLocked), desk.merchant.work(WORKFLOW) as uow:
        service.void_order(uow, order.id, key="v1")


def test_what_was_sent_is_incoming_and_cancel_undoes_send(acme: Merchant, desk: Desk) -> None:
    order = desk.draft()
    desk.send(order)
    incoming = acme.buckets(acme.mug, acme.berlin)
    assert desk.proves_sound()

    with acme.work(WORKFLOW) as uow:
        service.cancel_order(uow, order.id, reason="not needed", key="c1")
        service.cancel_order(uow, order.id, reason="not needed", key="c2")

    assert incoming == {"incoming": 6}
    assert acme.buckets(acme.mug, acme.berlin) == {}
    assert desk.order(order.id).phase == "cancelled"
    assert len(desk.events("purchase_order.cancelled")) == 1
    assert desk.proves_sound()


def test_an_order_that_changed_since_its_approval_is_not_sent(acme: Merchant, desk: Desk) -> None:
    """The digest is taken afresh under the order's lock: a changed order never passes."""
    order = desk.draft()
    with acme.work() as uow:
        (line,) = desk.lines(order.id)
        uow.session.get_one(PurchaseOrderLine, (acme.tenant_id, line.id)).quantity = 600
        uow.record("tests.change", Subject("purchase_order", order.id))

    with pytest.raises(ChangedSinceApproval):
        desk.send(order)

    assert desk.order(order.id).phase == "draft"
    assert desk.proves_sound()


def test_an_order_is_not_sent_on_the_approval_of_another(desk: Desk) -> None:
    order, other = desk.draft(), desk.draft(600, key="d2")

    with pytest.raises(ChangedSinceApproval):
        desk.send(order, digest=other.digest)


def test_a_person_sends_only_what_was_approved(acme: Merchant, desk: Desk) -> None:
    order = desk.draft(actor=BEA)

    with pytest.raises(ApprovalMissing), acme.work(BEA) as uow:
        service.send_order(uow, order.id, approved_digest=order.digest, key="s1")


def test_who_asked_does_not_approve_and_another_does(acme: Merchant, desk: Desk) -> None:
    """No path lets the requester approve, not even through the platform acting for them."""
    order = desk.draft(actor=BEA)
    with acme.work(BEA) as uow:
        service.submit_order(uow, order.id, key="p1")
    for requester in (BEA, WORKFLOW):
        with pytest.raises(RequesterApproves), acme.work(requester) as uow:
            service.approve_order(uow, order.id, digest=order.digest, key=f"a/{requester.id}")
    with pytest.raises(ChangedSinceApproval), acme.work(LEA) as uow:
        service.approve_order(uow, order.id, digest="sha256:of something else", key="a2")

    with acme.work(LEA) as uow:
        service.approve_order(uow, order.id, digest=order.digest, key="a3")
    with acme.work(BEA) as uow:
        sent = service.send_order(uow, order.id, approved_digest=order.digest, key="s1")

    assert (sent.phase, sent.approver_id, sent.eta_at) == ("sent", "mem_lea", IN_A_WEEK)
    assert desk.proves_sound()


def test_what_is_delivered_is_in_stock_only_once_it_is_received(acme: Merchant, desk: Desk) -> None:
    order = desk.draft(12)
    desk.send(order)
    desk.deliver(order, 12)
    at_the_dock = acme.buckets(acme.mug, acme.berlin)

    received = desk.receive(order)

    assert at_the_dock == {"incoming": 12}
    assert received == service.Received(12, 0)
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 12}
    assert desk.order(order.id).phase == "received"
    assert desk.proves_sound()


def test_a_delivery_in_two_parts_is_received_in_two_parts(acme: Merchant, desk: Desk) -> None:
    order = desk.draft(12)
    desk.send(order)
    desk.deliver(order, 5)
    first = desk.receive(order)
    half_way = desk.order(order.id).phase
    assert desk.proves_sound()

    desk.deliver(order, 7, key="del2")
    second = desk.receive(order, key="r2")

    assert (first, second) == (service.Received(5, 7), service.Received(7, 0))
    assert (half_way, desk.order(order.id).phase) == ("partially_received", "received")
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 12}
    assert desk.proves_sound()


def test_receiving_twice_receives_once(acme: Merchant, desk: Desk) -> None:
    order = desk.draft()
    desk.send(order)
    desk.deliver(order, 6)
    first = desk.receive(order)

    assert desk.receive(order) == first
    assert desk.receive(order, key="somebody else") == service.Received(0, 0)
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 6}
    assert len(desk.events("purchase_order.received")) == 1


def test_more_than_was_ordered_is_not_taken(desk: Desk) -> None:
    order = desk.draft()
    desk.send(order)
    desk.deliver(order, 4)

    with pytest.raises(DeliversTooMuch) as refused:
        desk.deliver(order, 3, key="del2")

    assert (refused.value.owed, refused.value.delivered) == (2, 3)


def test_an_order_on_which_goods_have_come_is_not_cancelled(acme: Merchant, desk: Desk) -> None:
    order = desk.draft()
    desk.send(order)
    desk.deliver(order, 1)

    with pytest.raises(AlreadyDelivered), acme.work(WORKFLOW) as uow:
        service.cancel_order(uow, order.id, reason="not needed", key="c1")


def test_a_supplier_confirms_less_and_owes_no_more(acme: Merchant, desk: Desk) -> None:
    order = desk.draft(12)
    desk.send(order)
    eta = IN_A_WEEK + timedelta(days=2)

    with acme.work(WORKFLOW) as uow:
        answer = Acknowledgement(eta, confirmed={1: 5})
        service.acknowledge_order(uow, order.id, answer, key="k1")

    assert acme.buckets(acme.mug, acme.berlin) == {"incoming": 5}
    (event,) = desk.events("backorder.eta_updated")
    assert (event["order_line_id"], event["days_late"]) == ("line_1", 2)
    assert _instant(event["eta"]) == eta
    assert desk.proves_sound()


def test_a_supplier_who_will_not_deliver_owes_nothing(acme: Merchant, desk: Desk) -> None:
    order = desk.draft()
    desk.send(order)

    with acme.work(WORKFLOW) as uow:
        service.acknowledge_order(uow, order.id, Acknowledgement(None, "kiln broke"), key="k1")

    assert (desk.order(order.id).phase, desk.order(order.id).reason) == ("rejected", "kiln broke")
    assert acme.buckets(acme.mug, acme.berlin) == {}
    with pytest.raises(WrongPhase):
        desk.deliver(order, 1)
    assert desk.proves_sound()


def test_purchases_need_permission_and_stay_in_their_house(
    acme: Merchant, globex: Merchant, desk: Desk
) -> None:
    order = desk.draft()

    with pytest.raises(PermissionMissing), acme.work(ANA) as uow:
        service.draft_order(uow, desk.need(), key="d2")
    with pytest.raises(PermissionMissing), acme.work(BEA) as uow:
        service.receive_order(uow, order.id, key="r1")
    with pytest.raises(NotFound), globex.work(WORKFLOW) as uow:
        service.send_order(uow, order.id, approved_digest=order.digest, key="s1")
    with pytest.raises(NotFound), globex.work(WORKFLOW) as uow:
        service.draft_order(uow, desk.need(), key="d1")


def test_what_makes_no_sense_is_refused(acme: Merchant, desk: Desk) -> None:
    order = desk.draft()
    desk.send(order)

    with pytest.raises(Invalid):
        desk.draft(0, key="d2")
    with pytest.raises(Invalid):
        desk.deliver(order, 0)
    with pytest.raises(Invalid), acme.work(WORKFLOW) as uow:
        service.cancel_order(uow, order.id, reason="", key="c1")
    with pytest.raises(Invalid), acme.work(WORKFLOW) as uow:
        service.acknowledge_order(uow, order.id, Acknowledgement(None), key="k1")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
