"""The simulated supplier answers by a rule, in the sandbox's own time."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from commerce.orders.waiting import SERVE_WAITING
from commerce.procurement import service
from commerce.procurement.asking import Answer
from commerce.procurement.errors import AlreadyAnswered, NoSupplier
from commerce.procurement.simulated_supplier import (
    SUPPLIER_LISTENS,
    next_answer_due,
    supplier_speaks,
)
from commerce.procurement.supplier_rule import (
    REST_FOLLOWS_AFTER,
    Delivery,
    Facts,
    confirmation,
    deliveries,
    reply_to_question,
)
from commerce.procurement.tables import PurchaseOrder, SupplierRequest
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.ports import Ports
from kernel.runtime import Runtime
from kernel.tenancy import move_clock
from tests.commerce.order_builders import Shop, a_shop, mugs
from tests.commerce.purchase_builders import WORKFLOW, Desk, a_desk
from tests.commerce.stock_builders import Merchant
from tests.conftest import ACME, GLOBEX, MONDAY, Cluster, found_tenant

WEEK = timedelta(days=7)
# MONDAY is nine in the morning: the supplier's next office hours.
OFFICE_HOURS = [MONDAY.replace(hour=15) + timedelta(days=days) for days in (0, 2, 4)]


def facts(number: int, quantity: int = 6) -> Facts:
    """Spell a question or order of one line."""
    return Facts("POTTERY", [f"MUG-{number}"], [quantity], MONDAY)


def delivered(ordered: Facts) -> list[Delivery]:
    """Let an order that was confirmed whole be delivered from a week later on."""
    whole = dict(enumerate(ordered.quantities, start=1))
    return deliveries(ordered, whole, MONDAY + WEEK)


def test_the_same_facts_always_get_the_same_answer() -> None:
    assert reply_to_question(facts(1), WEEK) == reply_to_question(facts(1), WEEK)
    assert confirmation(facts(1)) == confirmation(facts(1))
    assert delivered(facts(1)) == delivered(facts(1))


def test_the_shares_are_those_the_rule_states() -> None:
    """Over 4,000 questions and orders: 8 % no, 10 % very late, 20 % late; 3 % turned down, 5 %
    confirmed short; 10 % in two parts."""
    replies = [reply_to_question(facts(number), WEEK) for number in range(4000)]
    confirmed = [confirmation(facts(number)).confirmed for number in range(4000)]
    came = [delivered(facts(number)) for number in range(4000)]

    late = Counter((reply.eta - MONDAY - WEEK).days for reply in replies if reply.eta)
    no = sum(reply.eta is None for reply in replies)
    assert 260 <= no <= 380
    assert 310 <= sum(units for days, units in late.items() if days >= 4) <= 430
    assert 640 <= sum(late[days] for days in (1, 2, 3)) <= 840
    assert max(late) <= 14
    assert 90 <= confirmed.count(None) <= 150
    assert 155 <= confirmed.count({1: 3}) <= 240
    assert 330 <= sum(len(parts) == 2 for parts in came) <= 470


def test_a_yes_comes_in_an_office_hour_and_a_no_by_telephone() -> None:
    for number in range(500):
        reply, answer = reply_to_question(facts(number), WEEK), confirmation(facts(number))
        if reply.eta is None:
            assert timedelta(hours=2) <= reply.at - MONDAY <= timedelta(hours=48)
        else:
            assert reply.at in OFFICE_HOURS
            assert reply.at - MONDAY >= timedelta(hours=2)
        assert answer.confirmed is None or answer.at in OFFICE_HOURS


def test_goods_come_by_the_lorry_and_never_before_their_day() -> None:
    for number in range(500):
        for part in delivered(facts(number, quantity=7)):
            assert (part.at.weekday() in (1, 4), part.at.hour) == (True, 13)
            assert part.at >= MONDAY + WEEK


def test_parts_of_a_delivery_sum_to_the_whole() -> None:
    for number in range(500):
        parts = delivered(facts(number, quantity=7))
        assert sum(part.quantities.get(1, 0) for part in parts) == 7
        assert [part.at - parts[0].at for part in parts[1:]] in ([], [REST_FOLLOWS_AFTER])


def test_one_unit_never_comes_in_two() -> None:
    assert {len(delivered(facts(number, quantity=1))) for number in range(500)} == {1}


@pytest.fixture
def runtime(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """Acme as a sandbox in its own time, Globex as a live tenant; both with everything wired."""
    composed = Runtime(
        config,
        ports=Ports(),
        consumers=[SERVE_WAITING, SUPPLIER_LISTENS],
        sources=lambda open_unit: [supplier_speaks(open_unit)],
        clock=clock,
    )
    found_tenant(composed, ACME, "Acme Mugs", starts_at=MONDAY)
    found_tenant(composed, GLOBEX, "Globex Grocery")
    yield composed
    composed.close()


@pytest.fixture
def desk(acme: Merchant) -> Desk:
    """Acme's purchasing desk."""
    return a_desk(acme)


def run_until_quiet(merchant: Merchant) -> None:
    """Do what is due, move the clock to the next answer, and again, until nobody answers."""
    merchant.runtime.drain_all()
    while True:
        with merchant.work() as uow:
            due = next_answer_due(uow)
            if due is None:
                return
            move_clock(uow, max(due, uow.now))
        merchant.runtime.drain_all()


def ask(desk: Desk, quantity: int = 6, *, key: str = "q1") -> str:
    """Ask the pottery for mugs."""
    with desk.merchant.work(WORKFLOW) as uow:
        need = desk.need()
        return service.ask_supplier(
            uow, desk.supplier_id, need.sku_id, quantity, order_line_id=need.order_line_id, key=key
        )


def request(desk: Desk, request_id: str) -> SupplierRequest:
    """Read a request."""
    with desk.merchant.work() as uow:
        return uow.session.get_one(SupplierRequest, (desk.merchant.tenant_id, request_id))


def test_a_question_is_answered_when_the_sandboxs_clock_passes(desk: Desk) -> None:
    request_id = ask(desk)
    desk.merchant.runtime.drain_all()
    assert request(desk, request_id).state == "asked", "nobody answers before their time"

    run_until_quiet(desk.merchant)

    answered = request(desk, request_id)
    expected = reply_to_question(Facts("POTTERY", ["MUG-BLUE"], [6], MONDAY), WEEK)
    assert (answered.state, answered.eta_at) == ("confirmed", expected.eta)
    assert answered.answered_at == expected.at
    (event,) = desk.events("supplier.answered")
    assert (event["order_line_id"], event["outcome"]) == ("line_1", "confirmed")
    assert len(desk.events("backorder.eta_updated")) == 1


def test_an_order_is_acknowledged_delivered_received_and_serves_who_waits(
    acme: Merchant, desk: Desk
) -> None:
    """From a backordered line to its units, with nobody but the simulated supplier outside."""
    shop: Shop = a_shop(acme)
    waiting = shop.place(mugs(5))
    order = desk.draft(5)
    desk.send(order)

    run_until_quiet(acme)
    desk.receive(order)
    acme.runtime.drain_all()

    bought: PurchaseOrder = desk.order(order.id)
    assert (bought.phase, bought.acknowledged_at is not None) == ("received", True)
    assert shop.outcomes(waiting) == [("allocated", 0)]
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 1, "committed": 5}
    assert desk.proves_sound()


def test_an_answer_nobody_waits_for_any_more_is_dropped(desk: Desk) -> None:
    request_id = ask(desk)
    order = desk.draft()
    desk.send(order)
    with desk.merchant.work(WORKFLOW) as uow:
        service.withdraw_request(uow, request_id, key="w1")
        service.cancel_order(uow, order.id, reason="not needed", key="c1")

    run_until_quiet(desk.merchant)

    assert request(desk, request_id).state == "withdrawn"
    assert desk.order(order.id).phase == "cancelled"
    assert desk.proves_sound()


def test_a_live_tenant_never_meets_the_simulated_supplier(globex: Merchant) -> None:
    desk = a_desk(globex)
    request_id = ask(desk)
    globex.runtime.drain_all()

    with globex.work() as uow:
        assert next_answer_due(uow) is None
    assert request(desk, request_id).state == "asked"


def test_a_question_is_answered_once(desk: Desk) -> None:
    request_id = ask(desk)
    no = Answer(None, "kiln broke")
    with desk.merchant.work(WORKFLOW) as uow:
        service.record_supplier_answer(uow, request_id, no, key="a1")

    with pytest.raises(AlreadyAnswered), desk.merchant.work(WORKFLOW) as uow:
        service.record_supplier_answer(uow, request_id, no, key="a2")

    (event,) = desk.events("supplier.answered")
    assert (event["outcome"], event["reason"], event["eta"]) == ("rejected", "kiln broke", None)
    assert desk.events("backorder.eta_updated") == []


def test_only_who_sells_it_is_asked(acme: Merchant, desk: Desk) -> None:
    with pytest.raises(NoSupplier), acme.work(WORKFLOW) as uow:
        service.ask_supplier(uow, desk.supplier_id, acme.lamp, 1, key="q1")
