"""What a workflow may do to the catalog, and that each undo brings back what was there."""

from typing import Any

import pytest

from commerce.catalog import queries
from commerce.catalog.actions import ACTIONS
from commerce.catalog.network_tables import ChannelListing
from commerce.catalog.tables import Product, Sku
from kernel.actions import Action, Catalogue
from kernel.errors import Invalid
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from tests.commerce.builders import ANA, a_channel, a_listing, a_sku
from tests.conftest import ACME

CATALOGUE = Catalogue(ACTIONS)
STEP = "step_1"


def run(uow: UnitOfWork, action: Action, **said: Any) -> dict[str, Any]:
    """Run an action as the engine does: schema in, schema out."""
    output = action.run(uow, action.input().load(said), STEP)
    return dict(action.output().load(action.output().dump(output)))


def undo(uow: UnitOfWork, action: Action, output: dict[str, Any]) -> None:
    assert action.undo is not None
    action.undo(uow, output, STEP)


def test_a_price_is_changed_and_changed_back(runtime: Runtime) -> None:
    change_price = CATALOGUE["catalog.change_price"]
    with runtime.unit_of_work(ACME, ANA) as uow:
        listing = a_listing(uow, a_channel(uow), a_sku(uow), "12.34")
        price = {"amount": "9.99", "currency": "EUR"}

        output = run(uow, change_price, listing_id=listing.id, price=price)
        changed = str(queries.one(uow, ChannelListing, listing.id).price)
        undo(uow, change_price, output)

        assert changed == "9.99 EUR"
        assert output == {
            "listing_id": listing.id,
            "price": price,
            "price_before": {"amount": "12.34", "currency": "EUR"},
        }
        assert str(queries.one(uow, ChannelListing, listing.id).price) == "12.34 EUR"


def test_a_price_with_too_many_places_is_refused(runtime: Runtime) -> None:
    with pytest.raises(Invalid), runtime.unit_of_work(ACME, ANA) as uow:
        listing = a_listing(uow, a_channel(uow), a_sku(uow))
        price = {"amount": "9.999", "currency": "EUR"}
        run(uow, CATALOGUE["catalog.change_price"], listing_id=listing.id, price=price)


def test_a_sku_and_a_product_go_off_sale_and_back(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        sku = a_sku(uow)
        product = queries.one(uow, Product, sku.product_id)

        gone = run(uow, CATALOGUE["catalog.retire_sku"], sku_id=sku.id)
        all_gone = run(uow, CATALOGUE["catalog.retire_product"], product_id=product.id)
        assert (sku.is_active, product.is_active) == (False, False)

        undo(uow, CATALOGUE["catalog.retire_sku"], gone)
        undo(uow, CATALOGUE["catalog.retire_product"], all_gone)
        assert (sku.is_active, product.is_active) == (True, True)


def test_undoing_does_not_bring_back_what_was_gone_before(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        sku = a_sku(uow)
        retire = CATALOGUE["catalog.retire_sku"]
        run(uow, retire, sku_id=sku.id)

        second = run(uow, retire, sku_id=sku.id)
        undo(uow, retire, second)

        assert not queries.one(uow, Sku, sku.id).is_active
