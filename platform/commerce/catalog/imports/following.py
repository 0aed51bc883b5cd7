"""Imports that somebody follows as an operation: checked, and then written without a person."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from commerce.catalog.imports.tables import ImportChunk, ImportRun
from commerce.rows import locked
from kernel import operations
from kernel.audit import Subject
from kernel.operations import Operation
from kernel.uow import UnitOfWork

FAULTS_TOLD_MAX = 50
_FIRST_ROW = 2
"""Rows are numbered as a spreadsheet does it: the first below the names of the columns is 2."""


CATALOG_IMPORT = "catalog.import"


def follow(uow: UnitOfWork, run: ImportRun, *, skips_bad_rows: bool) -> Operation:
    """Have an import that was just uploaded written as soon as it is checked."""
    return operations.begin(
        uow,
        CATALOG_IMPORT,
        Subject("import_run", run.id),
        total=2 * run.chunk_count,
        wishes={"skips_bad_rows": skips_bad_rows},
    )


def note_progress(uow: UnitOfWork, run: ImportRun) -> bool:
    """Tell whoever follows a locked import how far it is; True where it is now to be written."""
    operation = operations.open_operation_about(uow, CATALOG_IMPORT, run.id)
    if operation is None:
        return False
    before = run.chunk_count if run.state in ("importing", "done") else 0
    operations.advance(uow, operation, before + run.chunks_ended)
    if run.state == "done":
        operations.succeed(uow, operation, _result(uow, run))
    if run.state != "checked":
        return False
    bad = run.counts.get("bad", 0)
    if bad and not operation.wishes["skips_bad_rows"]:
        operations.fail(uow, operation, _refused(uow, run, bad))
        return False
    if not run.counts.get("create", 0) + run.counts.get("change", 0):
        operations.succeed(uow, operation, _result(uow, run))
        return False
    return True


def give_up(uow: UnitOfWork, run_id: str, error: Exception) -> None:
    """Tell whoever follows an import that it cannot go on, and why."""
    run = locked(uow, ImportRun, "import_run", run_id)
    operation = operations.open_operation_about(uow, CATALOG_IMPORT, run.id)
    if operation is not None:
        code = str(getattr(error, "code", "service.error"))
        title = str(getattr(error, "title", "It could not be done; support knows more."))
        operations.fail(uow, operation, {"code": code, "title": title, **_result(uow, run)})


def _result(uow: UnitOfWork, run: ImportRun) -> dict[str, Any]:
    counts = {outcome: run.counts.get(outcome, 0) for outcome in ("create", "change", "unchanged")}
    bad = run.counts.get("bad", 0)
    return {"import_id": run.id, **counts, "bad": bad, "errors": _faults(uow, run) if bad else []}


def _refused(uow: UnitOfWork, run: ImportRun, bad: int) -> dict[str, Any]:
    return {
        "code": "import.rows_invalid",
        "title": f"{bad} of {run.row_count} rows cannot be imported, so none was. Mend them,"
        " or ask for bad rows to be skipped.",
        "errors": _faults(uow, run),
    }


def _faults(uow: UnitOfWork, run: ImportRun) -> Sequence[dict[str, Any]]:
    """Return what is wrong, with a pointer into the rows as they were sent."""
    chunks = uow.session.scalars(
        select(ImportChunk)
        .where(ImportChunk.run_id == run.id, ImportChunk.bad_count > 0)
        .order_by(ImportChunk.number)
    )
    told = [
        {**fault, "pointer": f"/rows/{each['row'] - _FIRST_ROW}"}
        for chunk in chunks
        for each in chunk.outcomes
        for fault in each["faults"]
    ]
    return told[:FAULTS_TOLD_MAX]
