"""What is a CSV file here, what a refusal says of one that is none, and how cells go back."""

import pytest

from commerce.catalog.imports.columns import guess_fields, mapping_faults
from commerce.catalog.imports.csv_text import (
    BYTES_MAX,
    FileRow,
    as_meant,
    as_text,
    read_csv,
    write_csv,
)
from commerce.catalog.imports.errors import (
    FileEmpty,
    FileRefused,
    FileTooLarge,
    NoRows,
    NotCsv,
    NotUtf8,
    TooManyColumns,
    TooManyRows,
)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("code,name\nMUG,Café\n".encode(), id="UTF-8"),
        pytest.param("\ufeffcode,name\r\nMUG,Café".encode(), id="with a byte order mark"),
        pytest.param("code;name\nMUG;Café\n\n".encode(), id="semicolons and a blank line"),
        pytest.param('"code" , name\nMUG,"Café"\n'.replace(" , ", ",").encode(), id="quoted"),
    ],
)
def test_a_file_is_read_however_it_was_saved(content: bytes) -> None:
    file = read_csv(content)

    assert file.header == ("code", "name")
    assert file.rows == (FileRow(2, ("MUG", "Café")),)


def test_a_quoted_cell_may_hold_line_breaks_quotes_and_delimiters() -> None:
    file = read_csv(b'code,name\r\nMUG,"A ""big"" mug,\r\nblue"\r\nLAMP,Lamp\r\n')

    assert file.rows == (
        FileRow(2, ("MUG", 'A "big" mug,\r\nblue')),
        FileRow(3, ("LAMP", "Lamp")),
    )


def test_blank_lines_count_as_a_spreadsheet_counts_them() -> None:
    assert [row.number for row in read_csv(b"code,name\n\nMUG,Mug\n,\nLAMP,L\n").rows] == [3, 5]


@pytest.mark.parametrize(
    ("content", "refusal", "facts"),
    [
        pytest.param(b"", FileEmpty, {}, id="nothing"),
        pytest.param(b"\xef\xbb\xbf \r\n\r\n", FileEmpty, {}, id="blank lines"),
        pytest.param(b"code,name\n", NoRows, {}, id="only column names"),
        pytest.param(
            "code,name\nMUG,Caf\xe9\n".encode("cp1252"), NotUtf8, {"line": 2}, id="Windows-1252"
        ),
        pytest.param("code,name\nA,B\n".encode("utf-16"), NotUtf8, {"line": 1}, id="UTF-16"),
        pytest.param(b"code,name\nA,B\x00\n", NotUtf8, {"line": 2}, id="not text"),
        pytest.param(b'code,name\nA,"B\nC,D\n', NotCsv, {"line": 3}, id="an open quotation"),
        pytest.param(b'code,name\nA,"B"x\n', NotCsv, {"line": 2}, id="letters after a quotation"),
        pytest.param(b"a,\n" * 50_002, TooManyRows, {"rows_max": 50_000}, id="50,001 rows"),
        pytest.param(b",,,\n;;\n", FileEmpty, {}, id="only delimiters"),
        pytest.param(b"a," * 100 + b"a\nA", TooManyColumns, {"columns_max": 100}, id="columns"),
        pytest.param(
            b"a" * (BYTES_MAX + 1), FileTooLarge, {"bytes_max": BYTES_MAX}, id="over 50 MiB"
        ),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_place(
    content: bytes, refusal: type[FileRefused], facts: dict[str, int]
) -> None:
    with pytest.raises(refusal) as refused:
        read_csv(content)

    assert refused.value.facts() == facts


@pytest.mark.parametrize("cell", ["=1+1", "+49 30 1", "-5", "@SUM(A1)", "\tx", "\r=x"])
def test_no_cell_goes_out_as_a_formula_and_each_comes_back_as_it_was(cell: str) -> None:
    """SEC-06: a spreadsheet that opens the bad rows runs nothing."""
    assert as_text(cell) == f"'{cell}"
    assert as_meant(as_text(cell)) == cell.strip()


def test_other_apostrophes_stay() -> None:
    assert as_meant(" 't Hof ") == "'t Hof"
    assert as_text("'t Hof") == "'t Hof"


def test_what_is_written_can_be_read_again() -> None:
    rows = [["code", "name"], ["MUG", 'A "big" mug,\r\nblue; new'], ["-1", "=A1"]]

    file = read_csv(write_csv(rows, ";").encode())

    cells = [[as_meant(cell) for cell in row.cells] for row in file.rows]
    assert ([*file.header], cells) == (rows[0], rows[1:])


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (("Product code", "Product name"), ["code", "name"]),
        (("HANDLE", "Title", "Body"), ["code", "name", "description"]),
        (("sku_code", "EAN", "Stock"), ["sku_code", "gtin", ""]),
        (("Artikelnummer", "Bezeichnung", "Einheit"), ["code", "name", "base_unit"]),
        (("code", "Code", ""), ["code", "", ""]),
    ],
)
def test_columns_are_guessed_from_their_names(header: tuple[str, ...], fields: list[str]) -> None:
    assert guess_fields(header) == fields


def test_a_mapping_fills_every_required_field_once() -> None:
    header = ("a", "b", "c")

    assert mapping_faults(header, ["code", "name", ""]) == []
    wrong = mapping_faults(header, ["code", "code", "weight_grams"])
    assert [(fault.pointer, fault.code) for fault in wrong] == [
        ("/column.1", "import.field_twice"),
        ("", "import.field_missing"),
        ("", "import.field_missing"),
    ]
    assert [fault.code for fault in mapping_faults(header, ["code"])] == ["import.mapping"]
    assert [f.code for f in mapping_faults(header, ["code", "name", "price"])] == [
        "import.field_unknown"
    ]
