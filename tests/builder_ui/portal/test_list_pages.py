"""Lists share one frame: columns and filters live in the address, and a file holds them all."""

import csv
import io
from collections.abc import Callable

import pytest

from commerce.orders.service import hold_order
from tests.builder_ui.portal.conftest import Walker, words
from tests.builder_ui.portal.trading import Trade, a_trade, some_things
from tests.commerce.builders import MUG_BLUE, a_sku
from tests.commerce.order_builders import mugs
from tests.commerce.warehouse_builders import Dock
from tests.conftest import GLOBEX
from tests.tenants.conftest import House

Come = Callable[..., Walker]


@pytest.fixture
def trade(house: House) -> Trade:
    return a_trade(house.runtime)


@pytest.fixture
def ana(house: House, walker: Come) -> Walker:
    house.member("ana@acme.example", "administrator")
    return walker("ana@acme.example")


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_columns_are_chosen_in_the_address_and_the_first_always_stays(
    trade: Trade, ana: Walker
) -> None:
    trade.shop.place(mugs(2), number="A-1")

    page = ana.open("orders?columns=country&columns=nonsense")

    assert "Country" in words(page)
    assert "<td class=" in page.text
    assert ">Customer<" not in page.text.split("<thead>")[1].split("</thead>")[0]
    assert "&amp;columns=country" in page.text or "?columns=country" in page.text


def test_a_file_holds_every_row_of_the_filter_and_runs_no_formula(
    trade: Trade, ana: Walker
) -> None:
    trade.shop.place(mugs(2), number="=HYPERLINK(1)")
    trade.shop.place(mugs(1), number="A-2")

    answer = ana.open("orders/export.csv?columns=external&columns=total&sort=number")

    assert answer.mimetype == "text/csv"
    assert rows_of(answer.text) == [
        ["Number", "Channel's number", "Total"],
        ["1", "'=HYPERLINK(1)", "10.00 EUR"],
        ["2", "A-2", "10.00 EUR"],
    ]


def test_a_file_of_more_than_a_page_is_whole(trade: Trade, ana: Walker) -> None:
    for number in range(1, 204):
        trade.shop.place(mugs(1), number=f"A-{number}")

    rows = rows_of(ana.open("orders/export.csv").text)

    assert [int(row[0]) for row in rows[1:]] == list(range(203, 0, -1))


def test_a_file_holds_nothing_of_another_tenant(trade: Trade, house: House, ana: Walker) -> None:
    theirs = a_trade(house.runtime, GLOBEX)
    theirs.shop.place(mugs(1), number="G-1")
    trade.shop.place(mugs(1), number="A-1")

    assert "G-1" not in ana.open("orders/export.csv").text


def test_orders_are_sorted_by_when_they_were_placed_and_narrowed_by_day(
    trade: Trade, ana: Walker
) -> None:
    trade.shop.place(mugs(1), number="A-1")

    assert "A-1" in ana.open("orders?sort=placed_at&from=2026-03-02&until=2026-03-02").text
    assert "No orders match" in words(ana.open("orders?from=2026-03-03"))
    assert "A-1" in ana.open("orders?from=no-day").text


def test_a_fulfilment_is_picked_packed_and_shipped_on_its_page(trade: Trade, ana: Walker) -> None:
    path = f"fulfilments/{some_things(trade)['fulfilment_id']}"

    told = []
    for step, more in (("picking", {}), ("packing", {}), ("shipment", {"carrier": "Postman"})):
        answer = ana.send(f"{path}/{step}", version=str(step), **more)
        told.append(words(ana.open(answer.location)))

    assert "Everything was picked." in told[0]
    assert "The parcel was closed up." in told[1]
    assert "The parcel has left." in told[2]
    assert "Parcel Postman" in told[2]
    late = ana.send(f"{path}/packing", version="late")
    assert late.status_code == 409


def test_a_message_is_shown_without_what_opens_the_account(trade: Trade, ana: Walker) -> None:
    things = some_things(trade)

    page = ana.open(f"messages/{things['message_id']}")

    assert "To nora@acme.example" in words(page)
    assert "Hello Nora" in words(page)
    assert "/invite/…" in page.text
    assert "secret-token" not in page.text


def test_an_exception_is_taken_and_resolved_with_a_sentence(trade: Trade, ana: Walker) -> None:
    path = f"exceptions/{some_things(trade)['exception_id']}"

    taken = words(ana.open(ana.send(f"{path}/owner").location))
    silent = ana.send(f"{path}/resolution", resolution=" ")
    done = words(ana.open(ana.send(f"{path}/resolution", resolution="Sent again.").location))

    assert "It is yours now. " in taken
    assert "Whose Ana" in taken
    assert silent.status_code == 422
    assert "Write in a sentence what was done" in words(silent)
    assert "Resolved: Sent again." in done


def test_a_correction_and_a_transfer_tell_their_story(trade: Trade, ana: Walker) -> None:
    things = some_things(trade)

    correction = words(ana.open(f"corrections/{things['correction_id']}"))
    transfer = words(ana.open(f"transfers/{things['transfer_id']}"))

    assert "Difference -5" in correction
    assert "Reason Broken in the aisle." in correction
    assert "Proposed by Wareflow (shop)" in correction
    assert "LAMP-RED Desk lamp, red 4 0 0 0 4" in transfer


def test_a_position_says_who_has_what_is_committed(trade: Trade, ana: Walker) -> None:
    merchant = trade.shop.merchant
    merchant.stock(merchant.lamp, merchant.berlin, 40)
    trade.shop.place(mugs(3, sku="LAMP-RED"), number="L-1")

    page = words(ana.open(f"stock/{merchant.lamp}"))

    assert "For Node Units How Since Order 1, line 1 Warehouse Berlin 3 Committed" in page


def test_levels_turn_pages_both_ways(trade: Trade, ana: Walker) -> None:
    merchant = trade.shop.merchant
    with merchant.work() as uow:
        skus = [a_sku(uow, MUG_BLUE, code=f"CUP-{at:02}", name="Cup").id for at in range(60)]
    for sku_id in skus:
        merchant.stock(sku_id, merchant.berlin, 1)

    first = ana.open("stock").text
    second = ana.open(first.split('id="page-next" href="')[1].split('"')[0]).text
    back = ana.open(second.split('id="page-previous" href="')[1].split('"')[0]).text

    assert first.count("data-row-link") == 50
    assert second.count("data-row-link") == 10
    assert [line for line in back.splitlines() if "data-row-link" in line] == [
        line for line in first.splitlines() if "data-row-link" in line
    ]
    assert len(rows_of(ana.open("stock/export.csv").text)) == 61


def test_an_order_leads_to_its_parcels_and_says_why_it_was_held(trade: Trade, ana: Walker) -> None:
    merchant = trade.shop.merchant
    merchant.stock(merchant.lamp, merchant.berlin, 40)
    order_id = trade.shop.place(mugs(3, sku="LAMP-RED"), number="L-1")
    (parcel,) = Dock(trade.shop).release(order_id)
    with merchant.work() as uow:
        hold_order(uow, order_id, reason="Address is unclear.", key="h1")

    page = ana.open(f"orders/{order_id}")

    assert f'href="/t/acme/fulfilments/{parcel}"' in page.text
    assert "Warehouse Berlin Held back Address is unclear." in words(page)
    assert "Address is unclear. – Wareflow (shop)" in words(page)
    assert "Still held" in words(page)


def test_the_frame_holds_runs_entries_and_members(trade: Trade, ana: Walker) -> None:
    """Columns, sort, saved views and a file, as the lists of orders have them."""
    trade.order("A-1", quantity=2)

    for path, column, first in (
        ("runs", "state", "Order line"),
        ("audit", "action", "2026-03-02"),
        ("members", "email", "Ana"),
    ):
        query = f"{path}?columns={column}"
        saved = ana.send(f"{path}/views?columns={column}", name="Mine")
        page = ana.open(query)
        file = rows_of(ana.open(f"{path}/export.csv?columns={column}").text)

        assert ("view-saved" in saved.location, ">Mine<" in page.text) == (True, True), path
        assert len(page.text.split("<thead>")[1].split("</thead>")[0].split("<th ")) == 3, path
        assert len(file[0]) == 2, path
        assert any(first in row[0] for row in file[1:]), (path, file)


def test_entries_are_narrowed_by_day_on_the_clock_of_who_looks(trade: Trade, ana: Walker) -> None:
    trade.order("A-1")

    assert "entries on this page" in words(ana.open("audit?from=2026-03-02&until=2026-03-02"))
    assert "No entries match" in words(ana.open("audit?until=2026-03-01"))
    assert "No entries match" in words(ana.open("audit?from=2026-03-03"))


def test_a_file_of_entries_is_whole_and_says_that_it_was_taken(trade: Trade, ana: Walker) -> None:
    """AUD-13: reading the log is written to it, page by page."""
    with trade.shop.merchant.work() as uow:
        for number in range(210):
            a_sku(uow, MUG_BLUE, code=f"CUP-{number:03}", name="Cup")

    rows = rows_of(ana.open("audit/export.csv?action=catalog.create_sku").text)
    taken = words(ana.open("audit?action=lists.export"))

    assert len(rows) > 210
    assert "audit" in taken


def test_who_is_not_asked_for_stays_in_the_filter_of_the_audit_trail(ana: Walker) -> None:
    page = ana.open("audit?action=members.&outcome=done")

    assert '<input type="hidden" name="action" value="members.">' in page.text
    assert "What members." in words(page)
