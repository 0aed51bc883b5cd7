"""Bytes to rows and back: what is a CSV file here, and why another file is none.

UTF-8 with or without a byte order mark; fields parted by `,` or `;`, whichever the first line
has more of outside quotation marks; quoted fields may hold line breaks.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from commerce.catalog.imports.errors import (
    FileEmpty,
    FileTooLarge,
    NoRows,
    NotCsv,
    NotUtf8,
    TooManyColumns,
    TooManyRows,
)

BYTES_MAX = 50 * 1024 * 1024
ROWS_MAX = 50_000
COLUMNS_MAX = 100

# A spreadsheet would run a cell that begins so; a quotation mark before it says that it is text.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_AS_TEXT = "'"


@dataclass(frozen=True)
class FileRow:
    """One row and its number, as a spreadsheet counts: the column names are row 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class CsvFile:
    """A file that was read to its end."""

    delimiter: str
    header: tuple[str, ...]
    rows: tuple[FileRow, ...]


def read_csv(content: bytes) -> CsvFile:
    """Read a whole file, or raise the refusal that says what is wrong with it, and where."""
    if len(content) > BYTES_MAX:
        raise FileTooLarge(BYTES_MAX)
    text = _decoded(content)
    if not text.strip("\r\n ;,\t"):
        raise FileEmpty
    delimiter = guess_delimiter(text)
    rows = _rows(text, delimiter)
    header = next(rows, None)
    if header is None:
        raise FileEmpty
    if len(header.cells) > COLUMNS_MAX:
        raise TooManyColumns(COLUMNS_MAX)
    kept: list[FileRow] = []
    for row in rows:
        if len(kept) == ROWS_MAX:
            raise TooManyRows(ROWS_MAX)
        kept.append(row)
    if not kept:
        raise NoRows
    names = tuple(cell.strip() for cell in header.cells)
    return CsvFile(delimiter, names, tuple(kept))


def guess_delimiter(text: str) -> str:
    """Return the delimiter that the first line has more of, outside quotation marks."""
    counts = {",": 0, ";": 0}
    is_quoted = False
    for letter in text:
        if letter == '"':
            is_quoted = not is_quoted
        elif letter in "\r\n" and not is_quoted:
            break
        elif letter in counts and not is_quoted:
            counts[letter] += 1
    return ";" if counts[";"] > counts[","] else ","


def write_csv(rows: Iterable[Sequence[str]], delimiter: str) -> str:
    """Write rows for spreadsheets: with a byte order mark, and no cell that would be a formula."""
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([as_text(cell) for cell in row] for row in rows)
    return text.getvalue()


def as_text(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return _AS_TEXT + cell if cell.startswith(_FORMULA_STARTS) else cell


def as_meant(cell: str) -> str:
    """Return a cell without blanks around it and without the mark that `as_text` adds."""
    bare = cell.strip()
    if bare.startswith(_AS_TEXT) and bare[1:].startswith(_FORMULA_STARTS):
        return bare[1:].strip()
    return bare


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotUtf8(content.count(b"\n", 0, error.start) + 1) from error
    if "\x00" in text:
        # A UTF-16 file without its mark, or no text at all.
        raise NotUtf8(text.count("\n", 0, text.index("\x00")) + 1)
    return text


def _rows(text: str, delimiter: str) -> Iterator[FileRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise NotCsv(reader.line_num) from error
        if cells is None:
            return
        number += 1
        if any(cell.strip() for cell in cells):
            yield FileRow(number, tuple(cells))
