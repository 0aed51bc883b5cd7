"""What can be wrong with a decision table, when it is saved and when it decides."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableFault:
    """One thing that is wrong with a table; `pointer` is a JSON pointer into the table."""

    code: str
    pointer: str
    message: str
    suggestion: str | None = None

    def __str__(self) -> str:
        hint = f" {self.suggestion}" if self.suggestion else ""
        return f"{self.pointer}: {self.message} ({self.code}){hint}"


class TableRefused(Exception):
    """A table cannot be compiled; `faults` tells everything that is wrong with it."""

    code = "table.refused"

    def __init__(self, faults: Sequence[TableFault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(eq=False)
class DecisionError(Exception):
    """A table cannot decide: a value outside its domain, no rule, or rules that disagree.

    `column` is the input's id, empty where no single one is to blame; `rules` are the ids of
    the rules concerned.
    """

    code: str
    message: str
    table: str
    column: str = ""
    rules: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.table}: {self.message} ({self.code})"


class CellFault(Exception):
    """A cell or a literal cannot be read; whoever knows its place makes it a TableFault."""

    def __init__(self, message: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion
