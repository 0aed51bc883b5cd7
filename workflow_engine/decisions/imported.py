"""What importing a table from another tool gives, and how untyped cells are judged."""

import re
from dataclasses import dataclass
from typing import Any

from workflow_engine.decisions.cells import parse_cell
from workflow_engine.decisions.columns import Column, Domain
from workflow_engine.decisions.errors import CellFault

NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """A table in its JSON form. `decision` is its name in the file, `single` that it is unnamed
    there and stands for the whole decision; `report` tells what was changed on the way.
    """

    decision: str
    document: dict[str, Any]
    single: bool
    report: tuple[str, ...] = ()


def is_literal(text: str, column: dict[str, Any]) -> bool:
    """Tell whether a cell holds literals alone, as ours do."""
    values = column.get("domain", {}).get("values")
    domain = Domain(values=tuple(values) if values else None)
    try:
        parse_cell(text, Column("", "", column["type"], domain, nullable=True))
    except CellFault:
        return False
    return True


def kind_of(texts: list[str], fallback: str = "string") -> str:
    """Guess a type from what stands in the cells, where the file names none."""
    told = [text for text in texts if text not in ("", "-", "null")]
    if told and all(TEXT.match(text) for text in told):
        return "string"
    if told and all(text in ("true", "false") for text in told):
        return "bool"
    if told and all(NUMBER.fullmatch(part.strip()) for t in told for part in t.split(",")):
        return "decimal"
    return fallback
