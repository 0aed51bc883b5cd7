"""Tables as CSV, for spreadsheets and version control."""

import csv
import io

from workflow_engine.decisions.model import Table
from workflow_engine.decisions.sheet import refusal, rows_of, table_of

CSV_CHARS_MAX = 5_000_000
_CODE = "table.csv"
# A spreadsheet runs a cell that begins so as a formula; an apostrophe keeps it a text.
_FORMULA = ("=", "+", "@", "\t", "\r", "'")


def export_csv(table: Table) -> str:
    """Write a table as CSV, in the rows of `sheet.rows_of`; importing it gives the same table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([[_guarded(cell) for cell in row] for row in rows_of(table)])
    return text.getvalue()


def import_csv(source: str) -> Table:
    """Read a table that `export_csv` wrote or a person edited; TableRefused with every fault."""
    if len(source) > CSV_CHARS_MAX:
        raise refusal(_CODE, f"A CSV file may have {CSV_CHARS_MAX} characters.")
    try:
        rows = [row for row in csv.reader(io.StringIO(source), strict=True) if any(row)]
    except csv.Error as error:
        raise refusal(_CODE, f"This is not CSV: {error}.") from error
    return table_of([[_unguarded(cell) for cell in row] for row in rows], _CODE)


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") else cell
