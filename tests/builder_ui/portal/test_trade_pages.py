"""Orders, stock, purchase orders and runs: what people are shown, and what they are not."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.runtime import Runtime
from tests.builder_ui.portal.conftest import Walker, words
from tests.builder_ui.portal.trading import Trade, a_trade, whole_runtime
from tests.commerce.order_builders import mugs
from tests.conftest import GLOBEX, MONDAY, Cluster
from tests.tenants.conftest import House
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.voting import Decision, vote

Come = Callable[..., Walker]


@pytest.fixture
def runtime(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """Everything composed, over sandboxes in which it stays Monday."""
    composed = whole_runtime(config, clock, starts_at=MONDAY)
    yield composed
    composed.close()


@pytest.fixture
def trade(house: House) -> Trade:
    """ACME, where every mug must be bought first."""
    return a_trade(house.runtime)


@pytest.fixture
def ana(house: House, walker: Come) -> Walker:
    """The administrator of ACME, signed in."""
    house.member("ana@acme.example", "administrator")
    return walker("ana@acme.example")


def decide(trade: Trade, house: House, decision: Decision) -> None:
    """Let Lea answer the only open task, and everything follow that follows by itself."""
    lea = house.member("lea@acme.example", "buyer_lead")
    (task,) = trade.tasks()
    with house.open(actor=lea) as uow:
        vote(uow, engine_of(uow), task.id, replace(decision, digest=task.digest))
    trade.runtime.drain_all()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("orders", "No orders yet"),
        ("stock", "No stock yet"),
        ("purchasing", "No purchase orders yet"),
    ],
)
def test_an_empty_list_says_what_will_be_there(ana: Walker, path: str, told: str) -> None:
    assert told in words(ana.open(path))


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("orders?q=Z-9", "No orders match"),
        ("orders?phase=nonsense", "No orders match"),
        ("orders?channel=nobody", "No orders match"),
        ("orders?q=99999999999999999999", "No orders match"),
        ("stock?q=LAMP", "No levels match"),
        ("stock?node=nowhere", "No levels match"),
        ("purchasing?q=77", "No purchase orders match"),
        ("purchasing?q=seven", "No purchase orders match"),
        ("purchasing?phase=voided", "No purchase orders match"),
    ],
)
def test_a_list_that_is_narrowed_to_nothing_offers_to_clear(
    trade: Trade, ana: Walker, path: str, told: str
) -> None:
    trade.order()

    page = words(ana.open(path))

    assert told in page
    assert "Clear all filters" in page


@pytest.mark.parametrize("searched", ["1", "A-", "A-1", ""])
def test_orders_are_found_by_number_and_by_the_channel_s_number(
    trade: Trade, ana: Walker, searched: str
) -> None:
    trade.order("A-1")

    page = ana.open(f"orders?q={searched}")

    assert page.text.count("data-row-link") == 1
    assert "A-1" in words(page)


def test_orders_are_turned_both_ways(trade: Trade, ana: Walker, house: House) -> None:
    for number in range(53):
        trade.shop.place(number=f"A-{number}")

    first = ana.open("orders").text
    forwards = re.search(r'id="page-next" href="([^"]+)"', first)
    assert forwards is not None
    second = ana.open(forwards[1].replace("&amp;", "&")).text
    backwards = re.search(r'id="page-previous" href="([^"]+)"', second)
    assert backwards is not None

    assert (first.count("data-row-link"), second.count("data-row-link")) == (50, 3)
    assert ana.open(backwards[1].replace("&amp;", "&")).text.count("data-row-link") == 50


def test_an_order_tells_what_became_of_each_line_and_why(
    trade: Trade, ana: Walker, house: House
) -> None:
    order_id = trade.order(quantity=2)
    waiting = words(ana.open(f"orders/{order_id}"))
    (purchase,) = trade.purchases()
    (task,) = trade.tasks()
    decide(trade, house, Decision("approve"))
    trade.desk.deliver(purchase, 6)
    trade.runtime.drain_all()
    served = words(ana.open(f"orders/{order_id}"))

    assert "Backordered" in waiting
    assert "2 short" in waiting
    assert "Purchase order 1" in waiting
    assert "Line 1, MUG-BLUE: Buy what is missing" in waiting
    assert "Now: Waiting for an approval" in waiting
    assert f"{task.title}: approved" in served
    assert "· Lea" in served
    assert "2 from Warehouse Berlin committed" in served
    assert "Now: Served" in served
    assert "Finished" in served


def test_a_refused_purchase_shows_the_reason_on_the_order(
    trade: Trade, ana: Walker, house: House
) -> None:
    order_id = trade.order()
    decide(trade, house, Decision("reject", "Too dear."))

    page = words(ana.open(f"orders/{order_id}"))

    assert "rejected Too dear." in page
    assert "Buying it was not approved." in page
    assert "Cancelled" in page


def test_of_many_runs_one_is_told_at_a_time(trade: Trade, ana: Walker) -> None:
    order_id = trade.shop.place(mugs(1), mugs(2), mugs(3), mugs(4))
    trade.runtime.drain_all()

    page = ana.open(f"orders/{order_id}")
    links = re.findall(r'href="(/t/acme/orders/ord_\w+\?run=run_\w+)"', page.text)
    chosen = ana.open(links[2])

    assert len(links) == 4
    assert page.text.count("Drafting the purchase order") == 0
    assert "Draft a purchase order" in words(chosen)
    assert chosen.text.count('aria-current="true"') == 1


def test_an_order_without_a_workflow_says_so(trade: Trade, ana: Walker) -> None:
    trade.shop.merchant.stock(trade.shop.merchant.mug, trade.shop.merchant.berlin, 5)

    page = words(ana.open(f"orders/{trade.order(quantity=2)}"))

    assert "No workflow was needed for this order." in page
    assert "2 from Warehouse Berlin committed" in page


def test_a_position_tells_its_promise_its_ledger_and_who_waits(trade: Trade, ana: Walker) -> None:
    merchant = trade.shop.merchant
    merchant.stock(merchant.mug, merchant.berlin, 5)
    served = trade.order("A-1", quantity=4)
    trade.order("A-2", quantity=3)

    listed = words(ana.open("stock"))
    page = ana.open(f"stock/{merchant.mug}")
    told = words(page)

    assert "MUG-BLUE BERLIN 0 5" in listed
    assert "BERLIN 5 0 0 -5 0 0 0" in told
    assert "Order 2, line 1 Warehouse Berlin 2" in told
    assert "Opening opening" in told
    assert f'href="/t/acme/orders/{served}"' in page.text
    assert "Available → Committed" in told


def test_a_ledger_goes_on_before_its_oldest_row(trade: Trade, ana: Walker) -> None:
    merchant = trade.shop.merchant
    for number in range(51):
        merchant.stock(merchant.mug, merchant.berlin, 1, key=f"opening-{number}")

    page = ana.open(f"stock/{merchant.mug}")
    older = re.search(r'id="page-next" href="([^"]+)"', page.text)
    assert older is not None

    assert "Movements 2 to 51" in words(page)
    assert "Opening opening-0" in words(ana.open(older[1].replace("&amp;", "&")))


def test_a_sku_that_never_was_in_stock_says_so(trade: Trade, ana: Walker) -> None:
    assert "Never in stock" in words(ana.open(f"stock/{trade.shop.merchant.lamp}"))


def test_a_purchase_order_tells_its_purpose_approval_and_progress(
    trade: Trade, ana: Walker, house: House
) -> None:
    trade.order()
    (purchase,) = trade.purchases()
    before = words(ana.open(f"purchasing/{purchase.id}"))
    decide(trade, house, Decision("approve"))
    after = words(ana.open(f"purchasing/{purchase.id}"))

    assert "Waits for an answer" in before
    assert "Order 1 , line 1: 2 × MUG-BLUE for Carla (basic)" in before
    assert "Lea approved" in after
    assert "Sent" in after
    assert "Purchase order" in words(ana.open("purchasing?q=1"))


def test_a_run_tells_where_it_stands_and_what_it_waits_for(
    trade: Trade, ana: Walker, house: House
) -> None:
    order_id = trade.order()
    (task,) = trade.tasks()
    asking = ana.open(f"runs/{task.run_id}")
    decide(trade, house, Decision("approve"))
    waiting = words(ana.open(f"runs/{task.run_id}"))

    assert "People: Approve purchase order" in words(asking)
    assert "Version 1" in words(asking)
    assert "Caused by Wareflow (shop)" in words(asking)
    assert f'href="/t/acme/orders/{order_id}"' in asking.text
    assert "Now at On order" in waiting
    assert "A time: " in waiting
    assert 'Rule t_large applied: context.po.total > money("20.00","EUR")' in waiting
    assert "Rule t_approved applied" in waiting


def test_a_long_story_goes_on(trade: Trade, ana: Walker) -> None:
    trade.order()
    (task,) = trade.tasks()

    page = words(ana.open(f"runs/{task.run_id}?after=1"))

    assert "Started" not in page.split("What happened")[1]
    assert "Draft a purchase order" in page


def test_links_lead_only_where_somebody_may_go(
    trade: Trade, house: House, ana: Walker, walker: Come
) -> None:
    ana.send("roles", key="clerk", name="Clerk", description="", permissions=["orders:read"])
    house.member("cleo@acme.example", "clerk")
    cleo = walker("cleo@acme.example")
    order_id = trade.order()

    page = cleo.open(f"orders/{order_id}").text

    for closed in ("/stock/", "/purchasing/", "/runs/", "/audit", "/tasks"):
        assert f'href="/t/acme{closed}' not in page
    assert "Line 1, MUG-BLUE" in page


def test_two_tenants_see_their_own_orders_stock_and_purchases(
    trade: Trade, ana: Walker, house: House, walker: Come
) -> None:
    trade.order("ACME-1")
    theirs = a_trade(house.runtime, GLOBEX)
    merchant = theirs.shop.merchant
    merchant.stock(merchant.lamp, merchant.oslo, 7)
    theirs.order("GLOBEX-1")
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)
    gus = walker("gus@globex.example", "globex")

    seen = {
        (who.slug, path): words(who.open(path))
        for who in (ana, gus)
        for path in ("orders", "stock", "purchasing")
    }

    assert "ACME-1" in seen["acme", "orders"]
    assert "GLOBEX-1" not in seen["acme", "orders"]
    assert "GLOBEX-1" in seen["globex", "orders"]
    assert "ACME-1" not in seen["globex", "orders"]
    assert "LAMP-RED OSLO 7" in seen["globex", "stock"]
    assert "LAMP-RED" not in seen["acme", "stock"]
    assert ana.open("purchasing").text.count("data-row-link") == 1
    assert gus.open("purchasing").text.count("data-row-link") == 1


def test_planted_markup_in_an_order_is_only_text(trade: Trade, ana: Walker) -> None:
    planted = "<svg onload=alert(1)>"
    order_id = trade.order(planted)

    for path in ("orders", f"orders/{order_id}", f"orders?q={planted}", "purchasing?q=<svg>"):
        assert "<svg onload" not in ana.open(path).text
        assert "<svg>" not in ana.open(path).text
