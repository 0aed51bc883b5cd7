"""Imports: a run per file, and its rows in chunks that are judged and written one by one."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from commerce.ids import ImportRunId
from kernel.db import Table, TenantOwned, UtcDateTime, id_column, reference

ROWS_PER_CHUNK = 100


class ImportRun(TenantOwned, Table):
    """One file on its way into the catalog.

    uploaded → checking → checked → importing → done; until it is importing it may be cancelled,
    and what is done may be taken back: undoing → undone.
    `fields` says for each column which field it fills ("" for none). Counts are by outcome.
    """

    __tablename__ = "import_run"

    id: Mapped[ImportRunId] = id_column()
    state: Mapped[str] = mapped_column(String(10))
    file_name: Mapped[str] = mapped_column(String(200))
    file_bytes: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str] = mapped_column(String(64))
    delimiter: Mapped[str] = mapped_column(String(1))
    header: Mapped[list[str]] = mapped_column(JSONB)
    fields: Mapped[list[str]] = mapped_column(JSONB)
    row_count: Mapped[int] = mapped_column(Integer)
    chunk_count: Mapped[int] = mapped_column(Integer)
    chunks_ended: Mapped[int] = mapped_column(Integer)
    counts: Mapped[dict[str, int]] = mapped_column(JSONB)
    started_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(
            "state IN ('uploaded','checking','checked','importing','done','cancelled',"
            "'undoing','undone')",
            name="state",
        ),
        CheckConstraint("chunks_ended BETWEEN 0 AND chunk_count", name="progress"),
    )


class ImportChunk(TenantOwned, Table):
    """Some rows of a file, what each would do or did, and what only the whole file shows of them.

    The rows are those of the file whose digest the run keeps, and what they did is in the audit
    log of the things they did it to: neither is repeated there.
    """

    __tablename__ = "import_chunk"
    ungoverned: ClassVar[frozenset[str]] = frozenset({"rows", "repeats", "outcomes"})

    run_id: Mapped[ImportRunId] = id_column()
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    last_row: Mapped[int] = mapped_column(Integer)
    rows: Mapped[list[Any]] = mapped_column(JSONB)
    """`[row number, [cells]]`, in the file's order."""
    repeats: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Faults by row number that the rows before it cause."""
    outcomes: Mapped[list[Any]] = mapped_column(JSONB)
    """For each row judged: `{row, outcome, faults, product_id, sku_id, done, undone}`."""
    created_count: Mapped[int] = mapped_column(Integer)
    changed_count: Mapped[int] = mapped_column(Integer)
    unchanged_count: Mapped[int] = mapped_column(Integer)
    bad_count: Mapped[int] = mapped_column(Integer)

    __table_args__ = (reference(["run_id"], "import_run"),)
