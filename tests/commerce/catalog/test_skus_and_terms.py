"""SKUs, suppliers, nodes, channels and listings: their own rules, and what holds between them."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from commerce.catalog import queries, service
from commerce.catalog.contents import ListingContent, Pack, SkuContent
from commerce.catalog.errors import (
    AlreadyListed,
    AlreadySupplied,
    BaseUnitFixed,
    CodeTaken,
    CurrencyFixed,
    ExternalIdTaken,
    GtinTaken,
    Retired,
)
from commerce.catalog.network_tables import Channel, Node
from commerce.catalog.supply_tables import Supplier
from commerce.catalog.units import QuantityNotWhole, UnitUnknown
from commerce.ids import ChannelId, NodeId, ProductId, SkuId, SupplierId
from commerce.keyset import PageWish, Slice
from kernel.errors import Invalid, NotFound
from kernel.money import Money
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from tests.commerce.builders import (
    ANA,
    BERLIN,
    LAMP,
    MUG,
    MUG_BLUE,
    OSLO,
    POTTERY,
    SHOP,
    a_channel,
    a_listing,
    a_node,
    a_product,
    a_sku,
    a_supplier,
    terms,
)
from tests.conftest import ACME, GLOBEX

FLOUR = SkuContent("FLOUR", "Flour", "g", packs=(Pack("sack", 25_000),))


def test_quantities_become_base_units_exactly_or_not_at_all(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        flour = a_sku(uow, FLOUR)

    assert flour.base_units(Decimal("2.5"), "kg") == 2_500
    assert flour.base_units(Decimal("3"), "sack") == 75_000
    assert service.sku_content(flour) == FLOUR
    with pytest.raises(QuantityNotWhole):
        flour.base_units(Decimal("0.0001"), "kg")
    with pytest.raises(UnitUnknown) as refused:
        flour.base_units(Decimal("1"), "piece")
    assert refused.value.known == ("g", "kg", "t", "sack")


def test_the_base_unit_of_a_sku_never_changes(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        flour = a_sku(uow, FLOUR)

    with pytest.raises(BaseUnitFixed), runtime.unit_of_work(ACME, ANA) as uow:
        service.change_sku(uow, flour.id, replace(FLOUR, base_unit="ml"))
    with runtime.unit_of_work(ACME, ANA) as uow:
        lighter = replace(FLOUR, packs=(Pack("sack", 20_000),), weight_grams=1)
        assert service.sku_content(service.change_sku(uow, flour.id, lighter)) == lighter


def test_a_sku_joins_only_a_product_of_its_tenant_that_is_in_use(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        product = a_product(uow, MUG)
    with runtime.unit_of_work(ACME, ANA) as uow:
        service.retire_product(uow, product.id)

    with pytest.raises(Retired), runtime.unit_of_work(ACME, ANA) as uow:
        service.create_sku(uow, product.id, MUG_BLUE)
    with pytest.raises(NotFound), runtime.unit_of_work(GLOBEX, ANA) as uow:
        service.create_sku(uow, product.id, MUG_BLUE)
    with pytest.raises(NotFound), runtime.unit_of_work(ACME, ANA) as uow:
        service.create_sku(uow, ProductId("prd_none"), MUG_BLUE)


def test_a_gtin_names_one_sku(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        a_sku(uow, gtin="4006381333931")

    with pytest.raises(GtinTaken), runtime.unit_of_work(ACME, ANA) as uow:
        a_sku(uow, code="MUG-RED", gtin="4006381333931")
    with runtime.unit_of_work(GLOBEX, ANA) as uow:
        a_sku(uow, gtin="4006381333931")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        pytest.param(replace(MUG_BLUE, gtin="4006381333932"), "/gtin", id="a wrong check digit"),
        pytest.param(replace(MUG_BLUE, base_unit="dozen"), "/base_unit", id="no base unit"),
        pytest.param(replace(MUG_BLUE, weight_grams=0), "/weight_grams", id="weighs nothing"),
        pytest.param(replace(FLOUR, packs=(Pack("kg", 9),)), "/packs/0/unit", id="kg means kg"),
        pytest.param(replace(FLOUR, packs=(Pack("bag", 0),)), "/packs/0/quantity", id="empty"),
    ],
)
def test_a_sku_that_cannot_be_is_refused(runtime: Runtime, wrong: SkuContent, pointer: str) -> None:
    with pytest.raises(Invalid) as refused, runtime.unit_of_work(ACME, ANA) as uow:
        a_sku(uow, wrong)

    assert [fault.pointer for fault in refused.value.errors] == [pointer]


def test_the_supplier_of_the_lowest_rank_is_asked_first(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        mug, lamp = a_sku(uow), a_sku(uow, code="LAMP", name="Lamp")
        second, first, gone = (a_supplier(uow, code=code) for code in ("S-2", "S-1", "S-0"))
        late = terms(uow, second, mug, rank=2)
        soon = terms(uow, first, mug, rank=1)
        terms(uow, gone, mug, rank=1)
        service.retire_supplier(uow, gone.id)

    with runtime.unit_of_work(ACME, ANA) as uow:
        found = queries.terms_for(uow, [mug.id, lamp.id])
    with runtime.unit_of_work(GLOBEX, ANA) as uow:
        foreign = queries.terms_for(uow, [mug.id])

    assert {sku: [each.id for each in all_] for sku, all_ in found.items()} == {
        mug.id: [soon.id, late.id]
    }
    assert foreign == {}


def test_cheap_units_are_costed_exactly_and_rounded_once(runtime: Runtime) -> None:
    """4.20 EUR for 1000 g: 2.5 kg cost 10.50, and one gram rounds to nothing."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        asked = terms(uow, a_supplier(uow), a_sku(uow, FLOUR), "4.20", cost_quantity=1000)

    assert asked.cost_of(2_500) == Money(1050, "EUR")
    assert asked.cost_of(1) == Money(0, "EUR")
    assert asked.cost_of(119) == Money(50, "EUR")


def test_a_supplier_has_one_set_of_terms_for_a_sku(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        supplier, sku = a_supplier(uow), a_sku(uow)
        asked = terms(uow, supplier, sku)

    with pytest.raises(AlreadySupplied), runtime.unit_of_work(ACME, ANA) as uow:
        terms(uow, supplier, sku, "3.90")
    with runtime.unit_of_work(ACME, ANA) as uow:
        cheaper = replace(service.supplier_item_content(asked), cost=Money(390, "EUR"))
        changed = service.change_supplier_item(uow, asked.id, cheaper, expected_version=1)
        assert service.supplier_item_content(changed) == cheaper


def test_a_node_stands_where_its_exact_coordinates_say(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        a_node(uow, BERLIN)
        a_node(uow, OSLO)

    with runtime.unit_of_work(ACME, ANA) as uow:
        nodes = queries.active_nodes(uow)
        collecting = queries.active_nodes(uow, "collect")
        berlin = queries.by_code(uow, Node, "berlin")
        assert service.node_content(berlin) == BERLIN
        # The same coordinates, spelled with more zeros, are no change.
        same = replace(BERLIN, latitude=Decimal("52.5200080"))
        assert service.change_node(uow, berlin.id, same).version == 1

    assert [node.code for node in nodes] == ["BERLIN", "OSLO"]
    assert [node.code for node in collecting] == ["OSLO"]


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        pytest.param({"latitude": Decimal("90.1")}, "/latitude", id="past the pole"),
        pytest.param({"longitude": Decimal("13.4049541")}, "/longitude", id="too exact"),
        pytest.param({"latitude": Decimal("NaN")}, "/latitude", id="nowhere"),
        pytest.param({"country": "XX"}, "/country", id="no country"),
        pytest.param({"kind": "garage"}, "/kind", id="no kind"),
        pytest.param({"fulfilment_types": ("fly",)}, "/fulfilment_types/0", id="no such type"),
    ],
)
def test_a_node_that_cannot_be_is_refused(
    runtime: Runtime, said: dict[str, object], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused, runtime.unit_of_work(ACME, ANA) as uow:
        a_node(uow, BERLIN, **said)

    assert [fault.pointer for fault in refused.value.errors] == [pointer]


def test_a_retired_node_is_no_longer_among_those_that_fulfil(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        node = a_node(uow)
        service.retire_node(uow, node.id)

    with runtime.unit_of_work(ACME, ANA) as uow:
        assert list(queries.active_nodes(uow)) == []


def test_a_listing_is_priced_in_the_currency_of_its_channel(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        shop, mug = a_channel(uow), a_sku(uow)

    with pytest.raises(Invalid) as refused, runtime.unit_of_work(ACME, ANA) as uow:
        service.create_listing(uow, shop.id, mug.id, ListingContent("M-1", Money(1234, "USD")))

    assert [fault.code for fault in refused.value.errors] == ["catalog.currency_wrong"]


def test_a_channel_that_lists_keeps_its_currency(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        shop = a_channel(uow)
        shop = service.change_channel(uow, shop.id, replace(SHOP, currency="USD"))
        a_listing(uow, shop, a_sku(uow))

    with pytest.raises(CurrencyFixed), runtime.unit_of_work(ACME, ANA) as uow:
        service.change_channel(uow, shop.id, SHOP)


def test_a_channel_knows_a_sku_once_and_by_an_id_of_its_own(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        shop, mug, lamp = a_channel(uow), a_sku(uow), a_sku(uow, code="LAMP", name="Lamp")
        a_listing(uow, shop, mug)

    with pytest.raises(AlreadyListed), runtime.unit_of_work(ACME, ANA) as uow:
        a_listing(uow, shop, mug, external_id="another")
    with pytest.raises(ExternalIdTaken), runtime.unit_of_work(ACME, ANA) as uow:
        a_listing(uow, shop, lamp, external_id="MUG-BLUE")


def test_an_offer_ends_when_listing_sku_product_or_channel_is_retired(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        shop = a_channel(uow)
        skus = [a_sku(uow, code=f"MUG-{number}") for number in range(3)]
        listed = [a_listing(uow, shop, sku) for sku in skus]
        codes = [each.external_id for each in listed]
        assert set(queries.offers(uow, shop.id, codes)) == set(codes)

        service.retire_listing(uow, listed[0].id)
        service.retire_sku(uow, skus[1].id)
        service.retire_product(uow, skus[2].product_id)
        assert queries.offers(uow, shop.id, codes) == {}

        service.reinstate_listing(uow, listed[0].id)
        assert set(queries.offers(uow, shop.id, codes)) == {"MUG-0"}
        service.retire_channel(uow, shop.id)
        assert queries.offers(uow, shop.id, codes) == {}


def test_another_tenants_things_cannot_be_pointed_at(runtime: Runtime) -> None:
    """TEN-03: no SKU, supplier, node or channel of GLOBEX enters what ACME writes."""
    with runtime.unit_of_work(GLOBEX, ANA) as uow:
        sku, supplier, node, shop = a_sku(uow), a_supplier(uow), a_node(uow), a_channel(uow)
    with runtime.unit_of_work(ACME, ANA) as uow:
        own_sku, own_supplier, own_shop = a_sku(uow), a_supplier(uow), a_channel(uow)

    with pytest.raises(NotFound), runtime.unit_of_work(ACME, ANA) as uow:
        terms(uow, own_supplier, sku)
    with pytest.raises(NotFound), runtime.unit_of_work(ACME, ANA) as uow:
        terms(uow, supplier, own_sku)
    with pytest.raises(NotFound), runtime.unit_of_work(ACME, ANA) as uow:
        a_listing(uow, own_shop, sku)
    with pytest.raises(NotFound), runtime.unit_of_work(ACME, ANA) as uow:
        a_listing(uow, shop, own_sku)
    with pytest.raises(NotFound), runtime.unit_of_work(ACME, ANA) as uow:
        a_channel(uow, code="STORE", kind="store", node_id=node.id)


def test_every_verb_of_another_tenants_thing_is_not_found(runtime: Runtime) -> None:
    """TEN-03: whatever one does to a foreign id, there is nothing here by that name."""
    with runtime.unit_of_work(GLOBEX, ANA) as uow:
        sku, supplier, node, shop = a_sku(uow), a_supplier(uow), a_node(uow), a_channel(uow)
        asked, listed = terms(uow, supplier, sku), a_listing(uow, shop, sku)
    attempts: list[Callable[[UnitOfWork], object]] = [
        lambda uow: service.change_sku(uow, SkuId(sku.id), MUG_BLUE),
        lambda uow: service.retire_sku(uow, SkuId(sku.id)),
        lambda uow: service.reinstate_sku(uow, SkuId(sku.id)),
        lambda uow: service.change_supplier(uow, SupplierId(supplier.id), POTTERY),
        lambda uow: service.retire_supplier(uow, SupplierId(supplier.id)),
        lambda uow: service.reinstate_supplier(uow, SupplierId(supplier.id)),
        lambda uow: service.change_supplier_item(
            uow, asked.id, service.supplier_item_content(asked)
        ),
        lambda uow: service.retire_supplier_item(uow, asked.id),
        lambda uow: service.reinstate_supplier_item(uow, asked.id),
        lambda uow: service.change_node(uow, NodeId(node.id), BERLIN),
        lambda uow: service.retire_node(uow, NodeId(node.id)),
        lambda uow: service.reinstate_node(uow, NodeId(node.id)),
        lambda uow: service.change_channel(uow, ChannelId(shop.id), SHOP),
        lambda uow: service.retire_channel(uow, ChannelId(shop.id)),
        lambda uow: service.reinstate_channel(uow, ChannelId(shop.id)),
        lambda uow: service.change_listing(uow, listed.id, service.listing_content(listed)),
        lambda uow: service.retire_listing(uow, listed.id),
        lambda uow: service.reinstate_listing(uow, listed.id),
    ]

    for attempt in attempts:
        with pytest.raises(NotFound), runtime.unit_of_work(ACME, ANA) as uow:
            attempt(uow)


def test_lists_of_every_kind_hold_only_ones_own(runtime: Runtime) -> None:
    """TEN-03: seven lists, two tenants."""
    with runtime.unit_of_work(GLOBEX, ANA) as uow:
        shop, sku, supplier = a_channel(uow), a_sku(uow), a_supplier(uow)
        a_node(uow)
        terms(uow, supplier, sku)
        a_listing(uow, shop, sku)
    lists: list[Callable[[UnitOfWork], Slice[Any]]] = [
        lambda uow: queries.products(uow, PageWish()),
        lambda uow: queries.skus(uow, PageWish()),
        lambda uow: queries.suppliers(uow, PageWish()),
        lambda uow: queries.supplier_items(uow, PageWish(), supplier_id=supplier.id),
        lambda uow: queries.nodes(uow, PageWish(), kind="warehouse"),
        lambda uow: queries.channels(uow, PageWish()),
        lambda uow: queries.listings(uow, PageWish(), channel_id=shop.id),
    ]

    with runtime.unit_of_work(GLOBEX, ANA) as uow:
        assert [len(each(uow).rows) for each in lists] == [1] * 7
    with runtime.unit_of_work(ACME, ANA) as uow:
        assert [len(each(uow).rows) for each in lists] == [0] * 7


def test_codes_of_suppliers_nodes_and_channels_are_unique_too(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        a_supplier(uow)
        a_node(uow)
        a_channel(uow)
        a_sku(uow)

    for add in (a_supplier, a_node, a_channel):
        with pytest.raises(CodeTaken), runtime.unit_of_work(ACME, ANA) as uow:
            add(uow)
    with pytest.raises(CodeTaken), runtime.unit_of_work(ACME, ANA) as uow:
        service.create_sku(uow, a_product(uow, LAMP).id, MUG_BLUE)
    with runtime.unit_of_work(ACME, ANA) as uow:
        assert queries.by_code(uow, Supplier, "pottery").code == "POTTERY"
        assert queries.by_code(uow, Channel, "shop").code == "SHOP"
