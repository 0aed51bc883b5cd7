"""Reads of imports: the runs, the rows of one by what they did, and the bad rows as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from commerce.catalog.imports.columns import LABELS
from commerce.catalog.imports.csv_text import write_csv
from commerce.catalog.imports.judging import Outcome
from commerce.catalog.imports.tables import ImportChunk, ImportRun
from commerce.ids import ImportRunId
from commerce.keyset import PageWish, Slice, keyset_slice
from kernel.errors import NotFound
from kernel.uow import UnitOfWork

_COUNT: dict[Outcome, InstrumentedAttribute[int]] = {
    "create": ImportChunk.created_count,
    "change": ImportChunk.changed_count,
    "unchanged": ImportChunk.unchanged_count,
    "bad": ImportChunk.bad_count,
}


@dataclass(frozen=True)
class FoundFault:
    """A fault as a person reads it: the column's name in the file, and what stands there."""

    column: str
    value: str
    told: str


@dataclass(frozen=True)
class JudgedRow:
    """A row of the file and what it would do, or did."""

    number: int
    cells: Sequence[str]
    outcome: Outcome
    faults: Sequence[FoundFault] = ()
    product_id: str | None = None
    sku_id: str | None = None
    undone: str | None = None
    """Whether what it did was `undone`, or `kept` because it was changed since."""


def runs(uow: UnitOfWork, wish: PageWish) -> Slice[ImportRun]:
    """List imports in the order they were started."""
    return keyset_slice(uow, select(ImportRun), [ImportRun.id], wish)


def run(uow: UnitOfWork, run_id: ImportRunId) -> ImportRun:
    """Return one import; NotFound where this tenant has none."""
    found = uow.session.get(ImportRun, (uow.tenant_id, run_id))
    if found is None:
        raise NotFound("import_run", run_id)
    return found


def first_rows(uow: UnitOfWork, run: ImportRun, most: int = 3) -> list[Sequence[str]]:
    """Return the cells of the first few rows, as examples for the mapping."""
    chunk = uow.session.get(ImportChunk, (uow.tenant_id, run.id, 0))
    return [cells for _, cells in chunk.rows[:most]] if chunk else []


def judged_rows(
    uow: UnitOfWork, run: ImportRun, outcome: Outcome | None, *, after: int = 0, limit: int = 50
) -> Slice[JudgedRow]:
    """Return rows after a row number, those of one outcome where one is named."""
    found: list[JudgedRow] = []
    for row in _judged(uow, run, outcome, after):
        found.append(row)
        if len(found) > limit:
            return Slice(found[:limit], (found[limit - 1].number,))
    return Slice(found, None)


def bad_rows_file(uow: UnitOfWork, run: ImportRun) -> str:
    """Return the bad rows as CSV: as they came, with what is wrong behind them.

    No cell is a formula to a spreadsheet; read again, each says what it said before.
    """
    rows = [[*run.header, "Row", "What is wrong"]]
    for row in _judged(uow, run, "bad"):
        told = "; ".join(
            f"{fault.column}: {fault.told}" if fault.column else fault.told for fault in row.faults
        )
        cells = [*row.cells, *[""] * (len(run.header) - len(row.cells))]
        rows.append([*cells[: len(run.header)], str(row.number), told])
    return write_csv(rows, run.delimiter)


def _judged(
    uow: UnitOfWork, run: ImportRun, outcome: Outcome | None, after: int = 0
) -> Iterator[JudgedRow]:
    statement = (
        select(ImportChunk.number)
        .where(ImportChunk.run_id == run.id, ImportChunk.last_row > after)
        .order_by(ImportChunk.number)
    )
    if outcome is not None:
        statement = statement.where(_COUNT[outcome] > 0)
    # A chunk at a time: a file may be fifty megabytes.
    for number in uow.session.scalars(statement).all():
        chunk = uow.session.get_one(ImportChunk, (uow.tenant_id, run.id, number))
        yield from _judged_in(run, chunk, outcome, after)
        uow.session.expunge(chunk)


def _judged_in(
    run: ImportRun, chunk: ImportChunk, outcome: Outcome | None, after: int
) -> Iterator[JudgedRow]:
    cells = dict(chunk.rows)
    for told in chunk.outcomes:
        if told["row"] > after and outcome in (None, told["outcome"]):
            row: Sequence[str] = cells[told["row"]]
            yield JudgedRow(
                told["row"],
                row,
                told["outcome"],
                [_shown(run, row, each["field"], each["detail"]) for each in told["faults"]],
                told.get("product_id"),
                told.get("sku_id"),
                told.get("undone"),
            )


def _shown(run: ImportRun, cells: Sequence[str], field: str, detail: str) -> FoundFault:
    if field not in run.fields or not field:
        return FoundFault(LABELS.get(field, ""), "", detail)
    index = run.fields.index(field)
    value = cells[index] if index < len(cells) else ""
    return FoundFault(run.header[index] or f"Column {index + 1}", value, detail)
