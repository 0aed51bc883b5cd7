"""The interpreter against the implementation report of the standard it follows."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.conformance import scion, scxml, scxml_adapter


def test_every_start_document_ends_in_pass() -> None:
    outcome = scxml.w3c()

    assert outcome.unexplained == ()
    assert (outcome.passed, outcome.total) == (163, 163)


def test_the_adapter_rewrites_syntax_and_knows_nothing_of_the_interpreter() -> None:
    source = Path(scxml_adapter.__file__).read_text()

    imported = {
        name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else _names(node))
    }

    assert len(source.splitlines()) <= 400
    assert not any(name and name.startswith(("workflow_engine", "tests")) for name in imported)


def _names(node: ast.Import) -> list[str | None]:
    return [alias.name for alias in node.names]


def test_every_script_of_scion_without_data_goes_through_its_configurations() -> None:
    outcome = scion.scion()

    assert outcome.unexplained == ()
    assert outcome.total >= 91
