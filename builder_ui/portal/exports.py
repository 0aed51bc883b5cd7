"""A list as a file: every row that the filter lets through, written page by page as it is read."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from flask import Response, stream_with_context

from builder_ui.shell.cells import Cell, spelled
from builder_ui.shell.listing import Column
from commerce.keyset import PageWish, Slice
from kernel.audit import Subject
from kernel.paging import LIMIT_MAX
from kernel.uow import UnitOfWork
from web.request import current_unit_of_work

Row = TypeVar("Row")


class Spelled(Protocol):
    """What of a row goes into a file."""

    @property
    def cells(self) -> Any: ...


def file_of(
    name: str,
    columns: Sequence[Column],
    fetch: Callable[[UnitOfWork, PageWish], Slice[Row]],
    shown: Callable[[UnitOfWork, Sequence[Row]], Sequence[Spelled]],
    *,
    descending: bool,
    reading: Callable[[], UnitOfWork] = current_unit_of_work,
) -> Response:
    """Return a CSV file (RFC 4180, UTF-8) of a whole list; that it was taken is written down.

    Rows are read in pages of their own transactions, so a long file holds nothing up. A row that
    changes its place meanwhile is in it once, twice or not at all.
    """
    with reading() as uow:
        facts = {"columns": [column.key for column in columns]}
        uow.record("lists.export", Subject("list", name), facts=facts)

    def lines() -> Iterator[str]:
        yield _line([str(column.label) for column in columns])
        wish: PageWish | None = PageWish(limit=LIMIT_MAX, descending=descending)
        while wish is not None:
            with reading() as uow:
                found = fetch(uow, wish)
                told = [each.cells for each in shown(uow, found.rows)]
            for cells in told:
                yield _line([spelled(cells.get(column.key, Cell("text"))) for column in columns])
            wish = (
                PageWish(found.next_after, LIMIT_MAX, descending)
                if found.next_after is not None
                else None
            )

    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(stream_with_context(lines()), mimetype="text/csv", headers=headers)


def _line(values: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(values)
    return written.getvalue()
