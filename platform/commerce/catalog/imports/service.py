"""The verbs of imports: upload, check, accept, cancel, undo. Each locks the run first."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import defer

from commerce.catalog import access
from commerce.catalog.imports.chunks import CHECK, begin_writing
from commerce.catalog.imports.columns import guess_fields, mapping_faults
from commerce.catalog.imports.csv_text import FileRow, read_csv, write_csv
from commerce.catalog.imports.errors import ImportNotReady, NothingToImport
from commerce.catalog.imports.following import CATALOG_IMPORT, follow
from commerce.catalog.imports.reading import read_row, repeated
from commerce.catalog.imports.tables import ROWS_PER_CHUNK, ImportChunk, ImportRun
from commerce.catalog.imports.undoing import begin_undoing
from commerce.catalog.rules import insist
from commerce.ids import PREFIXES, ImportRunId
from commerce.rows import locked
from kernel import operations
from kernel.audit import Subject
from kernel.jobs import enqueue
from kernel.operations import Operation, OperationKind
from kernel.uow import UnitOfWork

REMEMBERED_RUNS = 20


def upload(uow: UnitOfWork, file_name: str, content: bytes) -> ImportRun:
    """Read a file and keep its rows, with a guess which column fills which field.

    Raises a FileRefused that says what is wrong with the file, and where.
    """
    uow.actor.must(access.WRITE)
    file = read_csv(content)
    chunks = list(_in_chunks(file.rows))
    run = ImportRun(
        tenant_id=uow.tenant_id,
        id=ImportRunId(uow.new_id(PREFIXES["import_run"])),
        state="uploaded",
        file_name=_shown_name(file_name),
        file_bytes=len(content),
        file_sha256=hashlib.sha256(content).hexdigest(),
        delimiter=file.delimiter,
        header=list(file.header),
        fields=_remembered(uow, file.header) or guess_fields(file.header),
        row_count=len(file.rows),
        chunk_count=len(chunks),
        chunks_ended=0,
        counts={},
        started_by=uow.actor.id,
        created_at=uow.now,
    )
    uow.session.add(run)
    uow.session.flush()
    for number, rows in enumerate(chunks):
        uow.session.add(_chunk(run, number, rows))
    uow.record("catalog.upload_import", Subject("import_run", run.id, run.version))
    return run


def check(uow: UnitOfWork, run_id: ImportRunId, fields: Sequence[str]) -> ImportRun:
    """Settle the mapping and try every row out, in a job; nothing is written to the catalog.

    Raises Invalid for a mapping that cannot be, ImportNotReady where the run is past this step.
    """
    uow.actor.must(access.WRITE)
    run = locked(uow, ImportRun, "import_run", run_id)
    _must_be(run, "uploaded", "checked")
    insist(mapping_faults(run.header, fields))
    run.fields = list(fields)
    _note_repeats(uow, run)
    run.state, run.chunks_ended, run.counts = "checking", 0, {}
    enqueue(uow, CHECK, {"run_id": run.id, "chunk": 0})
    uow.session.flush()
    uow.record("catalog.check_import", Subject("import_run", run.id, run.version))
    return run


def accept(uow: UnitOfWork, run_id: ImportRunId) -> ImportRun:
    """Write the good rows of a checked file in a job, and leave the bad ones out.

    Asking again once it runs changes nothing. Raises ImportNotReady or NothingToImport.
    """
    uow.actor.must(access.WRITE)
    run = locked(uow, ImportRun, "import_run", run_id)
    if run.state in ("importing", "done"):
        return run
    _must_be(run, "checked")
    if not run.counts.get("create", 0) + run.counts.get("change", 0):
        raise NothingToImport
    begin_writing(uow, run)
    return run


def cancel(uow: UnitOfWork, run_id: ImportRunId) -> ImportRun:
    """Give a file up before it is written, and forget its rows; twice is once."""
    uow.actor.must(access.WRITE)
    run = locked(uow, ImportRun, "import_run", run_id)
    if run.state == "cancelled":
        return run
    _must_be(run, "uploaded", "checking", "checked")
    mechanics = (ImportChunk.rows, ImportChunk.repeats, ImportChunk.outcomes)
    statement = select(ImportChunk).where(ImportChunk.run_id == run.id)
    for chunk in uow.session.scalars(statement.options(*(defer(each) for each in mechanics))):
        uow.session.delete(chunk)
    run.state, run.ended_at = "cancelled", uow.now
    uow.session.flush()
    uow.record("catalog.cancel_import", Subject("import_run", run.id, run.version))
    return run


def undo(uow: UnitOfWork, run_id: ImportRunId) -> ImportRun:
    """Take a finished import back in a job; what was changed since stays. Twice is once.

    Raises ImportNotReady before it is done.
    """
    uow.actor.must(access.WRITE)
    run = locked(uow, ImportRun, "import_run", run_id)
    if run.state in ("undoing", "undone"):
        return run
    _must_be(run, "done")
    begin_undoing(uow, run)
    return run


def import_rows(
    uow: UnitOfWork, fields: Sequence[str], rows: Sequence[Sequence[str]], *, skips_bad_rows: bool
) -> Operation:
    """Check rows and then write them, followed as an operation; `fields` names their columns.

    Unless bad rows are to be skipped, one bad row keeps all from being written.
    """
    uow.actor.must(access.WRITE)
    faults = mapping_faults(fields, fields)
    insist([replace(each, pointer=_where_sent(each.pointer)) for each in faults])
    run = upload(uow, "rows.csv", write_csv([fields, *rows], ",").encode())
    operation = follow(uow, run, skips_bad_rows=skips_bad_rows)
    check(uow, run.id, fields)
    return operation


def _where_sent(pointer: str) -> str:
    return pointer.replace("/column.", "/columns/") or "/columns"


operations.declare(
    OperationKind(
        CATALOG_IMPORT,
        access.READ,
        access.WRITE,
        lambda uow, run_id: cancel(uow, ImportRunId(run_id)),
    )
)


def _must_be(run: ImportRun, *states: str) -> None:
    if run.state not in states:
        raise ImportNotReady(run.state)


def _note_repeats(uow: UnitOfWork, run: ImportRun) -> None:
    """Find what only the whole file shows, once, and lay it beside the rows it is about."""
    chunks = list(_chunks(uow, run))
    wishes = [
        read_row(FileRow(number, tuple(cells)), run.fields)
        for chunk in chunks
        for number, cells in chunk.rows
    ]
    faults = repeated(wishes)
    for chunk in chunks:
        chunk.repeats = {
            str(number): [fault.to_json() for fault in faults[number]]
            for number, _ in chunk.rows
            if number in faults
        }


def _chunks(uow: UnitOfWork, run: ImportRun) -> Sequence[ImportChunk]:
    statement = select(ImportChunk).where(ImportChunk.run_id == run.id).order_by(ImportChunk.number)
    return uow.session.scalars(statement).all()


def _chunk(run: ImportRun, number: int, rows: Sequence[FileRow]) -> ImportChunk:
    return ImportChunk(
        tenant_id=run.tenant_id,
        run_id=run.id,
        number=number,
        last_row=rows[-1].number,
        rows=[[row.number, list(row.cells)] for row in rows],
        repeats={},
        outcomes=[],
        created_count=0,
        changed_count=0,
        unchanged_count=0,
        bad_count=0,
    )


def _in_chunks(rows: Sequence[FileRow]) -> Sequence[Sequence[FileRow]]:
    return [rows[start : start + ROWS_PER_CHUNK] for start in range(0, len(rows), ROWS_PER_CHUNK)]


def _remembered(uow: UnitOfWork, header: Sequence[str]) -> list[str] | None:
    """Return the mapping that somebody settled for such a file before."""
    statement = select(ImportRun).where(ImportRun.state != "uploaded").order_by(ImportRun.id.desc())
    for run in uow.session.scalars(statement.limit(REMEMBERED_RUNS)):
        if run.header == list(header):
            return list(run.fields)
    return None


def _shown_name(file_name: str) -> str:
    last = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:200] or "file.csv"
