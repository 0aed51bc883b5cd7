"""Tables to DMN 1.5 XML that other tools read."""

import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from workflow_engine.decisions.cells import write_cell, write_literal
from workflow_engine.decisions.columns import Column, Domain, Output
from workflow_engine.decisions.model import Formula, Rule, Table

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"
_REFERENCES = {
    "bool": "boolean",
    "int": "number",
    "decimal": "number",
    "money": "number",
    "string": "string",
    "enum": "string",
    "timestamp": "dateTime",
    "duration": "dayTimeDuration",
}


def export_dmn(table: Table) -> bytes:
    """Write a table as a DMN file with one decision.

    Money is written as numbers in the column's currency, which DMN has no word for. Input
    expressions and computed outputs are written as they are; simple ones are FEEL as well.
    """
    root = Element("definitions", {"xmlns": NAMESPACE, "name": table.name, "id": f"_{table.id}"})
    root.set("namespace", f"https://wareflow.example/tables/{table.id}")
    decision = SubElement(root, "decision", {"name": table.name, "id": f"_{table.id}_decision"})
    SubElement(decision, "variable", {"name": table.name})
    attributes = {"hitPolicy": table.hit_policy, "id": f"_{table.id}_table"}
    if table.aggregation:
        attributes["aggregation"] = table.aggregation.upper()
    element = SubElement(decision, "decisionTable", attributes)
    for column in table.inputs:
        _input(element, column)
    for output in table.outputs:
        _output(element, output)
    for rule in table.rules:
        _rule(element, table, rule)
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _input(parent: Element, column: Column) -> None:
    element = SubElement(parent, "input", {"id": f"_{column.id}", "label": column.id})
    reference = {"typeRef": _REFERENCES[column.kind]}
    _text(SubElement(element, "inputExpression", reference), column.value)
    if allowed := _domain(column.domain, column.kind):
        _text(SubElement(element, "inputValues"), allowed)


def _output(parent: Element, output: Output) -> None:
    attributes = {"id": f"_{output.id}", "name": output.id}
    if output.kind in _REFERENCES:
        attributes["typeRef"] = _REFERENCES[output.kind]
    element = SubElement(parent, "output", attributes)
    if output.values is not None:
        listed = ",".join(_feel(write_literal(value, output.kind)) for value in output.values)
        _text(SubElement(element, "outputValues"), listed)
    if output.has_default:
        _text(SubElement(element, "defaultOutputEntry"), _result(output.default, output))


def _rule(parent: Element, table: Table, rule: Rule) -> None:
    element = SubElement(parent, "rule", {"id": rule.id})
    for cell, column in zip(rule.when, table.inputs, strict=True):
        _text(SubElement(element, "inputEntry"), _feel(write_cell(cell, column.kind)))
    for value, output in zip(rule.then, table.outputs, strict=True):
        _text(SubElement(element, "outputEntry"), _result(value, output))


def _result(value: Any, output: Output) -> str:
    if isinstance(value, Formula):
        return value.source
    return _feel(write_literal(value, output.kind))


def _domain(domain: Domain, kind: str) -> str:
    if domain.values is not None:
        return ",".join(_feel(write_literal(value, kind)) for value in domain.values)
    low, high = (
        None if bound is None else _feel(write_literal(bound, kind))
        for bound in (domain.minimum, domain.maximum)
    )
    if low is None and high is None:
        return ""
    if low is not None and high is not None:
        return f"[{low}..{high}]"
    return f">= {low}" if low is not None else f"<= {high}"


def _feel(text: str) -> str:
    """Write our literals as FEEL does: money as its number, instants as date and time."""
    text = re.sub(r'money\("([^"]*)","[^"]*"\)', r"\1", text)
    return text.replace("timestamp(", "date and time(")


def _text(parent: Element, text: str) -> None:
    SubElement(parent, "text").text = text
