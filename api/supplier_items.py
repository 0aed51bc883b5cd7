"""`/api/supplier-items`: on what terms a supplier sells a SKU."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.catalog_lists import StateListFields, ThingFields, wish_of
from api.fields import Amount, Fields, Text, Whole, listed
from api.paging import page
from api.resource import Resource
from commerce.catalog import queries, service
from commerce.catalog.contents import SupplierItemContent
from commerce.catalog.supply_tables import SupplierItem
from commerce.catalog.units import QUANTITY_MAX
from commerce.ids import SkuId, SupplierId, SupplierItemId
from kernel.uow import UnitOfWork

supplier_items = Resource("supplier_items", "On what terms a supplier sells a SKU.")


class TermsFields(Fields):
    """The terms: `cost` buys `cost_quantity` base units of the SKU."""

    cost = Amount(required=True)
    cost_quantity = Whole(min=1, max=QUANTITY_MAX)
    lead_time_days = Whole(required=True, max=1_000)
    minimum_quantity = Whole(min=1, max=QUANTITY_MAX)
    multiple_quantity = Whole(min=1, max=QUANTITY_MAX)
    rank = Whole(min=1, max=1_000, metadata={"description": "The lowest is asked first."})
    supplier_code = Text(max=64, allow_none=True)


class NewSupplierItemFields(TermsFields):
    """Terms of a supplier for a SKU."""

    supplier_id = Text(required=True, max=40)
    sku_id = Text(required=True, max=40)


class SupplierItemFields(ThingFields, NewSupplierItemFields):
    """The terms on which a supplier sells a SKU."""


class SupplierItemListFields(StateListFields):
    """Which supplier items."""

    supplier_id = Text(max=40, load_default=None)
    sku_id = Text(max=40, load_default=None)


@supplier_items.operation(
    "GET",
    "",
    "catalog:read",
    query=SupplierItemListFields,
    answer=listed(SupplierItemFields, "SupplierItemPage"),
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List supplier items."""
    found = queries.supplier_items(
        uow,
        wish_of(uow, query),
        state=query["state"],
        supplier_id=query["supplier_id"],
        sku_id=query["sku_id"],
    )
    return page(uow, query, found.rows, found.next_after)


@supplier_items.operation(
    "POST",
    "",
    "catalog:write",
    body=NewSupplierItemFields,
    answer=SupplierItemFields,
    status=201,
    location="/api/supplier-items/{id}",
)
def create(uow: UnitOfWork, body: Mapping[str, Any]) -> SupplierItem:
    """Note on what terms a supplier sells a SKU."""
    said = dict(body)
    supplier_id, sku_id = SupplierId(said.pop("supplier_id")), SkuId(said.pop("sku_id"))
    return service.create_supplier_item(uow, supplier_id, sku_id, SupplierItemContent(**said))


@supplier_items.operation("GET", "/<supplier_item_id>", "catalog:read", answer=SupplierItemFields)
def show(uow: UnitOfWork, supplier_item_id: str) -> SupplierItem:
    """Show a supplier item."""
    return queries.one(uow, SupplierItem, supplier_item_id)


@supplier_items.operation(
    "PATCH", "/<supplier_item_id>", "catalog:write", body=TermsFields, answer=SupplierItemFields
)
def change(
    uow: UnitOfWork, supplier_item_id: str, body: Mapping[str, Any], expected_version: int
) -> SupplierItem:
    """Change a supplier item."""
    row = queries.one(uow, SupplierItem, supplier_item_id)
    content = replace(service.supplier_item_content(row), **body)
    return service.change_supplier_item(
        uow, SupplierItemId(supplier_item_id), content, expected_version=expected_version
    )


@supplier_items.operation(
    "POST", "/<supplier_item_id>/retirement", "catalog:write", answer=SupplierItemFields
)
def retire(uow: UnitOfWork, supplier_item_id: str) -> SupplierItem:
    """Order a SKU no more on these terms."""
    return service.retire_supplier_item(uow, SupplierItemId(supplier_item_id))


@supplier_items.operation(
    "DELETE", "/<supplier_item_id>/retirement", "catalog:write", answer=SupplierItemFields
)
def reinstate(uow: UnitOfWork, supplier_item_id: str, expected_version: int) -> SupplierItem:
    """Order a SKU on these terms again."""
    return service.reinstate_supplier_item(
        uow, SupplierItemId(supplier_item_id), expected_version=expected_version
    )
