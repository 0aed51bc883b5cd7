"""Takes an import back: what it added goes off sale, what it changed says again what it said.

Only what still says what the import made of it: what somebody changed since stays as it is. The
last row is taken back first, chunk by chunk, as the rows were written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from commerce.catalog.contents import Pack, ProductContent, SkuContent
from commerce.catalog.imports.tables import ImportChunk, ImportRun
from commerce.catalog.products import change_product, product_content, retire_product
from commerce.catalog.skus import change_sku, retire_sku, sku_content
from commerce.catalog.tables import Product, Sku
from commerce.rows import locked
from kernel.audit import Subject
from kernel.canonical import to_json
from kernel.errors import Refusal
from kernel.jobs import enqueue
from kernel.uow import UnitOfWork

UNDO = "catalog.undo_import_chunk"
UNDONE, KEPT = "undone", "kept"

Done = dict[str, Any]
"""What a row did to one product or SKU: `{kind, id, was, made}`; `was` is None where it is new."""


def note_product(row: Product, was: ProductContent | None) -> list[Done]:
    """Return what a row did to a product, nothing where it says what it said."""
    made = product_content(row)
    return [] if made == was else [_done("product", row.id, was, made)]


def note_sku(row: Sku, was: SkuContent | None) -> list[Done]:
    """Return what a row did to a SKU, nothing where it says what it said."""
    made = sku_content(row)
    return [] if made == was else [_done("sku", row.id, was, made)]


def begin_undoing(uow: UnitOfWork, run: ImportRun) -> None:
    """Have a locked import taken back, in a job."""
    run.state, run.chunks_ended, run.ended_at = "undoing", 0, None
    enqueue(uow, UNDO, {"run_id": run.id, "chunk": 0})
    uow.session.flush()
    uow.record("catalog.undo_import", Subject("import_run", run.id, run.version))


def undo_chunk(uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
    """Take the rows of a chunk back, the last first, and have the chunk before it follow."""
    run = locked(uow, ImportRun, "import_run", payload["run_id"])
    if run.state != "undoing" or run.chunks_ended != payload["chunk"]:
        return
    number = run.chunk_count - 1 - run.chunks_ended
    chunk = uow.session.get_one(ImportChunk, (uow.tenant_id, run.id, number))
    told = [_row_undone(uow, each) for each in reversed(chunk.outcomes)]
    chunk.outcomes = told[::-1]
    results = [each["undone"] for each in told if "undone" in each]
    run.counts = {
        **run.counts,
        **{each: run.counts.get(each, 0) + results.count(each) for each in (UNDONE, KEPT)},
    }
    run.chunks_ended += 1
    if run.chunks_ended < run.chunk_count:
        enqueue(uow, UNDO, {"run_id": run.id, "chunk": run.chunks_ended})
    else:
        run.state, run.ended_at = "undone", uow.now
    uow.session.flush()
    uow.record(
        "catalog.undo_import_rows",
        Subject("import_run", run.id, run.version),
        facts={"chunk": number},
    )


def _row_undone(uow: UnitOfWork, told: dict[str, Any]) -> dict[str, Any]:
    """Take back what a row did; a row that did nothing is told as before."""
    if told["outcome"] not in ("create", "change"):
        return told
    # The SKU before its product: a product goes off sale when nothing of it is for sale.
    done: Sequence[Done] = told.get("done", [])
    results = [_undone(uow, each) for each in reversed(done)]
    return {**told, "undone": UNDONE if results and all(results) else KEPT}


def _undone(uow: UnitOfWork, done: Done) -> bool:
    """Take one thing back; False where it says something else by now, or a rule forbids it."""
    undo = _undo_product if done["kind"] == "product" else _undo_sku
    try:
        with uow.savepoint():
            return undo(uow, done)
    except Refusal:
        # Another SKU has its old GTIN by now, say.
        return False


def _undo_product(uow: UnitOfWork, done: Done) -> bool:
    product = locked(uow, Product, "product", done["id"])
    if not product.is_active or product_content(product) != ProductContent(**done["made"]):
        return False
    if done["was"] is not None:
        change_product(uow, product.id, ProductContent(**done["was"]))
        return True
    on_sale = select(Sku.id).where(Sku.product_id == product.id, Sku.retired_at.is_(None))
    if uow.session.scalar(on_sale.limit(1)) is not None:
        return False
    retire_product(uow, product.id)
    return True


def _undo_sku(uow: UnitOfWork, done: Done) -> bool:
    sku = locked(uow, Sku, "sku", done["id"])
    if not sku.is_active or sku_content(sku) != _sku(done["made"]):
        return False
    if done["was"] is None:
        retire_sku(uow, sku.id)
    else:
        change_sku(uow, sku.id, _sku(done["was"]))
    return True


def _done(
    kind: str,
    identity: str,
    was: ProductContent | SkuContent | None,
    made: ProductContent | SkuContent,
) -> Done:
    said = None if was is None else to_json(asdict(was))
    return {"kind": kind, "id": identity, "was": said, "made": to_json(asdict(made))}


def _sku(said: Mapping[str, Any]) -> SkuContent:
    return SkuContent(**{**said, "packs": tuple(Pack(**pack) for pack in said["packs"])})
