"""Pages of a list: a signed cursor in, rows and the address of the next page out (API-07)."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import request

from api.fields import Fields, QueryNumber, Text
from kernel.canonical import to_json
from kernel.paging import LIMIT_DEFAULT, LIMIT_MAX
from kernel.uow import UnitOfWork
from web.request import current_runtime


class PageFields(Fields):
    """Which page of a list: add a list's own filters in a subclass."""

    limit = QueryNumber(min=1, max=LIMIT_MAX, load_default=LIMIT_DEFAULT)
    cursor = Text(
        max=2000, metadata={"description": "From the address in `next`; for this list only."}
    )


def after(uow: UnitOfWork, query: Mapping[str, Any]) -> list[Any] | None:
    """Return the sort values that a query's cursor goes on after, or None for the first page.

    Raises CursorInvalid for the cursor of another tenant, list or filter.
    """
    cursor = query.get("cursor")
    if cursor is None:
        return None
    return current_runtime().cursors.read(uow.tenant_id, _bound(query), cursor)


def page(
    uow: UnitOfWork,
    query: Mapping[str, Any],
    rows: Sequence[Any],
    next_after: Sequence[Any] | None,
) -> dict[str, Any]:
    """Return the rows with the address of the next page, or null where this is the last."""
    address = None
    if next_after is not None:
        cursor = current_runtime().cursors.write(uow.tenant_id, _bound(query), next_after)
        given = {name: each for name, each in request.args.items() if name != "cursor"}
        address = f"{request.path}?{urlencode({**given, 'cursor': cursor})}"
    return {"data": rows, "next": address}


def _bound(query: Mapping[str, Any]) -> dict[str, Any]:
    filters = {name: value for name, value in query.items() if name not in ("cursor", "limit")}
    return {"list": request.path, "filters": to_json(filters)}
