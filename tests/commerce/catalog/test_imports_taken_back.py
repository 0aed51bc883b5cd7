"""Taking an import back: what nobody changed since is as it was, once, whoever dies halfway."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import select

from commerce.catalog import queries, service
from commerce.catalog.contents import ProductContent, SkuContent
from commerce.catalog.imports import queries as import_queries
from commerce.catalog.imports import service as imports
from commerce.catalog.imports.errors import ImportNotReady
from commerce.catalog.imports.tables import ImportRun
from commerce.catalog.tables import Product, Sku
from kernel.audit import AuditEntry
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.errors import NotFound, PermissionMissing
from kernel.runtime import Runtime
from tests.commerce.builders import ANA, BEN, a_product
from tests.commerce.catalog.import_files import (
    again,
    checked,
    csv_of,
    imported,
    importing_runtime,
    mug_rows,
)
from tests.conftest import ACME, GLOBEX, Cluster

LAMP_EAN = "4006381333931"


@pytest.fixture
def importing(runtime: Runtime, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """The kernel with the import's jobs; ACME and GLOBEX exist."""
    composed = importing_runtime(config, clock)
    yield composed
    composed.close()


def taken_back(runtime: Runtime, run: ImportRun) -> ImportRun:
    """Undo a run to its end."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        imports.undo(uow, run.id)
    runtime.drain_all()
    return again(runtime, run)


def on_sale(runtime: Runtime) -> set[str]:
    """Return the codes of the products and SKUs that are in use."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        products = uow.session.scalars(select(Product.code).where(Product.retired_at.is_(None)))
        skus = uow.session.scalars(select(Sku.code).where(Sku.retired_at.is_(None)))
        return {*products, *skus}


def results(runtime: Runtime, run: ImportRun) -> list[str | None]:
    with runtime.unit_of_work(ACME, ANA) as uow:
        rows = import_queries.judged_rows(uow, run, None, limit=1000).rows
    return [row.undone for row in rows]


def test_everything_that_an_import_added_goes_off_sale(importing: Runtime) -> None:
    """P6: three chunks, and a row with a fault that never came in."""
    run = imported(importing, csv_of(*mug_rows(250), ("BAD", "", "", "", "", "")))
    assert len(on_sale(importing)) == 500

    run = taken_back(importing, run)

    assert on_sale(importing) == set()
    assert (run.state, run.counts) == (
        "undone",
        {"create": 250, "change": 0, "unchanged": 0, "bad": 1, "undone": 250, "kept": 0},
    )
    assert results(importing, run) == ["undone"] * 250 + [None]


def test_what_an_import_changed_says_again_what_it_said(importing: Runtime) -> None:
    """Two rows change one product; what is taken back is both."""
    with importing.unit_of_work(ACME, ANA) as uow:
        lamp = a_product(uow, code="LAMP", name="Lamp")
        service.create_sku(uow, lamp.id, SkuContent("LAMP-RED", "Red"))
        before = service.product_content(lamp)
    rows = [
        ("LAMP", "Lamp of brass", "Light", "LAMP-RED", LAMP_EAN, "900"),
        ("LAMP", "Lamp of brass", "Light", "LAMP-BLUE", "", "950"),
    ]

    run = taken_back(importing, imported(importing, csv_of(*rows)))

    assert run.counts["undone"] == 2
    assert on_sale(importing) == {"LAMP", "LAMP-RED"}
    with importing.unit_of_work(ACME, ANA) as uow:
        red = queries.by_code(uow, Sku, "LAMP-RED")
        assert service.product_content(queries.by_code(uow, Product, "LAMP")) == before
        assert (red.gtin, red.weight_grams) == (None, None)


def test_what_somebody_changed_since_stays(importing: Runtime) -> None:
    """One was renamed, one got a variant that the import knows nothing of, one is untouched."""
    run = imported(importing, csv_of(*mug_rows(3)))
    with importing.unit_of_work(ACME, ANA) as uow:
        renamed = queries.by_code(uow, Product, "MUG-00000")
        service.change_product(uow, renamed.id, ProductContent("MUG-00000", "Anna's mug"))
        grown = queries.by_code(uow, Product, "MUG-00001")
        service.create_sku(uow, grown.id, SkuContent("MUG-00001-XL", "Extra large"))

    run = taken_back(importing, run)

    assert results(importing, run) == ["kept", "kept", "undone"]
    assert on_sale(importing) == {"MUG-00000", "MUG-00001", "MUG-00001-XL"}
    with importing.unit_of_work(ACME, ANA) as uow:
        assert queries.by_code(uow, Product, "MUG-00000").name == "Anna's mug"


def test_a_number_that_another_thing_has_by_now_is_not_taken_from_it(importing: Runtime) -> None:
    with importing.unit_of_work(ACME, ANA) as uow:
        lamp = a_product(uow, code="LAMP", name="Lamp")
        service.create_sku(uow, lamp.id, SkuContent("LAMP-RED", "Red", gtin=LAMP_EAN))
    header = ("Product code", "Product name", "SKU", "EAN")
    run = imported(importing, csv_of(("LAMP", "Lamp", "LAMP-RED", "96385074"), header=header))
    with importing.unit_of_work(ACME, ANA) as uow:
        lamp = queries.by_code(uow, Product, "LAMP")
        service.create_sku(uow, lamp.id, SkuContent("LAMP-NEW", "New", gtin=LAMP_EAN))

    run = taken_back(importing, run)

    assert (run.state, results(importing, run)) == ("undone", ["kept"])
    with importing.unit_of_work(ACME, ANA) as uow:
        assert queries.by_code(uow, Sku, "LAMP-RED").gtin == "96385074"


def test_each_thing_that_is_taken_back_has_it_in_its_own_trail(importing: Runtime) -> None:
    run = taken_back(importing, imported(importing, csv_of(*mug_rows(1))))

    with importing.unit_of_work(ACME, ANA) as uow:
        actions = uow.session.scalars(select(AuditEntry.action)).all()
    assert sorted(each for each in actions if "retire" in each or "undo" in each) == [
        "catalog.retire_product",
        "catalog.retire_sku",
        "catalog.undo_import",
        "catalog.undo_import_rows",
    ]
    assert run.ended_at is not None


def test_only_what_is_done_is_taken_back_and_twice_is_once(importing: Runtime) -> None:
    run = checked(importing, csv_of(*mug_rows(1)))
    with pytest.raises(ImportNotReady), importing.unit_of_work(ACME, ANA) as uow:
        imports.undo(uow, run.id)
    with importing.unit_of_work(ACME, ANA) as uow:
        imports.accept(uow, run.id)
    importing.drain_all()

    taken_back(importing, run)
    again_asked = taken_back(importing, run)

    assert (again_asked.state, again_asked.counts["undone"]) == ("undone", 1)


def test_another_tenant_and_whoever_may_only_read_take_nothing_back(importing: Runtime) -> None:
    """TEN-03."""
    run = imported(importing, csv_of(*mug_rows(1)))

    with pytest.raises(NotFound), importing.unit_of_work(GLOBEX, ANA) as uow:
        imports.undo(uow, run.id)
    with pytest.raises(PermissionMissing), importing.unit_of_work(ACME, BEN) as uow:
        imports.undo(uow, run.id)

    assert again(importing, run).state == "done"


def test_a_job_that_comes_twice_takes_back_once(importing: Runtime, database: Cluster) -> None:
    """REL-05: every job of the import is done a second time, and does nothing."""
    run = taken_back(importing, imported(importing, csv_of(*mug_rows(150))))
    with importing.unit_of_work(ACME, ANA) as uow:
        service.reinstate_product(uow, queries.by_code(uow, Product, "MUG-00149").id)

    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("UPDATE job SET state = 'waiting', lease_until = NULL, ended_at = NULL")
    importing.drain_all()

    assert on_sale(importing) == {"MUG-00149"}
    assert again(importing, run).counts["undone"] == 150
