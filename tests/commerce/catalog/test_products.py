"""Products: created, changed and retired by verbs, each told, recorded and kept apart by tenant."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from commerce.catalog import queries, service
from commerce.catalog.contents import ProductContent
from commerce.catalog.errors import CodeTaken
from commerce.catalog.queries import Filter
from commerce.catalog.tables import Product
from commerce.keyset import PageWish
from kernel.audit import AuditEntry
from kernel.errors import Fault, Invalid, Malformed, NotFound, PermissionMissing, StaleWrite
from kernel.outbox import OutboxEvent
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from tests.commerce.builders import ANA, BEN, LAMP, MUG, a_product
from tests.conftest import ACME, GLOBEX


def told(uow: UnitOfWork) -> list[tuple[str, dict[str, object]]]:
    rows = uow.session.scalars(select(OutboxEvent).order_by(OutboxEvent.written_in, OutboxEvent.id))
    return [(row.name, row.data) for row in rows]


def recorded(uow: UnitOfWork) -> list[str]:
    entries = uow.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [entry.action for entry in entries if entry.subject_kind == "product"]


def codes(uow: UnitOfWork, only: Filter | None = None, **wish: object) -> list[str]:
    found = queries.products(uow, PageWish(**wish), only, order="code")  # type: ignore[arg-type] # Tests name what they wish.
    return [product.code for product in found.rows]


def test_a_product_is_written_told_and_recorded_in_one_commit(runtime: Runtime) -> None:
    """REL-01, AUD-01: row, event and audit entry."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        product = a_product(uow, MUG)

    with runtime.unit_of_work(ACME, ANA) as uow:
        assert service.product_content(queries.one(uow, Product, product.id)) == MUG
        assert told(uow) == [("product.created", {"product_id": product.id, "code": "MUG"})]
        assert recorded(uow) == ["catalog.create_product"]


def test_a_change_names_the_fields_that_changed(runtime: Runtime) -> None:
    """AUD-11: before and after in the log, the names in the event."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        product = a_product(uow, MUG)

    with runtime.unit_of_work(ACME, ANA) as uow:
        wanted = replace(MUG, category="Tableware")
        changed = service.change_product(uow, product.id, wanted, expected_version=1)

    with runtime.unit_of_work(ACME, ANA) as uow:
        assert changed.version == 2
        assert told(uow)[-1] == (
            "product.changed",
            {"product_id": product.id, "code": "MUG", "fields": ["category"]},
        )
        (entry,) = uow.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "catalog.change_product")
        )
        (change,) = [
            each for each in json.loads(entry.body)["changes"] if each["table"] == "product"
        ]
        assert change["fields"] == {"category": ["Kitchen", "Tableware"]}


def test_saying_the_same_again_changes_and_records_nothing(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        product = a_product(uow, MUG)

    with runtime.unit_of_work(ACME, ANA) as uow:
        same = service.change_product(uow, product.id, MUG)

    with runtime.unit_of_work(ACME, ANA) as uow:
        assert same.version == 1
        assert recorded(uow) == ["catalog.create_product"]


def test_a_stale_change_is_refused_and_told_the_present_version(runtime: Runtime) -> None:
    """API-13: the second of two people who read version 1 loses nothing of the first."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        product = a_product(uow, MUG)
    with runtime.unit_of_work(ACME, ANA) as uow:
        service.change_product(uow, product.id, replace(MUG, name="Mug"), expected_version=1)

    with pytest.raises(StaleWrite) as refused, runtime.unit_of_work(ACME, ANA) as uow:
        service.change_product(uow, product.id, replace(MUG, name="Cup"), expected_version=1)

    assert refused.value.facts() == {"expected_version": 1, "current_version": 2}


def test_a_code_is_taken_whatever_its_case(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        a_product(uow, MUG)

    with pytest.raises(CodeTaken) as refused, runtime.unit_of_work(ACME, ANA) as uow:
        a_product(uow, LAMP, code="mug")

    assert refused.value.facts() == {"kind": "product", "taken": "mug"}


def test_a_retired_product_keeps_its_code_and_leaves_the_list(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        mug = a_product(uow, MUG)
        a_product(uow, LAMP)
    with runtime.unit_of_work(ACME, ANA) as uow:
        service.retire_product(uow, mug.id)
        service.retire_product(uow, mug.id)

    with runtime.unit_of_work(ACME, ANA) as uow:
        assert codes(uow) == ["LAMP"]
        assert codes(uow, Filter(state="retired")) == ["MUG"]
        assert [name for name, _ in told(uow)].count("product.retired") == 1
    with pytest.raises(CodeTaken), runtime.unit_of_work(ACME, ANA) as uow:
        a_product(uow, MUG)


def test_a_reinstated_product_is_in_use_again(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        mug = a_product(uow, MUG)
        service.retire_product(uow, mug.id)

    with runtime.unit_of_work(ACME, ANA) as uow:
        service.reinstate_product(uow, mug.id)

    with runtime.unit_of_work(ACME, ANA) as uow:
        assert codes(uow) == ["MUG"]


def test_every_fault_is_told_at_once(runtime: Runtime) -> None:
    """API-08: one round of mending, not three."""
    with pytest.raises(Invalid) as refused, runtime.unit_of_work(ACME, ANA) as uow:
        a_product(uow, ProductContent(" MUG", "", "Kitchen\nware"))

    line = "Write one line without blanks around it and without control characters."
    assert refused.value.errors == (
        Fault("/code", "catalog.not_a_line", line),
        Fault("/name", "catalog.missing", "This must not be empty."),
        Fault("/category", "catalog.not_a_line", line),
    )


def test_reading_is_not_writing(runtime: Runtime) -> None:
    """ID-05: without catalog:write nothing changes, and the attempt is recorded."""
    with pytest.raises(PermissionMissing), runtime.unit_of_work(ACME, BEN) as uow:
        a_product(uow, MUG)

    with runtime.unit_of_work(ACME, ANA) as uow:
        assert codes(uow) == []


def test_another_tenant_neither_sees_nor_changes_nor_blocks(runtime: Runtime) -> None:
    """TEN-03: the same code lives twice, and a foreign id is not found."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        mug = a_product(uow, MUG)

    with runtime.unit_of_work(GLOBEX, ANA) as uow:
        assert codes(uow) == []
        assert a_product(uow, MUG).id != mug.id
    for verb in (service.retire_product, service.reinstate_product):
        with pytest.raises(NotFound), runtime.unit_of_work(GLOBEX, ANA) as uow:
            verb(uow, mug.id)
    with pytest.raises(NotFound), runtime.unit_of_work(GLOBEX, ANA) as uow:
        service.change_product(uow, mug.id, LAMP)


def test_a_list_goes_on_where_the_page_before_ended(runtime: Runtime) -> None:
    """API-11: no row twice, none left out, though one is added in between."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        for number in range(5):
            a_product(uow, code=f"M-{number}", name=f"Mug {4 - number}")

    with runtime.unit_of_work(ACME, ANA) as uow:
        first = queries.products(uow, PageWish(limit=2), order="name")
        a_product(uow, code="M-A", name="A mug before all others")
        second = queries.products(uow, PageWish(after=first.next_after, limit=2), order="name")
        third = queries.products(uow, PageWish(after=second.next_after, limit=2), order="name")

    names = [[product.name for product in page.rows] for page in (first, second, third)]
    assert names == [["Mug 0", "Mug 1"], ["Mug 2", "Mug 3"], ["Mug 4"]]
    assert third.next_after is None


def test_a_list_may_run_backwards(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        for number in range(3):
            a_product(uow, code=f"M-{number}", name="Mug")

    with runtime.unit_of_work(ACME, ANA) as uow:
        first = queries.products(uow, PageWish(limit=2, descending=True), order="code")
        rest = PageWish(after=first.next_after, limit=2, descending=True)
        second = queries.products(uow, rest, order="code")

    assert [row.code for row in (*first.rows, *second.rows)] == ["M-2", "M-1", "M-0"]


def test_sort_values_of_another_list_are_refused(runtime: Runtime) -> None:
    with pytest.raises(Malformed), runtime.unit_of_work(ACME, ANA) as uow:
        queries.products(uow, PageWish(after=["mug", "prd_1", "more"]), order="name")


def test_a_search_minds_neither_case_nor_accents(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        a_product(uow, code="C-1", name="Café au lait bowl")
        a_product(uow, code="CAFE", name="Espresso cup")
        a_product(uow, code="LAMP", name="Lamp of a café")

    with runtime.unit_of_work(ACME, ANA) as uow:
        assert codes(uow, Filter("CAFÉ")) == ["C-1", "CAFE"]
        assert codes(uow, Filter("caf%")) == []


def test_products_are_found_by_code_and_by_category(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        mug, lamp = a_product(uow, MUG), a_product(uow, LAMP)

    with runtime.unit_of_work(ACME, ANA) as uow:
        assert queries.by_code(uow, Product, "mug").id == mug.id
        assert set(queries.by_codes(uow, Product, ["mug", "lamp", "cup"])) == {"mug", "lamp"}
        assert set(queries.by_ids(uow, Product, [lamp.id, "prd_none"])) == {lamp.id}
        office = queries.products(uow, PageWish(), category="Office")
        assert [product.code for product in office.rows] == ["LAMP"]
    with pytest.raises(NotFound), runtime.unit_of_work(GLOBEX, ANA) as uow:
        queries.by_code(uow, Product, "mug")
