"""The figures of the dashboard equal what plain SQL counts, exactly, and stay in their tenant."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from commerce.ids import ChannelId
from commerce.intelligence.operations import Span, operations
from kernel.clock import StoppedClock
from kernel.money import Money
from tests.builder_ui.portal.conftest import Walker, words
from tests.builder_ui.portal.trading import Trade, a_trade
from tests.commerce.order_builders import mugs
from tests.commerce.warehouse_builders import Dock
from tests.conftest import GLOBEX, MONDAY
from tests.tenants.conftest import House

Come = Callable[..., Walker]

LINES = """
    -- What the dashboard says of lines, spelled another way.
    SELECT count(*) FILTER (WHERE phase <> 'held'),
           count(*) FILTER (WHERE phase <> 'held' AND backordered_at IS NOT NULL),
           count(*) FILTER (WHERE quantity_short > 0),
           coalesce(sum(quantity_short), 0)
    FROM sales_order_line
"""


@pytest.fixture
def trade(house: House, clock: StoppedClock) -> Trade:
    """Two days of ACME: lamps that are there, mugs that are not, and a parcel that left."""
    made = a_trade(house.runtime)
    merchant = made.shop.merchant
    merchant.stock(merchant.lamp, merchant.oslo, 30)
    for number in range(1, 6):
        made.shop.place(mugs(2, sku="LAMP-RED", price="7.77"), number=f"L-{number}")
    sent = made.shop.place(mugs(1, sku="LAMP-RED", price="0.01"), number="L-9")
    made.order("M-1", quantity=3)
    made.shop.place(mugs(4), mugs(1, sku="UNKNOWN"), number="M-2", placed_at=MONDAY)
    clock.pass_time(timedelta(hours=30))
    (fulfilment,) = Dock(made.shop).release(sent)
    Dock(made.shop).send(fulfilment)
    made.shop.place(mugs(1, sku="LAMP-RED"), number="L-10", placed_at=MONDAY + timedelta(hours=30))
    return made


@pytest.fixture
def ana(trade: Trade, house: House, walker: Come) -> Walker:
    house.member("ana@acme.example", "administrator")
    return walker("ana@acme.example")


def sql(trade: Trade, statement: str) -> tuple[Any, ...]:
    with trade.shop.merchant.work() as uow:
        return tuple(uow.session.execute(text(statement)).one())


def span(channel_id: ChannelId | None = None) -> Span:
    day = MONDAY.replace(hour=0, minute=0, second=0)
    return Span(day, day + timedelta(days=2), "UTC", channel_id)


def test_every_figure_equals_sql(trade: Trade) -> None:
    """P8: counts, sums of money and times are those of the rows."""
    with trade.shop.merchant.work() as uow:
        figures = operations(uow, span())

    counted, ever, waiting, short = sql(trade, LINES)
    orders, minor = sql(trade, "SELECT count(*), sum(total_minor) FROM sales_order")
    median = sql(
        trade,
        "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY s.shipped_at - o.placed_at)"
        " FROM shipment s JOIN sales_order o ON o.id = s.order_id",
    )[0]
    assert figures.orders == orders == 9
    assert list(figures.values) == [Money(minor, "EUR")]
    assert sum(figures.orders_by_phase.values()) == orders
    assert (figures.lines, figures.lines_backordered_ever) == (counted, ever)
    assert (figures.lines_waiting, figures.units_short) == (waiting, short)
    assert figures.fill_rate == Decimal(counted - ever) / counted
    assert (figures.cycle, figures.shipments) == (median, 1)
    assert [(day.orders, day.lines, day.backordered) for day in figures.days] == [
        (8, 8, 2),
        (1, 1, 0),
    ]
    assert [took for _on, took in figures.cycles] == [median]


def test_a_channel_without_orders_has_none_and_no_rate(trade: Trade) -> None:
    with trade.shop.merchant.work() as uow:
        of_shop = operations(uow, span(trade.shop.channel_id))
        of_none = operations(uow, span(ChannelId("chn_none")))

    assert of_shop.orders == 9
    assert (of_none.orders, list(of_none.values), of_none.fill_rate, of_none.cycle) == (
        0,
        [],
        None,
        None,
    )


def test_the_page_says_the_figures_and_leads_to_the_rows(ana: Walker) -> None:
    """P8: the tile, the table and the drawing hold the same; the list behind has as many rows."""
    page = ana.open("dashboards/operations?range=7")
    drawn = json.loads(page.text.split('id="figures">')[1].split("</script>")[0])
    orders = next(chart for chart in drawn["charts"] if chart["id"] == "orders")
    (leads_to,) = re.findall(
        r'class="kpi" href="([^"]*/orders\?[^"]*lines=waiting[^"]*)"', page.text
    )

    assert "Orders 9 " in words(page)
    assert "Lines that wait 2 " in words(page)
    assert "Approvals waiting 1" in words(page)
    assert sum(orders["values"]) == 9
    assert len(orders["values"]) == 7
    behind = ana.open(leads_to.replace("&amp;", "&"))
    assert behind.text.count("data-row-link") == 2


def test_a_viewer_of_orders_alone_sees_no_backlog_of_others(
    ana: Walker, house: House, walker: Come
) -> None:
    ana.send("roles", key="reader", name="Reader", description="", permissions=["orders:read"])
    house.member("rea@acme.example", "reader")

    page = words(walker("rea@acme.example").open("dashboards/operations"))

    assert "Orders 9 " in page
    assert "Approvals waiting" not in page


def test_figures_stay_in_their_tenant(trade: Trade, house: House, walker: Come) -> None:
    """TEN-05."""
    theirs = a_trade(house.runtime, GLOBEX)
    theirs.shop.place(mugs(1), number="G-1")
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)

    page = words(walker("gus@globex.example", "globex").open("dashboards/operations"))

    assert "Orders 1 " in page


def test_nothing_yet_is_said_calmly(house: House, walker: Come) -> None:
    house.member("ada@acme.example", "administrator")

    page = words(walker("ada@acme.example").open("dashboards/operations?range=nonsense"))

    assert "Orders 0 No value" in page
    assert "Fill rate –" in page
    assert "No line waits for units." in page
