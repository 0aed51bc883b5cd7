"""The catalog's pages, walked through without a browser: lists, forms, objects and offers."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from builder_ui.portal.catalog.pages import NAV, catalog
from builder_ui.portal.composition import install_portal
from builder_ui.portal.face import portal_face
from builder_ui.shell.assets import Assets
from builder_ui.shell.rendering import install_shell
from commerce.catalog import queries, service
from commerce.catalog.tables import Product
from tests.builder_ui.portal.conftest import OURS, SOURCES, Walker, words
from tests.commerce import builders
from tests.conftest import GLOBEX
from tests.tenants.conftest import House
from web.access import access_of, check_every_view
from web.application import new_application
from web.headers import install_headers
from web.json_provider import install_json

Come = Callable[..., Walker]


@pytest.fixture
def app(house: House, tmp_path: Path) -> Flask:
    """The portal with the catalog's pages."""
    composed = new_application(house.runtime, [portal_face()])
    install_json(composed)
    install_headers(composed, https=house.runtime.config.is_https)
    install_shell(composed, Assets(tmp_path, {f"src/{name}": name for name in SOURCES}))
    install_portal(composed, house.runtime.config, hasher=house.hasher, pages=[catalog], nav=NAV)
    check_every_view(composed)
    return composed


@pytest.fixture
def ana(house: House, walker: Come) -> Walker:
    """Somebody of ACME who may do everything."""
    house.member("ana@acme.example", "administrator")
    return walker("ana@acme.example")


def one_of_each(house: House) -> dict[str, str]:
    """Fill ACME's catalog; return an id by the path of its page."""
    with house.open() as uow:
        sku, supplier = builders.a_sku(uow), builders.a_supplier(uow)
        node, channel = builders.a_node(uow), builders.a_channel(uow)
        asked = builders.terms(uow, supplier, sku)
        listed = builders.a_listing(uow, channel, sku)
        return {
            "products": sku.product_id,
            "skus": sku.id,
            "suppliers": supplier.id,
            "supplier-items": asked.id,
            "nodes": node.id,
            "channels": channel.id,
            "listings": listed.id,
        }


def follow(walker: Walker, answer: TestResponse) -> str:
    """Go where a form led to, and return what that page says."""
    assert answer.status_code == 303, words(answer)
    return words(walker.open(answer.headers["Location"]))


def link(answer: TestResponse, identity: str) -> str | None:
    found = re.search(rf'id="{identity}" href="([^"]+)"', answer.text)
    return unescape(found[1]) if found else None


def names(answer: TestResponse) -> list[str]:
    """Return the names in the rows of a list."""
    return re.findall(r'<th scope="row"[^>]*><a [^>]*>([^<]+)</a>', answer.text)


def version_of(answer: TestResponse) -> str:
    found = re.search(r'name="version" value="(\d+)"', answer.text)
    assert found is not None
    return found[1]


def test_a_newcomer_is_told_what_will_be_here(ana: Walker) -> None:
    """4.7: every empty list says what it is for, and offers the one thing to do."""
    told = {path: words(ana.open(f"catalog/{path}")) for path in
            ("products", "skus", "suppliers", "nodes", "channels", "imports")}  # fmt: skip

    assert "Products are what you sell" in told["products"]
    assert "Import a file" in told["products"]
    assert all(" yet " in each and " a " in each for each in told.values())


def test_a_list_is_turned_both_ways_and_says_where_it_ends(ana: Walker, house: House) -> None:
    with house.open() as uow:
        for number in range(60):
            builders.a_product(uow, code=f"M-{number:02}", name=f"Mug {number:02}")

    first = ana.open("catalog/products")
    second = ana.open(link(first, "page-next") or "")
    back = ana.open(link(second, "page-previous") or "")

    assert names(first) == names(back) == [f"Mug {number:02}" for number in range(50)]
    assert names(second) == [f"Mug {number:02}" for number in range(50, 60)]
    assert (link(first, "page-previous"), link(second, "page-next")) == (None, None)
    assert link(back, "page-previous") is None
    assert "50 products on this page, more follow" in words(first)


def test_a_list_is_searched_sorted_and_filtered_by_its_address(ana: Walker, house: House) -> None:
    with house.open() as uow:
        builders.a_product(uow, builders.MUG)
        lamp = builders.a_product(uow, builders.LAMP)
        builders.a_product(uow, code="B-1", name="Bowl")
        service.retire_product(uow, lamp.id)

    assert names(ana.open("catalog/products")) == ["Bowl", "Coffee mug"]
    assert names(ana.open("catalog/products?sort=-name")) == ["Coffee mug", "Bowl"]
    assert names(ana.open("catalog/products?q=COFFEE")) == ["Coffee mug"]
    assert names(ana.open("catalog/products?state=retired")) == ["Desk lamp"]
    assert names(ana.open("catalog/products?state=any&sort=code")) == [
        "Bowl", "Desk lamp", "Coffee mug",
    ]  # fmt: skip
    assert "No products match" in words(ana.open("catalog/products?q=zzz"))


def test_columns_are_chosen_kept_as_a_view_and_taken_as_a_file(ana: Walker, house: House) -> None:
    with house.open() as uow:
        builders.a_product(uow, builders.MUG)

    saved = ana.send("catalog/products/views?columns=code", name="Codes")
    page = ana.open("catalog/products?columns=code")
    file = ana.open("catalog/products/export.csv?columns=code&q=coffee").text

    assert "view-saved" in saved.location
    assert ">Codes<" in page.text
    assert "Category" not in page.text.split("<thead>")[1].split("</thead>")[0]
    assert file == "Name,Code\r\nCoffee mug,MUG\r\n"


def test_an_old_address_shows_the_first_page(ana: Walker, house: House) -> None:
    with house.open() as uow:
        builders.a_product(uow, builders.MUG)

    assert names(ana.open("catalog/products?cursor=made-up")) == ["Coffee mug"]


def test_a_product_is_added_and_refused_words_stay(ana: Walker) -> None:
    refused = ana.send("catalog/products/new", code="MUG", name="", category="Kitchen")
    shown = follow(ana, ana.send("catalog/products/new", code="MUG", name="Mug"))

    assert refused.status_code == 422
    assert "Name must not be empty." in words(refused)
    assert 'value="Kitchen"' in refused.text
    assert "Added." in shown
    again = ana.send("catalog/products/new", code="mug", name="Another")
    assert "This code belongs to something else already" in words(again)


def test_a_change_made_meanwhile_is_not_lost(ana: Walker, house: House) -> None:
    """API-13 for people: the form comes back with their words, and saves at the second time."""
    identity = one_of_each(house)["products"]
    edit = f"catalog/products/{identity}/edit"
    opened = version_of(ana.open(edit))
    ana.send(edit, code="P", name="Theirs", version=opened)

    stale = ana.send(edit, code="P", name="Mine", version=opened)
    saved = follow(ana, ana.send(edit, code="P", name="Mine", version=version_of(stale)))

    assert stale.status_code == 422
    assert "Somebody changed this while you were editing." in words(stale)
    assert 'value="Mine"' in stale.text
    assert "Your changes are saved." in saved


@pytest.mark.parametrize("path", ["products", "skus", "suppliers", "nodes", "channels"])
def test_a_thing_goes_out_of_use_and_comes_back(ana: Walker, house: House, path: str) -> None:
    here = f"catalog/{path}/{one_of_each(house)[path]}"

    stale = ana.send(f"{here}/retirement", version="7")
    gone = follow(ana, ana.send(f"{here}/retirement", version="1"))
    back = follow(ana, ana.send(f"{here}/reinstatement", version="2"))

    assert stale.status_code == 412
    assert "Out of use" in gone
    assert "Back in use." in back


@pytest.mark.parametrize("path", ["listings", "supplier-items"])
def test_an_offer_ends_and_is_taken_up_again(ana: Walker, house: House, path: str) -> None:
    here = f"catalog/{path}/{one_of_each(house)[path]}"

    gone = follow(ana, ana.send(f"{here}/retirement"))
    back = follow(ana, ana.send(f"{here}/reinstatement"))

    assert "Out of use from now on." in gone
    assert "Back in use." in back


def test_every_form_comes_up_with_what_is_saved(ana: Walker, house: House) -> None:
    ids = one_of_each(house)

    shown = {path: ana.open(f"catalog/{path}/{ids[path]}/edit").text for path in
             ("products", "skus", "suppliers", "nodes", "channels")}  # fmt: skip
    shown |= {path: ana.open(f"catalog/{path}/{ids[path]}").text for path in
              ("listings", "supplier-items")}  # fmt: skip

    expected = {"products": "P-MUG-BLUE", "skus": "MUG-BLUE", "suppliers": "POTTERY",
                "nodes": "52.520008", "channels": "SHOP", "listings": "12.34",
                "supplier-items": "4.20"}  # fmt: skip
    assert [path for path, value in expected.items() if f'value="{value}"' not in shown[path]] == []


def test_an_offer_is_built_from_the_pages_alone(ana: Walker) -> None:
    follow(ana, ana.send("catalog/products/new", code="MUG", name="Mug"))
    sku = {"product": "mug", "code": "MUG-S", "name": "Small mug", "base_unit": "piece"}
    follow(ana, ana.send("catalog/skus/new", **sku, packs="case 12", weight_grams="350"))
    node = {"code": "OSLO", "name": "Oslo", "kind": "store", "country": "no"}
    place = {"latitude": "59,913868", "longitude": "10.752245"}
    follow(
        ana, ana.send("catalog/nodes/new", **node, **place, fulfilment_types=["ship", "collect"])
    )
    channel = {"code": "OSLO", "name": "Oslo shop", "kind": "store", "currency": "nok"}
    follow(ana, ana.send("catalog/channels/new", **channel, node="oslo"))
    supplier = {"code": "POT", "name": "Potters", "country": "NL", "currency": "EUR"}
    follow(ana, ana.send("catalog/suppliers/new", **supplier))

    offer = {"sku": "MUG-S", "channel": "OSLO", "external_id": "1", "price": "129"}
    offered = follow(ana, ana.send("catalog/listings/new", **offer))
    asked = {"sku": "MUG-S", "supplier": "POT", "cost": "4.20", "lead_time_days": "7"}
    supplied = follow(ana, ana.send("catalog/supplier-items/new", **asked))

    assert "Oslo shop 1 129.00 NOK" in offered
    assert "Potters 4.20 EUR 7 days" in supplied
    assert "case of 12" in supplied


@pytest.mark.parametrize(
    ("path", "form", "told"),
    [
        pytest.param("skus/new", {"product": "none"}, "Choose a product", id="no such product"),
        pytest.param("skus/new", {"product": "P-MUG-BLUE", "packs": "twelve"},
                     "as a unit and its size", id="a pack without a size"),
        pytest.param("nodes/new", {"latitude": "north"}, "Write degrees", id="no degrees"),
        pytest.param("channels/new", {"kind": "own_site", "code": "A", "name": "A",
                     "currency": "EUR", "node": "BERLIN"}, "Only a channel of the kind store",
                     id="a node that is not wanted"),
        pytest.param("listings/new", {"sku": "MUG-BLUE", "channel": "SHOP", "price": "1.234"},
                     "Write an amount in EUR, such as 12.34.", id="too many places"),
        pytest.param("supplier-items/new", {"sku": "MUG-BLUE", "supplier": "POTTERY"},
                     "how many days", id="no lead time"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_at_its_field(
    ana: Walker, house: House, path: str, form: dict[str, str], told: str
) -> None:
    one_of_each(house)

    refused = ana.send(f"catalog/{path}", **form)

    assert refused.status_code == 422
    assert told in words(refused)
    assert 'aria-invalid="true"' in refused.text


def test_a_combobox_is_answered_by_the_beginning_of_a_name(ana: Walker, house: House) -> None:
    one_of_each(house)

    found = ana.open("catalog/suggestions/skus?q=coffee").json

    assert found == [{"value": "MUG-BLUE", "label": "Coffee mug, blue", "hint": "MUG-BLUE"}]
    assert ana.open("catalog/suggestions/secrets?q=a").status_code == 404


def test_who_may_only_read_sees_no_buttons(house: House, walker: Come) -> None:
    ids = one_of_each(house)
    house.member("vic@acme.example", "auditor")
    vic = walker("vic@acme.example")

    pages = [vic.open("catalog/products"), vic.open(f"catalog/products/{ids['products']}")]

    assert [page.status_code for page in pages] == [200, 200]
    assert not any("products/new" in page.text or "/edit" in page.text for page in pages)


def test_every_page_asks_who_calls_what_they_may_and_whose_it_is(
    app: Flask, house: House, walker: Come, ana: Walker
) -> None:
    """TEN-05: strangers, members without rights, and another tenant, on every route there is."""
    ids = one_of_each(house)
    house.member("nora@acme.example")
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)
    nora, gus = walker("nora@acme.example"), walker("gus@globex.example", "globex")
    stranger = walker()

    wrong = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/t/<slug>/catalog"):
            continue
        path = rule.rule.removeprefix("/t/<slug>/").replace("<path>", "skus")
        path = path.replace("<identity>", ids.get(path.split("/")[1], "imp_" + "0" * 26))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            assert access_of(app.view_functions[rule.endpoint], method) is not None
            answers = [
                each.client.open(each.address(path), method=method, headers=OURS).status_code
                for each in (stranger, nora, gus)
            ]
            foreign = 404 if "<identity>" in rule.rule else answers[2]
            if answers != [303 if method == "GET" else 401, 403, foreign]:
                wrong.append(f"{method} {path}: {answers}")

    assert wrong == []
    with house.open() as uow:
        assert queries.one(uow, Product, ids["products"]).version == 1
