"""`/api/catalog-imports`: many products and SKUs at once, followed as an operation."""

from collections.abc import Mapping
from typing import Any

from marshmallow import validate
from marshmallow.fields import List

from api.fields import Choice, Fields, Text
from api.operations import ADDRESS, OperationFields, shown
from api.resource import Resource
from commerce.catalog.imports.columns import FIELDS
from commerce.catalog.imports.csv_text import COLUMNS_MAX
from commerce.catalog.imports.service import import_rows
from kernel.uow import UnitOfWork

catalog_imports = Resource("catalog_imports", "Many products and SKUs at once.")

ROWS_MAX = 2_000
CELL_LENGTH_MAX = 10_000


class NewCatalogImportFields(Fields):
    """Rows of products and SKUs.

    `columns` says what each column holds; `bad_rows` whether one bad row keeps all from being
    written, or is skipped.
    """

    columns = List(
        Choice(*(field.name for field in FIELDS)),
        required=True,
        validate=validate.Length(1, COLUMNS_MAX),
    )
    rows = List(
        List(Text(min=0, max=CELL_LENGTH_MAX), validate=validate.Length(1, COLUMNS_MAX)),
        required=True,
        validate=validate.Length(1, ROWS_MAX),
    )
    bad_rows = Choice("refuse", "skip", load_default="refuse")


@catalog_imports.operation(
    "POST",
    "",
    "catalog:write",
    body=NewCatalogImportFields,
    answer=OperationFields,
    status=202,
    needs_key=True,
    location=ADDRESS,
    is_followed=True,
)
def start(uow: UnitOfWork, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Have rows checked and then written, in parts, by workers; follow them at Location."""
    skips = body["bad_rows"] == "skip"
    return shown(import_rows(uow, body["columns"], body["rows"], skips_bad_rows=skips))
