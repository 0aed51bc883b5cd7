"""Why a file, or a step of its import, is refused."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.errors import Conflict, Malformed


@dataclass(eq=False)
class FileRefused(Malformed):
    """This file cannot be imported."""

    code: ClassVar[str] = "import.file_refused"


@dataclass(eq=False)
class FileEmpty(FileRefused):
    """This file is empty: choose one with a row of column names and rows below it."""

    code: ClassVar[str] = "import.file_empty"


@dataclass(eq=False)
class NoRows(FileRefused):
    """This file has column names and no rows below them."""

    code: ClassVar[str] = "import.no_rows"


@dataclass(eq=False)
class FileTooLarge(FileRefused):
    """This file is too large: split it."""

    code: ClassVar[str] = "import.file_too_large"

    bytes_max: int


@dataclass(eq=False)
class TooManyRows(FileRefused):
    """This file has too many rows: split it."""

    code: ClassVar[str] = "import.too_many_rows"

    rows_max: int


@dataclass(eq=False)
class TooManyColumns(FileRefused):
    """This file has too many columns: take out those that are not needed."""

    code: ClassVar[str] = "import.too_many_columns"

    columns_max: int


@dataclass(eq=False)
class NotUtf8(FileRefused):
    """This file is not UTF-8: save it again as "CSV UTF-8" and upload that."""

    code: ClassVar[str] = "import.not_utf8"

    line: int


@dataclass(eq=False)
class NotCsv(FileRefused):
    """This file is not CSV from this line on: often a quotation mark is never closed."""

    code: ClassVar[str] = "import.not_csv"

    line: int


@dataclass(eq=False)
class ImportNotReady(Conflict):
    """This import is at another step by now: look at it again."""

    code: ClassVar[str] = "import.not_ready"

    state: str


@dataclass(eq=False)
class NothingToImport(Conflict):
    """No row of this file would change anything."""

    code: ClassVar[str] = "import.nothing_to_import"
