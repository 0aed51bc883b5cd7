"""Tables travel as XLSX workbooks; workbooks that mean harm are refused, quickly."""

import io
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import numbers

from tests.workflow_engine.decisions.random_tables import random_table
from tests.workflow_engine.decisions.tables import STAGES
from workflow_engine.decisions import TableRefused, read_table
from workflow_engine.decisions.sheet import rows_of
from workflow_engine.decisions.xlsx_exchange import (
    COLUMNS_MAX,
    ROWS_MAX,
    XLSX_BYTES_MAX,
    export_xlsx,
    import_xlsx,
)

THREAD_SECONDS_MAX = 2.0
TABLE = read_table(STAGES)
Change = Callable[[Any], None]


def edited(change: Change) -> bytes:
    """The table's workbook, after somebody worked on it."""
    workbook = load_workbook(io.BytesIO(export_xlsx(TABLE)))
    change(workbook)
    return saved(workbook)


def saved(workbook: Workbook) -> bytes:
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def rewritten(part: str, change: Callable[[bytes], bytes], *more: tuple[str, bytes]) -> bytes:
    """The table's workbook with one part of the archive changed, and others put in."""
    written = io.BytesIO()
    original = zipfile.ZipFile(io.BytesIO(export_xlsx(TABLE)))
    with original, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in original.namelist():
            text = original.read(name)
            copy.writestr(name, change(text) if name == part else text)
        for name, text in more:
            copy.writestr(name, text)
    return written.getvalue()


def refused(source: bytes) -> str:
    """Why it was refused, within the time that a stranger's file may take."""
    began = time.thread_time()
    with pytest.raises(TableRefused) as caught:
        import_xlsx(source)
    assert time.thread_time() - began < THREAD_SECONDS_MAX
    assert {fault.code for fault in caught.value.faults} == {"table.xlsx"}
    return "; ".join(fault.message for fault in caught.value.faults)


def test_a_table_comes_back_from_a_workbook_as_it_was() -> None:
    assert import_xlsx(export_xlsx(TABLE)) == TABLE
    random = Random(5)
    for _ in range(30):
        table = read_table(random_table(random).document)
        assert import_xlsx(export_xlsx(table)) == table


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    workbook = load_workbook(io.BytesIO(export_xlsx(TABLE)))

    cells = [cell for row in workbook.worksheets[0].iter_rows() for cell in row if cell.value]

    assert {cell.data_type for cell in cells} == {"s"}
    assert "=lead" in {cell.value for cell in cells}


def test_numbers_and_blank_rows_that_a_person_leaves_are_taken_as_meant() -> None:
    def change(workbook: Workbook) -> None:
        sheet = workbook.worksheets[0]
        sheet["H5"] = 12
        sheet.insert_rows(4, amount=3)
        sheet["A100"] = None

    table = import_xlsx(edited(change))

    assert [rule.then[3] for rule in table.rules][1:] == [12]
    assert [rule.when for rule in table.rules] == [rule.when for rule in TABLE.rules]


def put(place: str, value: Any) -> Change:
    def change(workbook: Workbook) -> None:
        workbook.worksheets[0][place] = value

    return change


def date_cell(workbook: Workbook) -> None:
    cell = workbook.worksheets[0]["D5"]
    cell.value = datetime(2026, 11, 11, 9, tzinfo=UTC).replace(tzinfo=None)
    cell.number_format = numbers.FORMAT_DATE_DATETIME


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(put("H5", "=1+1"), "H5: a formula.", id="a formula"),
        pytest.param(put("H5", "#REF!"), "H5: the error #REF!.", id="an error"),
        pytest.param(date_cell, "D5: a date without a time zone.", id="a date"),
        pytest.param(
            lambda workbook: workbook.worksheets[0].merge_cells("B4:B5"),
            "This sheet has merged cells.",
            id="merged cells",
        ),
        pytest.param(
            lambda workbook: workbook.create_sheet("Prices"),
            "This workbook has the sheets 'stages', 'Prices'.",
            id="two sheets",
        ),
        pytest.param(put("ZZ4", "far away"), f"may have {COLUMNS_MAX} columns.", id="wide"),
        pytest.param(put("K4", "beside"), "Every row has 8 cells", id="a cell beside the table"),
        pytest.param(put(f"A{ROWS_MAX + 5}", "r"), f"may have {ROWS_MAX} rows.", id="long"),
    ],
)
def test_what_does_not_say_what_it_shows_is_refused_with_its_place(
    change: Change, said: str
) -> None:
    assert said in refused(edited(change))


def a_bomb() -> bytes:
    """Thirty megabytes of blanks in thirty kilobytes."""
    return rewritten(
        "xl/worksheets/sheet1.xml", lambda text: text + b" " * 30_000_000
    )  # fmt: skip


def with_entities(text: bytes) -> bytes:
    declared = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    begin = text.index(b"<worksheet")
    return text[:begin] + declared + text[begin:].replace(b"<sheetData>", b"<sheetData>&b;")


def at_the_end_of_the_world(text: bytes) -> bytes:
    row = b'<row r="999999999"><c r="A999999999" t="inlineStr"><is><t>x</t></is></c></row>'
    return text.replace(b"</sheetData>", row + b"</sheetData>")


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        pytest.param(lambda: b"", "This is not an XLSX workbook.", id="nothing"),
        pytest.param(lambda: b"PK\x03\x04 and so on", "not an XLSX workbook", id="no archive"),
        pytest.param(lambda: b"\xd0\xcf\x11\xe0" * 500, "not an XLSX workbook", id="a password"),
        pytest.param(lambda: b"x" * (XLSX_BYTES_MAX + 1), "may have 5000000 bytes", id="too big"),
        pytest.param(a_bomb, "may unpack to 20000000 bytes", id="a bomb"),
        pytest.param(lambda: rewritten(SHEET, with_entities), "cannot be read", id="entities"),
        pytest.param(
            lambda: rewritten(SHEET, at_the_end_of_the_world),
            f"may have {ROWS_MAX} rows",
            id="a row far away",
        ),
        pytest.param(lambda: rewritten(SHEET, lambda text: text[:300]), "cannot be read", id="cut"),
        pytest.param(
            lambda: rewritten("", bytes, ("xl/vbaProject.bin", b"x")), "has macros", id="macros"
        ),
        pytest.param(
            lambda: rewritten("", bytes, ("xl/externalLinks/externalLink1.xml", b"<x/>")),
            "takes values from elsewhere",
            id="links to other files",
        ),
        pytest.param(
            lambda: rewritten("xl/styles.xml", lambda text: text + b" " * 1_000_001),
            "too many styles",
            id="styles",
        ),
        pytest.param(
            lambda: rewritten(
                SHEET,
                lambda text: text.replace(
                    b"</sheetData>", b"<row>" + b"<c/>" * 1_900_000 + b"</row></sheetData>"
                ),
            ),
            "may have 200000 cells",
            id="millions of blank cells in one row",
        ),
        pytest.param(
            lambda: rewritten(SHEET, lambda text: text.decode().encode("utf-16")),
            "not written in UTF-8",
            id="another encoding, to hide what is in it",
        ),
        pytest.param(
            lambda: rewritten("", bytes, *((f"xl/x{n}.xml", b"") for n in range(300))),
            "may unpack",
            id="too many parts",
        ),
    ],
)
def test_a_workbook_that_means_harm_is_refused(source: Callable[[], bytes], said: str) -> None:
    assert said in refused(source())


def test_what_a_sheet_says_about_its_size_is_not_believed() -> None:
    def lying(text: bytes) -> bytes:
        begin = text.index(b"<sheetData>")
        return text[:begin] + b'<dimension ref="A1:XFD1048576"/>' + text[begin:]

    assert import_xlsx(rewritten(SHEET, lying)) == TABLE


def test_a_control_character_cannot_stand_in_a_workbook() -> None:
    table = read_table({**STAGES, "name": "Who\x07"})

    with pytest.raises(TableRefused) as caught:
        export_xlsx(table)

    assert "A2" in caught.value.faults[0].message
    assert rows_of(table)[1][0] == "stages: Who\x07"
