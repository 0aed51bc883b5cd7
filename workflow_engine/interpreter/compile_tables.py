"""The seam to decision tables: each becomes a function from bindings to a decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflow_engine.definition.model import Definition
from workflow_engine.interpreter.compiled import Decision
from workflow_engine.interpreter.evaluating import Expressions
from workflow_engine.interpreter.schemas import Schemas

Decide = Callable[[Mapping[str, Any]], Decision]


def compile_tables(
    definition: Definition, expressions: Expressions, schemas: Schemas
) -> dict[str, Decide]:
    """Compile every table; what is wrong with one is reported among the definition's faults."""
    for table in definition.tables:
        message = "Decision tables cannot be evaluated by this version."
        expressions.fault(table.at, "table.unsupported", message)
    del schemas
    return {}
