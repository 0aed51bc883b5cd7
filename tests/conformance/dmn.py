"""The DMN test kit's decision tables: read its models and cases, decide, compare."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from tests.conformance.suites import Outcome, folder, judge
from workflow_engine.decisions import DecisionError, TableRefused, compile_table
from workflow_engine.decisions.dmn_import import (
    children,
    import_table,
    local,
    names_of,
    parse_dmn,
    text_of,
)
from workflow_engine.decisions.feel import FeelFault, identifier, translate
from workflow_engine.expressions import DYN, ExpressionError, Scope, compile_expression
from workflow_engine.expressions.durations import read_duration

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
FAILURES = (FeelFault, TableRefused, DecisionError, ExpressionError, InvalidOperation, ValueError)


class Mismatch(Exception):
    """The case did not give what it should."""


def decision_tables() -> Outcome:
    """Run every case of the slice."""
    return judge("DMN test kit, decision tables", results(), "dmn_tck")


def results() -> dict[str, str | None]:
    """Run every case; give its failure, or None."""
    found: dict[str, str | None] = {}
    for name, model, case in cases_of(folder("dmn-tck")):
        try:
            run(model, case)
            found[name] = None
        except (Mismatch, *FAILURES) as failure:
            found[name] = " ".join(str(failure).split())[:300]
    return found


def cases_of(suite: Path) -> Iterator[tuple[str, Element, Element]]:
    """Give every case with its model."""
    for file in sorted(suite.glob("*/*-test-*.xml")):
        [model_file] = file.parent.glob("*.dmn")
        model = parse_dmn(model_file.read_bytes())
        root = _parsed(file)
        for index, case in enumerate(children(root, "testCase")):
            yield f"{file.parent.name}/{case.get('id') or f'#{index + 1}'}", model, case


def _parsed(file: Path) -> Element:
    root: Element = fromstring(file.read_bytes())
    return root


def run(model: Element, case: Element) -> None:
    """Run one case; it must give every result it names."""
    inputs = {
        identifier(each.get("name", "")): value_of(each) for each in children(case, "inputNode")
    }
    for node in children(case, "resultNode"):
        name = node.get("name", "")
        expected = value_of(children(node, "expected")[0])
        found = decide(model, name, inputs)
        if not same(found, expected):
            raise Mismatch(f"'{name}' gave {found!r}, not {expected!r}")


def value_of(node: Element) -> Any:
    """Read a value, a list or a structure."""
    parts = children(node, "component")
    if parts:
        return {identifier(part.get("name", "")): value_of(part) for part in parts}
    if lists := children(node, "list"):
        return [value_of(each) for each in children(lists[0], "item")]
    values = children(node, "value")
    if not values or values[0].get(_NIL) == "true":
        return None
    text = (values[0].text or "").strip()
    match values[0].get(_TYPE, "xsd:string").rpartition(":")[2]:
        case "decimal" | "double" | "integer" | "int":
            return Decimal(text)
        case "boolean":
            return text == "true"
        case "date":
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        case "dateTime":
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        case "duration":
            return read_duration(text)
        case "string":
            return text
    raise Mismatch("times of day are not claimed")


def decide(model: Element, name: str, inputs: dict[str, Any]) -> Any:
    """Give what a decision gives, after the decisions it needs."""
    decision = next(each for each in children(model, "decision") if each.get("name") == name)
    bindings = dict.fromkeys(map(identifier, names_of(model)))
    bindings |= inputs
    for needed in _needed(model, decision):
        bindings[identifier(needed)] = decide(model, needed, inputs)
    scope = Scope(dict.fromkeys(bindings, DYN))
    for element in decision:
        if local(element) == "decisionTable":
            return _by_table(name, element, model, scope, bindings)
        if local(element) == "literalExpression":
            source = translate(text_of(element, "text"), names_of(model))
            return compile_expression(source, scope).evaluate(bindings)
    raise Mismatch("boxed contexts, relations and invocations are not claimed")


def _needed(model: Element, decision: Element) -> list[str]:
    references = {
        each.get("href", "").lstrip("#")
        for requirement in children(decision, "informationRequirement")
        for each in children(requirement, "requiredDecision")
    }
    decisions = children(model, "decision")
    return [each.get("name", "") for each in decisions if each.get("id") in references]


def _by_table(
    name: str, element: Element, model: Element, scope: Scope, bindings: dict[str, Any]
) -> Any:
    imported = import_table(name, element, names_of(model))
    try:
        outputs = compile_table(imported.document, scope).decide(bindings).outputs
    except DecisionError as error:
        if error.code == "table.no_match":  # Null in DMN, an error for us.
            return None
        raise
    rows = outputs if isinstance(outputs, list) else [outputs]
    if imported.single:
        rows = [next(iter(row.values())) for row in rows]
    return rows if isinstance(outputs, list) else rows[0]


def same(found: Any, expected: Any) -> bool:
    """Compare as the kit does: numbers to ten digits, everything else exactly."""
    if isinstance(expected, Decimal) and isinstance(found, Decimal | int):
        return abs(found - expected) <= abs(expected) * Decimal("1e-10")
    if isinstance(expected, list) and isinstance(found, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, dict) and isinstance(found, dict):
        return found.keys() == expected.keys() and all(same(found[k], expected[k]) for k in found)
    return type(found) is type(expected) and bool(found == expected)
