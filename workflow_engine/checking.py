"""Everything that can be said about a definition before it runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workflow_engine.decisions import analyse
from workflow_engine.definition import Definition, DefinitionFaults, Fault, read_definition
from workflow_engine.interpreter import Actions, Compiled, compile_definition

BYTES_MAX = 5_000_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """The compiled definition where there is no fault, the faults, and weaker findings."""

    compiled: Compiled | None
    definition: Definition | None
    faults: tuple[Fault, ...]
    findings: tuple[Fault, ...]


def read_document(text: str) -> Any:
    """JSON with exact numbers; DefinitionFaults where it is none or names a field twice."""
    if len(text) > BYTES_MAX:
        raise DefinitionFaults([Fault("", "limit.size", f"More than {BYTES_MAX} characters.")])
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once
        )
    except RecursionError as error:
        raise DefinitionFaults([Fault("", "limit.depth", "Nested too deeply.")]) from error
    except ValueError as error:
        raise DefinitionFaults([Fault("", "json.syntax", f"This is not JSON: {error}.")]) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the field '{name[:80]}' stands twice in one object")
        found[name] = value
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"'{name}' is no number")


def check(document: Any, actions: Actions | None = None) -> Verdict:
    """Read, type and compile a document, and look for holes in its tables."""
    definition, faults = read_definition(document)
    if definition is None or faults:
        return Verdict(None, definition, tuple(faults), ())
    try:
        compiled = compile_definition(definition, actions)
    except DefinitionFaults as refused:
        return Verdict(None, definition, refused.faults, ())
    return Verdict(compiled, definition, (), tuple(_table_findings(compiled)))


def _table_findings(compiled: Compiled) -> list[Fault]:
    return [
        Fault(table.at, finding.code, f"Table '{table.id}': {finding.message}")
        for table in compiled.definition.tables
        for finding in analyse(compiled.decision_tables[table.id])
    ]
