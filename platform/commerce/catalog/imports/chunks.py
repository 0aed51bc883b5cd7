"""The jobs of imports: one chunk of rows in one transaction, which also starts the next.

Whoever dies halfway leaves the chunk as it was: its rows, the progress and the next job are one
commit. A job that comes late or twice finds the run further on, and does nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

from commerce.catalog.imports.csv_text import FileRow
from commerce.catalog.imports.events import ImportChecked, ImportCompleted
from commerce.catalog.imports.following import give_up, note_progress
from commerce.catalog.imports.judging import OUTCOMES, Known, Verdict, judge, look_up
from commerce.catalog.imports.reading import CellFault, read_row
from commerce.catalog.imports.tables import ImportChunk, ImportRun
from commerce.catalog.imports.undoing import UNDO, note_product, note_sku, undo_chunk
from commerce.catalog.products import change_product, create_product, product_content
from commerce.catalog.skus import add_sku, change_sku, sku_content
from commerce.rows import locked
from kernel.audit import Subject
from kernel.jobs import JobKind, enqueue
from kernel.uow import UnitOfWork

CHECK = "catalog.check_import_chunk"
WRITE = "catalog.write_import_chunk"

Perform = Callable[[UnitOfWork, Known, Verdict], dict[str, Any]]


def check_chunk(uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
    """Judge the rows of a chunk against the catalog as it stands, and write nothing to it."""
    run, chunk = _next_chunk(uow, payload, "checking")
    if chunk is None:
        return
    _go_through(uow, run, chunk, _only_told)
    if run.chunks_ended < run.chunk_count:
        enqueue(uow, CHECK, {"run_id": run.id, "chunk": run.chunks_ended})
        note_progress(uow, run)
        return
    run.state = "checked"
    uow.session.flush()
    is_to_be_written = note_progress(uow, run)
    bad = run.counts["bad"]
    uow.emit(ImportChecked(run.id, run.row_count - bad, bad))
    uow.record("catalog.checked_import", Subject("import_run", run.id, run.version))
    if is_to_be_written:
        begin_writing(uow, run)


def begin_writing(uow: UnitOfWork, run: ImportRun) -> None:
    """Have the good rows of a locked import written, in a job."""
    run.state, run.chunks_ended, run.counts = "importing", 0, {}
    enqueue(uow, WRITE, {"run_id": run.id, "chunk": 0})
    uow.session.flush()
    uow.record("catalog.accept_import", Subject("import_run", run.id, run.version))


def write_chunk(uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
    """Judge the rows of a chunk once more, now under locks, and do what they ask by the verbs."""
    run, chunk = _next_chunk(uow, payload, "importing")
    if chunk is None:
        return
    _go_through(uow, run, chunk, _written)
    if run.chunks_ended < run.chunk_count:
        enqueue(uow, WRITE, {"run_id": run.id, "chunk": run.chunks_ended})
    else:
        run.state, run.ended_at = "done", uow.now
        uow.emit(ImportCompleted(run.id, *(run.counts[outcome] for outcome in OUTCOMES)))
    note_progress(uow, run)
    uow.session.flush()
    facts = {"chunk": chunk.number}
    uow.record("catalog.import_rows", Subject("import_run", run.id, run.version), facts=facts)


def _tell_that_it_ends(uow: UnitOfWork, payload: Mapping[str, Any], error: Exception) -> None:
    give_up(uow, payload["run_id"], error)


JOB_KINDS = (
    JobKind(CHECK, check_chunk, _tell_that_it_ends),
    JobKind(WRITE, write_chunk, _tell_that_it_ends),
    JobKind(UNDO, undo_chunk),
)


def _next_chunk(
    uow: UnitOfWork, payload: Mapping[str, Any], state: str
) -> tuple[ImportRun, ImportChunk | None]:
    run = locked(uow, ImportRun, "import_run", payload["run_id"])
    if run.state != state or run.chunks_ended != payload["chunk"]:
        return run, None
    key = (uow.tenant_id, run.id, run.chunks_ended)
    return run, uow.session.get_one(ImportChunk, key)


def _go_through(uow: UnitOfWork, run: ImportRun, chunk: ImportChunk, perform: Perform) -> None:
    wishes = [read_row(FileRow(number, tuple(cells)), run.fields) for number, cells in chunk.rows]
    known = look_up(uow, wishes, to_change=perform is _written)
    outcomes = []
    for wish in wishes:
        also = [CellFault(**fault) for fault in chunk.repeats.get(str(wish.number), [])]
        verdict = judge(known, wish, also)
        done = {} if verdict.outcome == "bad" else perform(uow, known, verdict)
        faults = [fault.to_json() for fault in verdict.faults]
        outcomes.append({"row": wish.number, "outcome": verdict.outcome, "faults": faults, **done})
    _count(run, chunk, outcomes)


def _only_told(uow: UnitOfWork, known: Known, verdict: Verdict) -> dict[str, Any]:
    del uow
    product = known.products[verdict.wish.product_key]
    return {"product_id": product.row.id if product.row else None}


def _written(uow: UnitOfWork, known: Known, verdict: Verdict) -> dict[str, Any]:
    product = known.products[verdict.wish.product_key]
    assert verdict.product is not None, "a good row says what the product shall be"
    was = None if product.row is None else product_content(product.row)
    if product.row is None:
        product.row = create_product(uow, verdict.product)
    else:
        change_product(uow, product.row.id, verdict.product)
    told = {"product_id": product.row.id, "done": note_product(product.row, was)}
    if verdict.sku is None:
        return told
    sku = known.skus[verdict.wish.sku_key]
    sku_was = None if sku.row is None else sku_content(sku.row)
    if sku.row is None:
        sku.row = add_sku(uow, product.row, verdict.sku)
    else:
        change_sku(uow, sku.row.id, verdict.sku)
    done = [*told["done"], *note_sku(sku.row, sku_was)]
    return {**told, "sku_id": sku.row.id, "done": done}


def _count(run: ImportRun, chunk: ImportChunk, outcomes: list[dict[str, Any]]) -> None:
    told = [each["outcome"] for each in outcomes]
    chunk.outcomes = outcomes
    chunk.created_count = told.count("create")
    chunk.changed_count = told.count("change")
    chunk.unchanged_count = told.count("unchanged")
    chunk.bad_count = told.count("bad")
    run.counts = {each: run.counts.get(each, 0) + told.count(each) for each in OUTCOMES}
    run.chunks_ended += 1
