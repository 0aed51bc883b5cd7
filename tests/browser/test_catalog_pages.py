"""Every page of the catalog, light and dark, at a desk, on a phone and in the smallest window."""

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from sqlalchemy import select

from commerce.catalog.imports import service as imports
from commerce.catalog.imports.tables import ImportRun
from commerce.catalog.network_tables import Channel, ChannelListing, Node
from commerce.catalog.supply_tables import Supplier, SupplierItem
from commerce.catalog.tables import Product, Sku
from kernel.clock import StoppedClock
from kernel.config import Config
from tests.browser.accessibility import violations
from tests.browser.layout import enlarge_text, overflowing, small_targets
from tests.browser.merchant_site import MerchantSite, merchant_site, sign_in
from tests.browser.visiting import DESK, PHONE, SMALLEST, Visitor
from tests.commerce import builders
from tests.commerce.catalog.import_files import csv_of, mug_rows
from tests.conftest import ACME
from tests.tenants.conftest import House
from tests.tenants.conftest import house as house

Arrive = Callable[..., Visitor]
LONG_NAME = "A very long name of a mug with an unbreakableandverylongwordinsideofitself, blue"


@pytest.fixture
def site(house: House, config: Config, clock: StoppedClock) -> Iterator[MerchantSite]:
    """ACME with Ana, who runs the account, and one of each thing."""
    ana = house.member("ana@acme.example", "administrator")
    with merchant_site(config, clock) as served:
        with served.runtime.unit_of_work(ACME, ana) as uow:
            sku, supplier = builders.a_sku(uow, name=LONG_NAME), builders.a_supplier(uow)
            builders.a_node(uow)
            channel = builders.a_channel(uow)
            builders.terms(uow, supplier, sku)
            builders.a_listing(uow, channel, sku)
            rows = [*mug_rows(60), ("", "", "", "", "not a GTIN", "heavy")]
            run = imports.upload(uow, f"{LONG_NAME.replace(' ', '-')}.csv", csv_of(*rows))
            imports.check(uow, run.id, run.fields)
        yield served


def pages(site: MerchantSite) -> dict[str, str]:
    """Return the address of every page, by a name for its picture."""
    found = {}
    with site.runtime.unit_of_work(ACME, builders.ANA) as uow:
        for table, path in (
            (Product, "products"),
            (Sku, "skus"),
            (Supplier, "suppliers"),
            (Node, "nodes"),
            (Channel, "channels"),
            (ChannelListing, "listings"),
            (SupplierItem, "supplier-items"),
            (ImportRun, "imports"),
        ):
            identity = uow.session.scalars(select(table.id)).first()
            found[f"{path}-one"] = f"{path}/{identity}"
            found[f"{path}-new"] = f"{path}/new"
            if path not in ("listings", "supplier-items"):
                found[f"{path}-list"] = path
            if path not in ("listings", "supplier-items", "imports"):
                found[f"{path}-edit"] = f"{path}/{identity}/edit"
    found["no-match"] = "products?q=zzz"
    return {name: f"/t/acme/catalog/{path}" for name, path in found.items()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_has_an_accessibility_fault(
    arrive: Arrive,
    site: MerchantSite,
    size: tuple[int, int],
    scheme: Literal["light", "dark"],
) -> None:
    """A1: axe finds nothing, and every control can be hit."""
    visitor = arrive(site.address, size=size, scheme=scheme)
    sign_in(visitor, "ana@acme.example")

    found = []
    for name, path in pages(site).items():
        page = visitor.open(path)
        if scheme == "light":
            visitor.screenshot(f"catalog-{name}-{'desk' if size == DESK else 'phone'}")
        found += [f"{name}: {fault}" for fault in violations(page)]
        found += [f"{name}: {fault}" for fault in small_targets(page)]

    assert found == []


@pytest.mark.parametrize(
    ("size", "percent"),
    [
        pytest.param(SMALLEST, 100, id="the smallest window"),
        pytest.param((640, 900), 200, id="text twice as large"),
    ],
)
def test_no_page_scrolls_sideways(
    arrive: Arrive, site: MerchantSite, size: tuple[int, int], percent: int
) -> None:
    """A2: neither the smallest window nor text of 200 % makes a page scroll sideways."""
    visitor = arrive(site.address, size=size)
    sign_in(visitor, "ana@acme.example")

    found = []
    for name, path in pages(site).items():
        page = visitor.open(path)
        enlarge_text(page, percent)
        found += [f"{name}: {element}" for element in overflowing(page)]

    assert found == []
