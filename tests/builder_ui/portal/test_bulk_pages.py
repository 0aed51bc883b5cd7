"""One action over many orders reaches each once; what is refused is told and leaves the others."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from commerce.orders.service import hold_order
from commerce.orders.tables import SalesOrder
from tests.builder_ui.portal.conftest import Walker, words
from tests.builder_ui.portal.trading import Trade, a_trade
from tests.commerce.order_builders import mugs
from tests.conftest import GLOBEX
from tests.tenants.conftest import House

Come = Callable[..., Walker]


@pytest.fixture
def trade(house: House) -> Trade:
    """ACME with forty-five orders over lamps that are there."""
    made = a_trade(house.runtime)
    made.shop.merchant.stock(made.shop.merchant.lamp, made.shop.merchant.oslo, 100)
    for number in range(1, 46):
        made.shop.place(mugs(1, sku="LAMP-RED"), number=f"A-{number}")
    return made


@pytest.fixture
def carl(house: House, walker: Come) -> Walker:
    """Somebody of customer service, signed in."""
    house.member("carl@acme.example", "customer_service")
    return walker("carl@acme.example")


def phases(trade: Trade) -> dict[int, str]:
    with trade.shop.merchant.work() as uow:
        rows = uow.session.execute(select(SalesOrder.number, SalesOrder.phase))
        return {int(number): phase for number, phase in rows}


def ids(trade: Trade, *numbers: int) -> list[str]:
    with trade.shop.merchant.work() as uow:
        wanted = select(SalesOrder.id).where(SalesOrder.number.in_(numbers))
        return [str(each) for each in uow.session.scalars(wanted.order_by(SalesOrder.number))]


def test_all_that_match_but_one_are_held_over_several_steps(trade: Trade, carl: Walker) -> None:
    """P4: n - 1 changed."""
    (spared,) = ids(trade, 7)

    answer = carl.send(
        "orders/bulk", action="stop", kind="hold", reason="Stocktaking.",
        all_matching="yes", phase="allocated", **{"except": spared},
    )  # fmt: skip
    trade.runtime.drain_all()

    assert phases(trade) == {
        number: "allocated" if number == 7 else "held" for number in range(1, 46)
    }
    assert "44 done, 0 refused, of 44 asked by Carl." in words(carl.open(answer.location))


@pytest.mark.parametrize(
    ("query", "matching"),
    [
        pytest.param("", 45, id="nothing narrowed"),
        pytest.param("?q=A-1", 11, id="a search"),
        pytest.param("?phase=held", None, id="no order"),
    ],
)
def test_as_many_match_as_the_filter_lets_through(
    trade: Trade, carl: Walker, query: str, matching: int | None
) -> None:
    page = carl.open(f"orders{query}").text

    assert (f'data-matching="{matching}"' in page) == (matching is not None)


def test_an_order_that_is_refused_is_told_and_the_others_are_done(
    trade: Trade, carl: Walker
) -> None:
    """P2, for orders: nothing half done."""
    first, second, third = ids(trade, 1, 2, 3)
    with trade.shop.merchant.work() as uow:
        hold_order(uow, second, reason="fraud check", key="h1")  # type: ignore[arg-type]

    answer = carl.send(
        "orders/bulk", action="stop", kind="hold", reason="Stocktaking.", id=[first, second, third]
    )
    trade.runtime.drain_all()
    page = carl.open(answer.location)
    report = carl.open(f"{answer.location}/report.csv").text.splitlines()

    assert "2 done, 1 refused, of 3" in words(page)
    assert report[0] == "Order,Outcome,Why not"
    assert report[1].startswith("2,refused,")
    assert report[2:] == ["1,done,", "3,done,"]
    assert [phases(trade)[number] for number in (1, 2, 3, 4)] == ["held"] * 3 + ["allocated"]


def test_orders_that_come_in_afterwards_are_not_meant(trade: Trade, carl: Walker) -> None:
    carl.send("orders/bulk", action="stop", kind="cancel", reason="Recall.", all_matching="yes")
    trade.shop.place(mugs(1, sku="LAMP-RED"), number="A-46")
    trade.runtime.drain_all()

    assert phases(trade)[46] == "allocated"
    assert {phase for number, phase in phases(trade).items() if number < 46} == {"cancelled"}


@pytest.mark.parametrize(
    ("form", "told"),
    [
        pytest.param({"action": "resume"}, "No order is chosen", id="no order"),
        pytest.param(
            {"action": "stop", "kind": "hold", "all_matching": "yes", "reason": " "},
            "Say why",
            id="no reason",
        ),
    ],
)
def test_what_is_missing_is_said_and_nothing_begins(
    trade: Trade, carl: Walker, form: dict[str, str], told: str
) -> None:
    answer = carl.send("orders/bulk", **form)

    assert answer.status_code == 422
    assert told in words(answer)


def test_orders_of_another_tenant_are_never_meant(trade: Trade, house: House, walker: Come) -> None:
    """TEN-05: neither by their ids nor by matching all."""
    theirs = a_trade(house.runtime, GLOBEX)
    theirs.shop.place(mugs(1), number="G-1")
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)
    gus = walker("gus@globex.example", "globex")

    named = gus.send("orders/bulk", action="stop", kind="hold", reason="Mine.", id=ids(trade, 1, 2))
    gus.send("orders/bulk", action="stop", kind="hold", reason="Mine.", all_matching="yes")
    trade.runtime.drain_all()

    assert named.status_code == 422
    assert set(phases(trade).values()) == {"allocated"}
    assert phases(theirs) == {1: "held"}


def test_who_only_reads_is_offered_nothing(trade: Trade, house: House, walker: Come) -> None:
    house.member("otto@acme.example", "auditor")

    page = walker("otto@acme.example").open("orders")

    assert "bulk-bar" not in page.text
