"""The pages of an import, step by step: what each says, and what each refuses."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from commerce.catalog.imports.chunks import JOB_KINDS
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.runtime import Runtime
from tests.builder_ui.portal.conftest import OURS, Walker, words
from tests.builder_ui.portal.test_catalog_pages import app as app
from tests.commerce.catalog.import_files import csv_of, mug_rows
from tests.conftest import GLOBEX
from tests.tenants.conftest import House

Come = Callable[..., Walker]
COLUMNS = ("code", "name", "category", "sku_code", "gtin", "weight_grams")
MAPPED = {f"column.{index}": field for index, field in enumerate(COLUMNS)}


@pytest.fixture
def worker(house: House, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """A worker that knows the import's jobs."""
    composed = Runtime(config, ports=house.runtime.ports, job_kinds=JOB_KINDS, clock=clock)
    yield composed
    composed.close()


@pytest.fixture
def ana(app: Flask, house: House, walker: Come) -> Walker:
    """Somebody of ACME who may do everything."""
    house.member("ana@acme.example", "administrator")
    return walker("ana@acme.example")


def upload(walker: Walker, content: bytes, name: str = "mugs.csv") -> TestResponse:
    return walker.client.post(
        walker.address("catalog/imports/new"),
        data={"file": (BytesIO(content), name)},
        headers=OURS,
    )


def uploaded(walker: Walker, content: bytes) -> str:
    """Upload a file and return the address of its import."""
    answer = upload(walker, content)
    assert answer.status_code == 303, words(answer)
    return answer.headers["Location"]


def test_a_file_goes_all_the_way(ana: Walker, worker: Runtime) -> None:
    """P6: columns, dry run, faults, import, result; every step says what it needs to."""
    here = uploaded(ana, csv_of(*mug_rows(150), ("", "No code", "", "", "", "")))
    columns = words(ana.open(here))
    ana.send(f"{here}/check", **MAPPED)
    checking = ana.open(here)
    worker.drain_all()
    moved_on = ana.open(f"{here}?poll=1")
    checked = ana.open(here)
    ana.send(f"{here}/acceptance")
    worker.drain_all()
    done, left_out = words(ana.open(here)), words(ana.open(f"{here}?outcome=bad"))

    assert "Product code MUG-00000, MUG-00001, MUG-00002" in columns
    assert "Checking rows 0 of 151" in words(checking)
    assert f'hx-get="{here}?poll=1"' in checking.text
    assert moved_on.headers["HX-Redirect"] == here
    assert "New 150 Changed 0 Unchanged 0 With faults 1" in words(checked)
    assert "152 Product code This must not be empty." in words(checked)
    assert "Import 150 rows, leave 1 out" in words(checked)
    assert "150 rows imported, 1 row left out." in done
    assert "2 Mug number 0 Added" in done
    assert "152 Left out" in left_out


def test_an_import_is_taken_back_on_its_page(ana: Walker, worker: Runtime) -> None:
    """P6: the page asks first, shows how far it is, and says of each row what came of it."""
    here = uploaded(ana, csv_of(*mug_rows(150)))
    ana.send(f"{here}/check", **MAPPED)
    worker.drain_all()
    ana.send(f"{here}/acceptance")
    worker.drain_all()
    done = ana.open(here)
    ana.send(f"{here}/undoing")
    undoing = ana.open(here)
    worker.drain_all()
    undone = ana.open(here)

    assert 'data-confirm="Undo this import?' in done.text
    assert "Taking rows back 0 of 150" in words(undoing)
    assert "This import was taken back: 150 rows." in words(undone)
    assert "2 Mug number 0 Added Taken back" in words(undone)
    assert "Undo this import" not in words(undone)


def test_the_rows_with_faults_are_a_file_for_spreadsheets(ana: Walker, worker: Runtime) -> None:
    here = uploaded(ana, csv_of(("=1+1", "", "", "", "", "")))
    ana.send(f"{here}/check", **MAPPED)
    worker.drain_all()

    file = ana.open(f"{here}/rows-with-faults.csv")

    assert file.mimetype == "text/csv"
    assert file.headers["Content-Disposition"].startswith('attachment; filename="rows-with-faults')
    assert file.text.splitlines()[1] == "'=1+1,,,,,,2,Product name: This must not be empty."


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param("code,name\nA,Caf\xe9".encode("cp1252"), "not UTF-8", id="Windows-1252"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"code,name\n", "no rows", id="only column names"),
        pytest.param(b'code,name\nA,"B', "not CSV", id="an open quotation mark"),
    ],
)
def test_a_file_that_is_none_is_refused_at_the_field(
    ana: Walker, content: bytes, told: str
) -> None:
    answer = upload(ana, content)

    assert answer.status_code == 422
    assert told in words(answer)
    assert 'id="f-file-fault"' in answer.text


def test_no_file_at_all_is_told(ana: Walker) -> None:
    assert "Choose a CSV file." in words(ana.send("catalog/imports/new"))


def test_a_mapping_that_cannot_be_is_shown_again(ana: Walker) -> None:
    here = uploaded(ana, csv_of(*mug_rows(1)))

    refused = ana.send(f"{here}/check", **{**MAPPED, "column.1": "code"})

    assert refused.status_code == 422
    assert "Choose the column that holds the product name." in words(refused)
    assert re.search(r'id="f-column.1"[^>]*aria-invalid', refused.text)


def test_an_import_that_is_given_up_stays_in_the_list(ana: Walker) -> None:
    here = uploaded(ana, csv_of(*mug_rows(1)))

    ana.send(f"{here}/cancellation")

    assert "This file was given up. Nothing of it was written." in words(ana.open(here))
    assert "mugs.csv Given up" in words(ana.open("catalog/imports"))


def test_a_step_out_of_turn_says_so_and_changes_nothing(ana: Walker) -> None:
    here = uploaded(ana, csv_of(*mug_rows(1)))

    early = ana.send(f"{here}/acceptance")

    assert early.status_code == 409
    assert "Columns" in words(early)


def test_an_import_of_another_tenant_is_not_there(ana: Walker, house: House, walker: Come) -> None:
    """TEN-05: not to look at, not to move on, not to download."""
    here = uploaded(ana, csv_of(*mug_rows(1))).replace("/t/acme/", "/t/globex/")
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)
    gus = walker("gus@globex.example", "globex")

    answers = [
        gus.open(here),
        gus.open(f"{here}/rows-with-faults.csv"),
        gus.send(f"{here}/check", **MAPPED),
        gus.send(f"{here}/acceptance"),
        gus.send(f"{here}/cancellation"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
