"""The definition language: one JSON document, read strictly, named by its hash."""

from workflow_engine.definition.canonical import canonical_text, definition_hash
from workflow_engine.definition.faults import DefinitionFaults, Fault
from workflow_engine.definition.model import Definition
from workflow_engine.definition.parse import parse_definition, read_definition

__all__ = [
    "Definition",
    "DefinitionFaults",
    "Fault",
    "canonical_text",
    "definition_hash",
    "parse_definition",
    "read_definition",
]
