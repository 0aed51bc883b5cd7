"""`/api/suppliers`: whom goods are bought from."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.catalog_lists import NamedListFields, ThingFields, filter_of, wish_of
from api.fields import Fields, Text, listed
from api.paging import page
from api.resource import Resource
from commerce.catalog import queries, service
from commerce.catalog.contents import SupplierContent
from commerce.catalog.supply_tables import Supplier
from commerce.ids import SupplierId
from kernel.uow import UnitOfWork

suppliers = Resource("suppliers", "Whom goods are bought from.")


class NewSupplierFields(Fields):
    """What is known of a supplier."""

    code = Text(required=True, max=64, metadata={"example": "POTTERY"})
    name = Text(required=True, max=200)
    country = Text(required=True, max=2, metadata={"example": "NL"})
    currency = Text(required=True, max=3, metadata={"example": "EUR"})
    email = Text(max=254, allow_none=True)


class SupplierFields(ThingFields, NewSupplierFields):
    """A supplier."""


@suppliers.operation(
    "GET",
    "",
    "catalog:read",
    query=NamedListFields,
    answer=listed(SupplierFields, "SupplierPage"),
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List suppliers."""
    found = queries.suppliers(uow, wish_of(uow, query), filter_of(query), order=query["sort"])
    return page(uow, query, found.rows, found.next_after)


@suppliers.operation(
    "POST",
    "",
    "catalog:write",
    body=NewSupplierFields,
    answer=SupplierFields,
    status=201,
    location="/api/suppliers/{id}",
)
def create(uow: UnitOfWork, body: Mapping[str, Any]) -> Supplier:
    """Add a supplier."""
    return service.create_supplier(uow, SupplierContent(**body))


@suppliers.operation("GET", "/<supplier_id>", "catalog:read", answer=SupplierFields)
def show(uow: UnitOfWork, supplier_id: str) -> Supplier:
    """Show a supplier."""
    return queries.one(uow, Supplier, supplier_id)


@suppliers.operation(
    "PATCH", "/<supplier_id>", "catalog:write", body=NewSupplierFields, answer=SupplierFields
)
def change(
    uow: UnitOfWork, supplier_id: str, body: Mapping[str, Any], expected_version: int
) -> Supplier:
    """Change a supplier."""
    row = queries.one(uow, Supplier, supplier_id)
    content = replace(service.supplier_content(row), **body)
    return service.change_supplier(
        uow, SupplierId(supplier_id), content, expected_version=expected_version
    )


@suppliers.operation("POST", "/<supplier_id>/retirement", "catalog:write", answer=SupplierFields)
def retire(uow: UnitOfWork, supplier_id: str) -> Supplier:
    """Order nothing more from a supplier."""
    return service.retire_supplier(uow, SupplierId(supplier_id))


@suppliers.operation("DELETE", "/<supplier_id>/retirement", "catalog:write", answer=SupplierFields)
def reinstate(uow: UnitOfWork, supplier_id: str, expected_version: int) -> Supplier:
    """Order from a retired supplier again."""
    return service.reinstate_supplier(
        uow, SupplierId(supplier_id), expected_version=expected_version
    )
