"""The seam to decision tables: each becomes a function from bindings to a decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflow_engine.decisions import CompiledTable, DecisionError, TableRefused, compile_table
from workflow_engine.definition.model import Definition, Table
from workflow_engine.expressions import ExpressionError
from workflow_engine.interpreter.compiled import ContentFault, Decision
from workflow_engine.interpreter.evaluating import Expressions, paid
from workflow_engine.interpreter.schemas import Schemas
from workflow_engine.interpreter.work import WORK

Decide = Callable[[Mapping[str, Any]], Decision]


def compile_tables(
    definition: Definition, expressions: Expressions, schemas: Schemas
) -> dict[str, CompiledTable]:
    """Compile every table; what is wrong with one is reported among the definition's faults."""
    scope = schemas.scope()
    found: dict[str, CompiledTable] = {}
    for table in definition.tables:
        try:
            compiled = compile_table(table.document, scope)
        except TableRefused as refused:
            for fault in refused.faults:
                expressions.fault(
                    table.at + fault.pointer, fault.code, fault.message, fault.suggestion or ""
                )
            continue
        expressions.reads[table.at] = compiled.reads
        found[table.id] = compiled
    return found


def decider(table: Table, compiled: CompiledTable) -> Decide:
    """A table as a function that fails as content fails."""

    def decide(bindings: Mapping[str, Any]) -> Decision:
        work = bindings.get(WORK)  # type: ignore[call-overload]  # No variable's name.
        try:
            if work is None:
                return compiled.decide(bindings)
            work.charge(len(compiled.lanes))
            decision: Decision = paid(compiled.decide, bindings, work)
            work.charge(len(decision.rules))
            return decision
        except (DecisionError, ExpressionError) as error:
            raise ContentFault(error.code, error.message, table.at) from error

    return decide
