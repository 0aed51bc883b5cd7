"""Tables as XLSX workbooks, for people who live in a spreadsheet; strangers' files are refused.

A workbook is a zip archive of XML that anybody may have made. What it holds is measured before
anything is unpacked, and read row by row; formulas, macros, links to other files and merged
cells are refused, because what a person sees in them is not what the file says.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from workflow_engine.decisions.errors import TableRefused
from workflow_engine.decisions.model import INPUTS_MAX, OUTPUTS_MAX, RULES_MAX, Table
from workflow_engine.decisions.sheet import HEADS, Rows, refusal, rows_of, table_of

XLSX_BYTES_MAX = 5_000_000
UNPACKED_BYTES_MAX = 20_000_000
# Styles are parsed whole, and slowly; a table has next to none.
STYLES_BYTES_MAX = 1_000_000
PARTS_MAX = 200
COLUMNS_MAX = 1 + INPUTS_MAX + OUTPUTS_MAX
# Blank rows between and behind are passed over, but not for ever.
CELLS_MAX = 200_000
# A cell with a text has six marks: its own, the text's and those that close them.
MARKS_MAX = 7 * CELLS_MAX
ROWS_MAX = 2 * (HEADS + RULES_MAX)
CELL_CHARS_MAX = 32_767
_CODE = "table.xlsx"
_BINARY = ("xl/media/", "xl/printerSettings/", "docProps/thumbnail")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b")
_WIDTH_MAX = 40


def export_xlsx(table: Table) -> bytes:
    """Write a table as a workbook of one sheet, in the rows of `sheet.rows_of`.

    Every cell is a text, so that nothing is run as a formula or rounded as a number. Importing
    it gives the same table. TableRefused where a cell cannot stand in a workbook.
    """
    rows = rows_of(table)
    _must_fit(rows)
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(_title(table.id))
    sheet.freeze_panes = f"B{HEADS + 1}"
    for index, column in enumerate(zip(*rows, strict=True), 1):
        width = min(_WIDTH_MAX, 2 + max(map(len, column)))
        sheet.column_dimensions[get_column_letter(index)].width = width
    for position, row in enumerate(rows):
        sheet.append([_text_cell(sheet, text, bold=position == 0) for text in row])
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def import_xlsx(source: bytes) -> Table:
    """Read a table that `export_xlsx` wrote or a person edited; TableRefused with every fault.

    The workbook has one sheet. Numbers and truth values count as they are written in JSON.
    """
    archive = _opened(source)
    _must_be_harmless(archive)
    try:
        _must_be_plain(archive)
        rows = list(_rows(source))
    except TableRefused:
        raise
    except Exception as error:  # Whatever a broken part makes the library raise.
        raise refusal(_CODE, f"This workbook cannot be read: {_short(error)}") from error
    return table_of(rows, _CODE)


def _must_fit(rows: Rows) -> None:
    for position, row in enumerate(rows, 1):
        for index, text in enumerate(row, 1):
            place = f"{get_column_letter(index)}{position}"
            if len(text) > CELL_CHARS_MAX:
                raise refusal(_CODE, f"{place}: a cell may have {CELL_CHARS_MAX} characters.")
            if ILLEGAL_CHARACTERS_RE.search(text):
                raise refusal(_CODE, f"{place}: a control character cannot stand in a workbook.")


def _title(identity: str) -> str:
    return re.sub(r"[\\/*?:\[\]]", "_", identity)[:31] or "table"


def _text_cell(sheet: Any, text: str, *, bold: bool) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    # Said explicitly, because a text that begins with '=' would be taken for a formula.
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _opened(source: bytes) -> zipfile.ZipFile:
    if len(source) > XLSX_BYTES_MAX:
        raise refusal(_CODE, f"A workbook may have {XLSX_BYTES_MAX} bytes.")
    try:
        return zipfile.ZipFile(io.BytesIO(source))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        mend = "Save it as .xlsx, without a password."
        raise refusal(_CODE, "This is not an XLSX workbook.", mend) from error


def _must_be_harmless(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_BYTES_MAX:
        raise refusal(_CODE, f"A workbook may unpack to {UNPACKED_BYTES_MAX} bytes.")
    for part in parts:
        name = part.filename.lower()
        if part.flag_bits & 1:
            raise refusal(_CODE, "This workbook is encrypted.", "Save it without a password.")
        if name.endswith("vbaproject.bin"):
            raise refusal(_CODE, "This workbook has macros.", "Save it as .xlsx.")
        if "externallink" in name or name.endswith("connections.xml"):
            mend = "Break the links and keep the values."
            raise refusal(_CODE, "This workbook takes values from elsewhere.", mend)
        if name.endswith("styles.xml") and part.file_size > STYLES_BYTES_MAX:
            mend = "Copy the values into a new workbook."
            raise refusal(_CODE, "This workbook has too many styles.", mend)


def _must_be_plain(archive: zipfile.ZipFile) -> None:
    """Look at the unpacked parts before a parser does."""
    marks = 0
    for name in archive.namelist():
        part = archive.read(name)
        marks += part.count(b"<")
        if b"\0" in part and not name.startswith(_BINARY):
            raise refusal(_CODE, "This workbook is not written in UTF-8.")
        if _MERGED.search(part):
            mend = "Unmerge them and write what each cell holds."
            raise refusal(_CODE, "This sheet has merged cells.", mend)
    if marks > MARKS_MAX:
        raise refusal(_CODE, f"A sheet may have {CELLS_MAX} cells.", "Delete blank ones.")


def _rows(source: bytes) -> Iterator[list[str]]:
    """Every row that is not blank, as wide as the first one."""
    workbook = load_workbook(io.BytesIO(source), read_only=True, keep_links=False)
    try:
        if len(workbook.worksheets) != 1 or len(workbook.sheetnames) != 1:
            found = ", ".join(f"'{name}'" for name in workbook.sheetnames[:5])
            mend = "Keep the sheet with the table alone."
            raise refusal(_CODE, f"This workbook has the sheets {found}.", mend)
        [sheet] = workbook.worksheets
        # What the file says about its size is not believed.
        sheet.reset_dimensions()
        width, seen = 0, 0
        for position, cells in enumerate(sheet.iter_rows(), 1):
            if position > ROWS_MAX:
                raise refusal(_CODE, f"A sheet may have {ROWS_MAX} rows.", "Delete blank rows.")
            seen += len(cells)
            if seen > CELLS_MAX:
                raise refusal(_CODE, f"A sheet may have {CELLS_MAX} cells.", "Delete blank ones.")
            row = _texts(cells)
            if not row:
                continue
            width = width or len(row)
            yield row + [""] * (width - len(row))
    finally:
        workbook.close()


def _texts(cells: tuple[Any, ...]) -> list[str]:
    """A row without the blank cells at its end; the limit holds for what is written."""
    end = len(cells)
    while end and cells[end - 1].value in (None, ""):
        end -= 1
    if end > COLUMNS_MAX:
        raise refusal(_CODE, f"A sheet may have {COLUMNS_MAX} columns.")
    return [_text(cell) for cell in cells[:end]]


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    place = f"{cell.coordinate}: "
    if cell.data_type == "f" or not isinstance(
        value, str | bool | int | float | date | time | timedelta
    ):
        raise refusal(_CODE, f"{place}a formula.", "Paste its value in its place.")
    if cell.data_type == "e":
        raise refusal(_CODE, f"{place}the error {value}.", "Write what is meant.")
    if isinstance(value, date | time | timedelta):
        mend = 'Format the cell as text and write timestamp("…") or duration("…").'
        raise refusal(_CODE, f"{place}a date without a time zone.", mend)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
