"""People find things by what they have in hand: a number, a code, a name, an id, some words."""

import json
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from re import findall
from urllib.parse import quote

import pytest

from builder_ui.portal.search.kinds import Asked
from builder_ui.portal.search.pages import KINDS
from tests.builder_ui.portal.conftest import Walker, words
from tests.builder_ui.portal.trading import Trade, a_trade, some_things
from tests.commerce.order_builders import CARLA, mugs
from tests.conftest import GLOBEX
from tests.tenants.conftest import House

Come = Callable[..., Walker]


@pytest.fixture
def trade(house: House) -> Trade:
    """ACME with two orders, an approval that waits, and one of most other things."""
    trade = a_trade(house.runtime)
    trade.order("SHOP-7788")
    jose = replace(CARLA, reference="C-9", name="José Ångström", email="jose@mail.example")
    trade.shop.place(mugs(1, sku="LAMP-RED"), number="J-1", customer=jose)
    return trade


@pytest.fixture
def ana(house: House, walker: Come, trade: Trade) -> Walker:
    """An administrator of ACME, who may find everything."""
    house.member("ana@acme.example", "administrator")
    return walker("ana@acme.example")


def titles(somebody: Walker, q: str) -> list[str]:
    answer = somebody.open(f"search/quick?q={quote(q)}")
    assert answer.status_code == 200
    return [each["title"] for each in json.loads(answer.text)["found"]]


ASKED = [
    pytest.param("1", "Order 1", id="an order by its number"),
    pytest.param("#1", "Order 1", id="an order by its number with its sign"),
    pytest.param("SHOP-7788", "Order 1", id="an order by the channel's number"),
    pytest.param("SHOP-7", "Order 1", id="an order by how that number begins"),
    pytest.param("jose ang", "Order 2", id="an order by who ordered, without accents"),
    pytest.param("ÅNGSTRÖM", "Order 2", id="an order by the last name alone"),
    pytest.param("jose@mail.example", "Order 2", id="an order by the mail address"),
    pytest.param("po:1", "Purchase order 1", id="a purchase order among purchase orders"),
    pytest.param("mug-blue", "Coffee mug, blue", id="a SKU by its code, whatever the case"),
    pytest.param("sku:lamp", "Desk lamp, red", id="a SKU by how its code begins"),
    pytest.param("product:coffee mug", "Coffee mug, blue", id="a product by its name"),
    pytest.param("blue", "Coffee mug, blue", id="a SKU by a word of its name"),
    pytest.param("task:1", "Approve purchase order", id="a task by what it is about"),
    pytest.param("workflow:missing", "Buy what is missing", id="a workflow by its words"),
    pytest.param("member:ana@acme.example", "Ana", id="a member by the mail address"),
]


@pytest.mark.parametrize(("q", "first"), ASKED)
def test_the_right_thing_comes_first(ana: Walker, q: str, first: str) -> None:
    """P10: more than ten questions, the right object first."""
    assert titles(ana, q)[0] == first


def test_every_kind_is_found_by_its_id_and_its_page_opens(
    ana: Walker, trade: Trade, house: House
) -> None:
    things = some_things(trade)
    (task,), (purchase,) = trade.tasks(), trade.purchases()
    ids = [things[each] for each in ("fulfilment_id", "transfer_id", "correction_id")]
    ids += [things["exception_id"], task.id, task.run_id, purchase.id]

    for each in ids:
        (found,) = json.loads(ana.open(f"search/quick?q={each}").text)["found"]
        assert ana.open(found["href"]).status_code == 200, found
        assert each in found["href"]


def test_the_page_groups_what_it_found_by_kind_the_exact_first(ana: Walker) -> None:
    page = ana.open("search?q=1").text

    assert findall(r'<h2 id="found-(\w+)"', page)[:2] == ["order", "po"]
    assert "Approve" in words(ana.open("search?q=approve"))


def test_recent_things_are_named_by_the_server_for_who_may_see_them(
    ana: Walker, trade: Trade, house: House, walker: Come
) -> None:
    """A browser keeps ids alone: what they are called is asked for each time."""
    (purchase,) = trade.purchases()
    order = trade.order("R-1")
    house.member("nora@acme.example")
    recent = f"search/quick?recent={order},{purchase.id},ord_{'0' * 26},nonsense"

    seen = json.loads(ana.open(recent).text)["found"]
    nothing = json.loads(walker("nora@acme.example").open(recent).text)["found"]

    assert [each["title"] for each in seen] == ["Order 3", "Purchase order 1"]
    assert nothing == []


def test_who_may_not_see_a_kind_does_not_find_it_and_is_told_why(
    trade: Trade, house: House, walker: Come
) -> None:
    house.member("nora@acme.example")
    nora = walker("nora@acme.example")

    assert [titles(nora, q) for q in ("1", "mug", "jose", "po:1", "ana")] == [[]] * 5
    told = words(nora.open("search?q=order:1"))
    assert "You may not see orders. It needs the permission orders:read" in told


def test_the_same_number_of_another_tenant_is_never_found(
    ana: Walker, trade: Trade, house: House, walker: Come
) -> None:
    """P10: both have an order 1, a SKU MUG-BLUE and a José; each finds their own alone."""
    theirs = a_trade(house.runtime, GLOBEX)
    theirs.order("GLOBEX-ONLY")
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)
    gus = walker("gus@globex.example", "globex")
    mine = {trade.order("T-1"), *(each.id for each in trade.purchases())}

    for q in ("1", "order:1", "mug", "po:1", *sorted(mine)):
        hrefs = [each["href"] for each in json.loads(gus.open(f"search/quick?q={q}").text)["found"]]
        assert all(href.startswith("/t/globex/") for href in hrefs)
        assert not any(each in href for each in mine for href in hrefs)
    assert titles(gus, "jose") == []
    assert titles(gus, "SHOP-7788") == []
    assert titles(ana, "GLOBEX-ONLY") == []
    recent = ",".join(sorted(mine))
    assert json.loads(gus.open(f"search/quick?recent={recent}").text) == {"found": []}


def test_nothing_asked_nothing_found_and_too_much_are_told_apart(ana: Walker) -> None:
    empty = words(ana.open("search"))
    nothing = words(ana.open("search?q=zzzz"))
    long = ana.open("search?q=" + "x" * 201)

    assert "What are you looking for?" in empty
    assert "order: Orders" in empty
    assert "Nothing found for “zzzz”" in nothing
    assert long.status_code == 422
    assert "Use up to 200 characters" in words(long)


def test_more_of_a_kind_are_a_click_away(ana: Walker, trade: Trade) -> None:
    for number in range(12):
        trade.shop.place(mugs(1, sku="LAMP-RED"), number=f"BULK-{number:02}")

    page = ana.open("search?q=BULK-").text
    (more,) = findall(r'href="([^"]+)">More Orders', page)

    assert page.count("<tr data-key") == 8
    assert ana.open(unescape(more)).text.count("<tr data-key") == 12


def test_what_somebody_typed_is_read_once_for_all_kinds() -> None:
    kinds = [kind.name for kind in KINDS]

    assert Asked.read("  order:  10 01 ", kinds) == Asked("10 01", "order")
    assert Asked.read("note: 1", kinds) == Asked("note: 1")
    assert Asked.read("PO:7", kinds) == Asked("7", "po")
    assert Asked.read("a\0b\ud800", kinds) == Asked("ab")
    assert Asked.read("x" * 201, kinds) == Asked("", is_too_long=True)
