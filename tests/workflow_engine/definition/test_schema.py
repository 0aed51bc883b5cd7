"""The published schema and the parser agree on what a definition looks like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.workflow_engine.definition.hostile import BASE, a_hostile
from tests.workflow_engine.definition.the_example import the_example
from workflow_engine.checking import check
from workflow_engine.definition.schema import definition_schema

PUBLISHED = Path(__file__).parents[3] / "docs" / "reference" / "definition-1.schema.json"


def is_valid(document: Any) -> bool:
    validator = jsonschema_rs.Draft202012Validator(definition_schema())
    return bool(validator.is_valid(json.loads(json.dumps(document, default=str))))


def test_the_published_file_is_what_the_code_says() -> None:
    assert json.loads(PUBLISHED.read_text()) == definition_schema()


@pytest.mark.parametrize("document", [the_example(), BASE], ids=["the example", "the base"])
def test_a_sound_definition_is_valid(document: Any) -> None:
    assert is_valid(document)


def test_what_the_schema_accepts_the_parser_knows_by_shape() -> None:
    for seed in range(600):
        document = a_hostile(seed)
        try:
            valid = is_valid(document)
        except (ValueError, UnicodeEncodeError):
            # Not even JSON that could be written down.
            continue
        faults = {fault.code for fault in check(document).faults}
        assert valid or faults, f"{seed}: sound, but the schema refuses it"
        assert not (valid and faults & {"shape.unknown", "shape.missing"}), (seed, faults)
