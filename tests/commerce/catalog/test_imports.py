"""The import: what the dry run tells is what the import does, once, whoever dies halfway."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import func, select

from commerce.catalog import queries, service
from commerce.catalog.contents import ProductContent, SkuContent
from commerce.catalog.imports import queries as import_queries
from commerce.catalog.imports import service as imports
from commerce.catalog.imports.errors import ImportNotReady, NothingToImport
from commerce.catalog.imports.queries import FoundFault
from commerce.catalog.imports.tables import ImportChunk, ImportRun
from commerce.catalog.tables import Product, Sku
from commerce.keyset import PageWish
from kernel.audit import AuditEntry
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.errors import Invalid, NotFound, PermissionMissing
from kernel.outbox import OutboxEvent
from kernel.runtime import Runtime
from tests.commerce.builders import ANA, BEN, a_product, a_sku
from tests.commerce.catalog.import_files import (
    HEADER,
    again,
    checked,
    csv_of,
    imported,
    importing_runtime,
    mug_rows,
)
from tests.conftest import ACME, GLOBEX, Cluster

GOOD_EAN = "4006381333931"


@pytest.fixture
def importing(runtime: Runtime, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """The kernel with the import's jobs; ACME and GLOBEX exist."""
    composed = importing_runtime(config, clock)
    yield composed
    composed.close()


def faults(runtime: Runtime, run: ImportRun) -> dict[int, list[tuple[str, str, str]]]:
    with runtime.unit_of_work(ACME, ANA) as uow:
        rows = import_queries.judged_rows(uow, run, "bad").rows
    return {
        row.number: [(each.column, each.value, each.told) for each in row.faults] for row in rows
    }


def count(runtime: Runtime, table: type[Product] | type[Sku]) -> int:
    with runtime.unit_of_work(ACME, ANA) as uow:
        return uow.session.scalar(select(func.count()).select_from(table)) or 0


def said(runtime: Runtime, code: str) -> tuple[ProductContent, list[SkuContent]]:
    with runtime.unit_of_work(ACME, ANA) as uow:
        product = queries.by_code(uow, Product, code)
        skus = queries.skus(uow, PageWish(), product_id=product.id)
        return service.product_content(product), [service.sku_content(sku) for sku in skus.rows]


def test_a_dry_run_tells_everything_and_writes_nothing(importing: Runtime) -> None:
    run = checked(importing, csv_of(*mug_rows(250)))

    assert (run.state, run.counts) == (
        "checked",
        {"create": 250, "change": 0, "unchanged": 0, "bad": 0},
    )
    assert count(importing, Product) == 0
    with importing.unit_of_work(ACME, ANA) as uow:
        names = uow.session.scalars(select(OutboxEvent.name)).all()
    assert names == ["import.checked"]


def test_what_was_told_is_what_is_done(importing: Runtime) -> None:
    """P6: creates, changes, leaves alone and leaves out exactly the rows it said it would."""
    with importing.unit_of_work(ACME, ANA) as uow:
        a_product(uow, code="MUG-00000", name="Mug number 0", category="Kitchen")
        a_product(uow, code="MUG-00001", name="An old name", category="Kitchen")
    rows = [(code, name, category) for code, name, category, *_ in mug_rows(3)]
    run = checked(importing, csv_of(*rows, ("", "Nameless", ""), header=HEADER[:3]))
    told = run.counts

    with importing.unit_of_work(ACME, ANA) as uow:
        imports.accept(uow, run.id)
    importing.drain_all()

    done = again(importing, run)
    assert (done.state, done.counts) == ("done", told)
    assert told == {"create": 1, "change": 1, "unchanged": 1, "bad": 1}
    assert said(importing, "mug-00001")[0] == ProductContent("MUG-00001", "Mug number 1", "Kitchen")
    assert count(importing, Product) == 3


def test_a_row_becomes_a_product_and_its_sku(importing: Runtime) -> None:
    imported(importing, csv_of(("MUG", "Mug", "Kitchen", "MUG-S", GOOD_EAN, "350")))

    assert said(importing, "MUG") == (
        ProductContent("MUG", "Mug", "Kitchen"),
        [SkuContent("MUG-S", "Mug", "piece", GOOD_EAN, 350)],
    )


def test_every_thing_that_was_imported_has_its_own_audit_trail(importing: Runtime) -> None:
    """AUD-01: by whom, though a job wrote it."""
    imported(importing, csv_of(("MUG", "Mug", "Kitchen", "MUG-S", "", "")))

    with importing.unit_of_work(ACME, ANA) as uow:
        product = queries.by_code(uow, Product, "MUG")
        entries = uow.session.scalars(
            select(AuditEntry).where(AuditEntry.subject_id == product.id)
        ).all()
    assert [(entry.action, entry.actor_id) for entry in entries] == [
        ("catalog.create_product", ANA.id)
    ]


def test_a_second_row_of_a_product_is_another_variant(importing: Runtime) -> None:
    imported(
        importing,
        csv_of(("MUG", "Mug", "", "MUG-S", "", ""), ("mug", "Mug", "", "MUG-L", "", "500")),
    )

    assert [sku.code for sku in said(importing, "MUG")[1]] == ["MUG-S", "MUG-L"]


def test_the_same_file_again_changes_nothing(importing: Runtime) -> None:
    content = csv_of(*mug_rows(120))
    imported(importing, content)

    run = checked(importing, content)

    assert run.counts == {"create": 0, "change": 0, "unchanged": 120, "bad": 0}
    with pytest.raises(NothingToImport), importing.unit_of_work(ACME, ANA) as uow:
        imports.accept(uow, run.id)


def test_columns_that_are_left_out_keep_what_stands_there(importing: Runtime) -> None:
    with importing.unit_of_work(ACME, ANA) as uow:
        a_product(uow, code="MUG", name="Mug", category="Kitchen", description="Holds coffee.")

    imported(importing, csv_of(("MUG", "Big mug"), header=("code", "name")))
    kept = said(importing, "MUG")[0]
    imported(importing, csv_of(("MUG", "Big mug", ""), header=("code", "name", "category")))
    emptied = said(importing, "MUG")[0]

    assert kept == ProductContent("MUG", "Big mug", "Kitchen", "Holds coffee.")
    assert emptied == ProductContent("MUG", "Big mug", None, "Holds coffee.")


def test_each_fault_names_row_column_value_and_remedy(importing: Runtime) -> None:
    with importing.unit_of_work(ACME, ANA) as uow:
        a_sku(uow, code="TAKEN", gtin=GOOD_EAN)
        gone = a_product(uow, code="GONE", name="Gone")
        service.retire_product(uow, gone.id)
    run = checked(
        importing,
        csv_of(
            ("A", "", "", "", "", ""),
            ("B", "B", "", "B-1", "123", ""),
            ("C", "C", "", "C-1", "", "0.5"),
            ("D", "D", "", "", "", "10"),
            ("E", "E", "", "TAKEN", "", ""),
            ("F", "F", "", "F-1", GOOD_EAN, ""),
            ("GONE", "Gone", "", "GONE-1", "", ""),
            ("H", "H", "", "", "", "", "too many"),
        ),
    )

    assert faults(importing, run) == {
        2: [("Product name", "", "This must not be empty.")],
        3: [("EAN", "123",
             "A GTIN has 8, 12, 13 or 14 digits, and the last one checks the others.")],
        4: [("Weight (g)", "0.5", "Write whole grams in figures, such as 350.")],
        5: [("SKU", "", "Write the SKU code, or leave the other cells of the SKU empty.")],
        6: [("SKU", "TAKEN", "This SKU belongs to another product: choose another SKU code.")],
        7: [("EAN", GOOD_EAN, "This GTIN belongs to another SKU.")],
        8: [("Product code", "GONE",
             "This product is out of use: bring it back before you add a SKU.")],
        9: [("", "", "This row has 7 cells, but there are 6 columns.")],
    }  # fmt: skip


def test_repetitions_are_found_across_the_whole_file(importing: Runtime) -> None:
    filler = mug_rows(150)
    run = checked(
        importing,
        csv_of(
            ("A", "A", "", "", GOOD_EAN[:0], ""),
            ("B", "B", "", "B-1", GOOD_EAN, ""),
            *filler,
            ("a", "A", "", "", "", ""),
            ("B", "Another", "", "b-1", GOOD_EAN, ""),
        ),
    )

    assert faults(importing, run) == {
        154: [("Product code", "a", "Row 2 has this Product code already: keep one of the two.")],
        155: [
            ("Product name", "Another",
             "Row 3 says something else of this product: make both say the same."),
            ("SKU", "b-1", "Row 3 has this SKU code already: keep one of the two."),
            ("EAN", GOOD_EAN, "Row 3 has this GTIN already: keep one of the two."),
        ],
    }  # fmt: skip


def test_the_bad_rows_come_back_as_a_file_that_can_be_mended(importing: Runtime) -> None:
    run = checked(importing, csv_of(("=A", "", "Kitchen"), ("B", "B", ""), header=HEADER[:3]))

    with importing.unit_of_work(ACME, ANA) as uow:
        file = import_queries.bad_rows_file(uow, run)

    assert file == (
        "\ufeffProduct code,Product name,Category,Row,What is wrong\r\n"
        "'=A,,Kitchen,2,Product name: This must not be empty.\r\n"
    )
    mended = checked(importing, file.replace("'=A,,", "'=A,Mug,").encode())
    assert mended.counts == {"create": 1, "change": 0, "unchanged": 0, "bad": 0}


def test_a_mapping_is_remembered_for_the_next_file_of_its_kind(importing: Runtime) -> None:
    header = ("Nr", "Was", "Wo")
    with importing.unit_of_work(ACME, ANA) as uow:
        run = imports.upload(uow, "mugs.csv", csv_of(("A", "B", "C"), header=header))
        assert run.fields == ["", "", ""]
        imports.check(uow, run.id, ["code", "name", ""])

    with importing.unit_of_work(ACME, ANA) as uow:
        again_ = imports.upload(uow, "C:\\mugs\\more.csv", csv_of(("D", "E", "F"), header=header))

    assert (again_.fields, again_.file_name) == (["code", "name", ""], "more.csv")


def test_a_mapping_that_cannot_be_is_refused(importing: Runtime) -> None:
    with importing.unit_of_work(ACME, ANA) as uow:
        run = imports.upload(uow, "mugs.csv", csv_of(("A", "B"), header=("a", "b")))

    with pytest.raises(Invalid), importing.unit_of_work(ACME, ANA) as uow:
        imports.check(uow, run.id, ["code", ""])


def test_no_step_is_taken_out_of_turn(importing: Runtime) -> None:
    with importing.unit_of_work(ACME, ANA) as uow:
        run = imports.upload(uow, "mugs.csv", csv_of(*mug_rows(1)))
    with pytest.raises(ImportNotReady), importing.unit_of_work(ACME, ANA) as uow:
        imports.accept(uow, run.id)

    run = imported(importing, csv_of(*mug_rows(1)))
    with pytest.raises(ImportNotReady), importing.unit_of_work(ACME, ANA) as uow:
        imports.cancel(uow, run.id)
    with importing.unit_of_work(ACME, ANA) as uow:
        assert imports.accept(uow, run.id).state == "done"


def test_a_cancelled_import_forgets_its_rows_and_its_jobs_do_nothing(importing: Runtime) -> None:
    with importing.unit_of_work(ACME, ANA) as uow:
        run = imports.upload(uow, "mugs.csv", csv_of(*mug_rows(1)))
        imports.check(uow, run.id, run.fields)
        imports.cancel(uow, run.id)
        imports.cancel(uow, run.id)

    importing.drain_all()

    assert again(importing, run).state == "cancelled"
    with importing.unit_of_work(ACME, ANA) as uow:
        assert uow.session.scalars(select(ImportChunk)).all() == []


def test_something_that_changed_since_the_dry_run_is_judged_anew(importing: Runtime) -> None:
    run = checked(importing, csv_of(*mug_rows(2)))
    with importing.unit_of_work(ACME, ANA) as uow:
        a_product(uow, code="MUG-00000", name="Faster than the import")

    with importing.unit_of_work(ACME, ANA) as uow:
        imports.accept(uow, run.id)
    importing.drain_all()

    assert again(importing, run).counts == {"create": 2, "change": 0, "unchanged": 0, "bad": 0}
    product, skus = said(importing, "MUG-00000")
    assert (product.name, len(skus)) == ("Mug number 0", 1)


def test_rows_are_listed_by_what_they_did_page_by_page(importing: Runtime) -> None:
    run = imported(importing, csv_of(*mug_rows(130), ("", "bad", "", "", "", "")))

    with importing.unit_of_work(ACME, ANA) as uow:
        first = import_queries.judged_rows(uow, run, "create", limit=100)
        assert first.next_after == (101,)
        second = import_queries.judged_rows(uow, run, "create", after=101, limit=100)
        everything = import_queries.judged_rows(uow, run, None, limit=200)
        named = queries.by_ids(uow, Product, [row.product_id or "" for row in second.rows])
    assert [row.number for row in second.rows] == list(range(102, 132))
    assert {product.code for product in named.values()} == {f"MUG-{n:05}" for n in range(100, 130)}
    assert everything.rows[-1].faults == [FoundFault("Product code", "", "This must not be empty.")]


def test_another_tenant_sees_and_moves_no_import(importing: Runtime) -> None:
    """TEN-03: GLOBEX finds nothing to look at, to check, to accept or to cancel."""
    run = checked(importing, csv_of(*mug_rows(1)))

    for verb in (imports.accept, imports.cancel, import_queries.run):
        with pytest.raises(NotFound), importing.unit_of_work(GLOBEX, ANA) as uow:
            verb(uow, run.id)
    with pytest.raises(NotFound), importing.unit_of_work(GLOBEX, ANA) as uow:
        imports.check(uow, run.id, run.fields)
    with importing.unit_of_work(GLOBEX, ANA) as uow:
        assert list(import_queries.runs(uow, PageWish()).rows) == []
        assert import_queries.first_rows(uow, run) == []


def test_whoever_may_only_read_imports_nothing(importing: Runtime) -> None:
    with pytest.raises(PermissionMissing), importing.unit_of_work(ACME, BEN) as uow:
        imports.upload(uow, "mugs.csv", csv_of(*mug_rows(1)))


def test_a_job_that_comes_twice_writes_once(importing: Runtime, database: Cluster) -> None:
    """REL-05: every job of the import is done a second time, and does nothing."""
    run = imported(importing, csv_of(*mug_rows(150)))

    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("UPDATE job SET state = 'waiting', lease_until = NULL, ended_at = NULL")
    importing.drain_all()

    assert count(importing, Product) == count(importing, Sku) == 150
    assert again(importing, run).counts["create"] == 150
