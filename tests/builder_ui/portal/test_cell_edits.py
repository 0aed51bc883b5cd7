"""Values of the catalog's lists changed in place: one version wins, and nobody is overwritten."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from commerce.catalog import queries
from commerce.catalog.tables import Product, Sku
from kernel.clock import StoppedClock
from tests.builder_ui.portal.conftest import OURS, Walker
from tests.builder_ui.portal.test_catalog_pages import app as app
from tests.commerce import builders
from tests.conftest import GLOBEX
from tests.tenants.conftest import House

Come = Callable[..., Walker]


@pytest.fixture
def ana(house: House, walker: Come) -> Walker:
    house.member("ana@acme.example", "administrator")
    return walker("ana@acme.example")


@pytest.fixture
def ben(house: House, walker: Come) -> Walker:
    house.member("ben@acme.example", "administrator")
    return walker("ben@acme.example")


@pytest.fixture
def mug(house: House) -> str:
    with house.open() as uow:
        return builders.a_product(uow, builders.MUG, category="Kitchen").id


def edit(who: Walker, path: str, version: int | None, **form: str) -> TestResponse:
    """Save one value of a row as the list's script does."""
    match = {} if version is None else {"If-Match": f'"{version}"'}
    address = who.address(f"catalog/{path}/cell")
    return who.client.post(address, data=form, headers=OURS | match)


def product(house: House, product_id: str) -> tuple[str, str | None, int]:
    with house.open() as uow:
        row = queries.one(uow, Product, product_id)
        return row.name, row.category, row.version


def test_one_value_is_saved_and_the_others_stay(ana: Walker, house: House, mug: str) -> None:
    answer = edit(ana, f"products/{mug}", 1, column="category", value=" Gifts ", was="Kitchen")

    assert answer.json == {"version": 2, "value": "Gifts", "shown": "Gifts", "told": "Saved."}
    assert product(house, mug) == ("Coffee mug", "Gifts", 2)


def test_whoever_was_slower_is_told_what_the_other_wrote(
    ana: Walker, ben: Walker, house: House, mug: str, clock: StoppedClock
) -> None:
    """P7: nothing is overwritten, and a second request says that it means to."""
    clock.pass_time(timedelta(minutes=1))
    edit(ben, f"products/{mug}", 1, column="name", value="Beaker", was="Coffee mug")

    slower = edit(ana, f"products/{mug}", 1, column="name", value="Cup", was="Coffee mug")
    before = product(house, mug)
    anyway = edit(ana, f"products/{mug}", 2, column="name", value="Cup", was="Beaker")

    assert slower.status_code == 412
    assert slower.json == {
        "version": 2,
        "value": "Beaker",
        "shown": "Beaker",
        "told": "Ben wrote “Beaker” while you were editing (2 Mar 2026, 10:01). You wrote “Cup”.",
    }
    assert before == ("Beaker", "Kitchen", 2)
    assert anyway.status_code == 200
    assert product(house, mug) == ("Cup", "Kitchen", 3)


def test_a_change_of_another_value_is_in_nobodys_way(
    ana: Walker, ben: Walker, house: House, mug: str
) -> None:
    edit(ben, f"products/{mug}", 1, column="category", value="Gifts", was="Kitchen")

    answer = edit(ana, f"products/{mug}", 1, column="name", value="Cup", was="Coffee mug")

    assert answer.status_code == 200
    assert product(house, mug) == ("Cup", "Gifts", 3)


def test_what_both_wrote_alike_is_no_conflict(ana: Walker, ben: Walker, mug: str) -> None:
    edit(ben, f"products/{mug}", 1, column="name", value="Cup", was="Coffee mug")

    answer = edit(ana, f"products/{mug}", 1, column="name", value="Cup", was="Coffee mug")

    assert answer.json == {"version": 2, "value": "Cup", "shown": "Cup", "told": "Saved."}


@pytest.mark.parametrize(
    ("column", "value", "version", "status", "told"),
    [
        pytest.param("name", " ", 1, 422, "must not be empty", id="no name"),
        pytest.param("gtin", "12", 1, 422, "GTIN", id="no GTIN"),
        pytest.param("weight_grams", "heavy", 1, 422, "whole number", id="no number"),
        pytest.param("code", "CUP", 1, 404, "", id="a column that is not for editing"),
        pytest.param("name", "Cup", None, 428, "", id="no version"),
    ],
)
def test_what_cannot_be_saved_is_told(
    ana: Walker, house: House, column: str, value: str, version: int | None, status: int, told: str
) -> None:
    with house.open() as uow:
        sku = builders.a_sku(uow).id

    answer = edit(ana, f"skus/{sku}", version, column=column, value=value, was="")

    assert answer.status_code == status
    assert told in answer.text
    with house.open() as uow:
        assert queries.one(uow, Sku, sku).version == 1


def test_every_list_of_the_catalog_saves_names(ana: Walker, house: House) -> None:
    with house.open() as uow:
        sku = builders.a_sku(uow)
        ids = {
            "products": sku.product_id,
            "skus": sku.id,
            "suppliers": builders.a_supplier(uow).id,
            "nodes": builders.a_node(uow).id,
            "channels": builders.a_channel(uow).id,
        }

    answers = [
        edit(ana, f"{path}/{identity}", 1, column="name", value="New", was="").json
        for path, identity in ids.items()
    ]

    assert answers == [{"version": 2, "value": "New", "shown": "New", "told": "Saved."}] * 5


def test_who_may_not_change_finds_nothing_to_edit(
    house: House, walker: Come, ana: Walker, mug: str
) -> None:
    """TEN-05 as well: another tenant's row is not there."""
    house.member("vic@acme.example", "auditor")
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)
    vic, gus = walker("vic@acme.example"), walker("gus@globex.example", "globex")

    refused = edit(vic, f"products/{mug}", 1, column="name", value="Cup", was="Coffee mug")
    foreign = edit(gus, f"products/{mug}", 1, column="name", value="Cup", was="Coffee mug")

    assert (refused.status_code, foreign.status_code) == (403, 404)
    assert 'data-column="name"' in ana.open("catalog/products").text
    assert "data-column" not in vic.open("catalog/products").text
    assert product(house, mug)[0] == "Coffee mug"
