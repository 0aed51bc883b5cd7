"""The reference example, loaded as every reader must: numbers exact."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from workflow_engine.definition import DefinitionFaults, Fault, parse_definition
from workflow_engine.interpreter import Compiled, compile_definition

PATH = Path(__file__).parents[3] / "docs" / "examples" / "backorder.flow.json"


@cache
def _loaded() -> Any:
    return json.loads(PATH.read_text(), parse_float=Decimal)


def the_example() -> dict[str, Any]:
    """A copy of the document, free to be broken."""
    found: dict[str, Any] = copy.deepcopy(_loaded())
    return found


@cache
def compiled_example() -> Compiled:
    return compile_definition(parse_definition(_loaded()))


def at(document: Any, pointer: str) -> Any:
    """What a JSON pointer leads to."""
    for part in pointer.split("/")[1:]:
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def faults_of(document: dict[str, Any]) -> tuple[Fault, ...]:
    """Everything that is found wrong with a document, until it compiles."""
    try:
        compile_definition(parse_definition(document))
    except DefinitionFaults as refused:
        return refused.faults
    return ()
