"""DMN XML to tables, with a report of what could not be carried."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from workflow_engine.decisions.errors import TableFault, TableRefused
from workflow_engine.decisions.feel import (
    FeelFault,
    cell_text,
    identifier,
    translate,
    translate_test,
)
from workflow_engine.decisions.imported import NUMBER, TEXT, ImportedTable, is_literal, kind_of
from workflow_engine.decisions.model import AGGREGATIONS, HIT_POLICIES

DMN_BYTES_MAX = 5_000_000
NAMES_MAX = 500
_KINDS = {
    "number": "decimal",
    "string": "string",
    "boolean": "bool",
    "date": "timestamp",
    "dateTime": "timestamp",
    "date and time": "timestamp",
    "dayTimeDuration": "duration",
    "days and time duration": "duration",
}


def import_dmn(source: bytes) -> list[ImportedTable]:
    """Read every decision table of a DMN file; TableRefused where one cannot be carried.

    Names with spaces become identifiers. A cell that compares with another field becomes a
    bool column of its own, because our cells hold literals alone. Entities and external
    references are refused.
    """
    root = parse_dmn(source)
    names = names_of(root)
    tables = []
    for decision in children(root, "decision"):
        for table in children(decision, "decisionTable"):
            tables.append(import_table(decision.get("name", "decision"), table, names))
    return tables


def parse_dmn(source: bytes) -> Element:
    """Parse a DMN file safely; TableRefused where it is none."""
    if len(source) > DMN_BYTES_MAX:
        raise TableRefused([_fault("", f"A DMN file may have {DMN_BYTES_MAX} bytes.")])
    try:
        root: Element = fromstring(source, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise TableRefused([_fault("", f"This is not a DMN file: {error}")]) from error
    if local(root) != "definitions":
        raise TableRefused([_fault("", "This is not a DMN file: it has no definitions.")])
    return root


def names_of(root: Element) -> list[str]:
    """Return the FEEL names of all inputs, decisions and components."""
    found = [
        each.get("name", "")
        for each in root.iter()
        if local(each) in ("inputData", "decision", "itemComponent", "variable")
    ]
    names = sorted({name for name in found if name})
    if len(names) > NAMES_MAX:
        raise TableRefused([_fault("", f"A DMN file may have {NAMES_MAX} names.")])
    return names


def children(element: Element, name: str) -> list[Element]:
    """Return the direct children of that name, whatever their namespace."""
    return [child for child in element if local(child) == name]


def local(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def text_of(element: Element, *path: str) -> str:
    """Return the text at a path of children, empty where there is none."""
    for name in path:
        found = children(element, name)
        if not found:
            return ""
        element = found[0]
    return (element.text or "").strip()


def import_table(decision: str, table: Element, names: Sequence[str]) -> ImportedTable:
    """Read one decisionTable element."""
    return _Import(decision, table, names).table()


def _fault(pointer: str, message: str) -> TableFault:
    return TableFault("table.dmn", pointer, message)


@dataclass
class _Import:
    decision: str
    element: Element
    names: Sequence[str]
    report: list[str] = field(default_factory=list)
    faults: list[TableFault] = field(default_factory=list)
    extra: list[dict[str, Any]] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)

    def table(self) -> ImportedTable:
        rules = children(self.element, "rule")
        cells = [[text_of(c, "text") for c in children(rule, "inputEntry")] for rule in rules]
        results = [[text_of(c, "text") for c in children(rule, "outputEntry")] for rule in rules]
        inputs = [
            self.column(each, index, [row[index] for row in cells if index < len(row)])
            for index, each in enumerate(children(self.element, "input"))
        ]
        elements = children(self.element, "output")
        outputs = [
            self.output(each, index, [row[index] for row in results if index < len(row)])
            for index, each in enumerate(elements)
        ]
        rows = [
            self.row(index, rule, cells[index], inputs, self.then(results[index], outputs))
            for index, rule in enumerate(rules)
        ]
        for row in rows:
            row["when"] += ["-"] * (len(inputs) + len(self.extra) - len(row["when"]))
        policy, aggregation = self.policy()
        document: dict[str, Any] = {"id": identifier(self.decision).lower(), "name": self.decision}
        document["hit_policy"] = policy
        if aggregation:
            document["aggregation"] = aggregation
        document |= {"inputs": [*inputs, *self.extra], "outputs": outputs, "rules": rows}
        if self.faults:
            raise TableRefused(self.faults)
        single = len(elements) == 1 and not elements[0].get("name")
        return ImportedTable(self.decision, document, single, tuple(self.report))

    def policy(self) -> tuple[str, str | None]:
        policy = self.element.get("hitPolicy", "UNIQUE")
        aggregation = (self.element.get("aggregation") or "").lower() or None
        if policy not in HIT_POLICIES:
            self.faults.append(_fault("/hit_policy", f"There is no hit policy '{policy}'."))
        if aggregation and aggregation not in AGGREGATIONS:
            self.faults.append(_fault("/aggregation", f"There is no '{aggregation}'."))
        return policy, aggregation

    def expression(self, text: str, pointer: str) -> str:
        try:
            return translate(text, self.names)
        except FeelFault as fault:
            self.faults.append(_fault(pointer, f"'{text}': {fault}."))
            return "null"

    def column(self, element: Element, index: int, cells: list[str]) -> dict[str, Any]:
        source = text_of(element, "inputExpression", "text")
        reference = next(iter(children(element, "inputExpression")), element).get("typeRef", "")
        allowed = text_of(element, "inputValues", "text")
        kind = _KINDS.get(reference.rpartition(":")[2]) or kind_of([*cells, allowed])
        value = self.expression(source, f"/inputs/{index}/value")
        column: dict[str, Any] = {"id": f"in{index + 1}", "value": value, "type": kind}
        if allowed and kind == "string":
            column["domain"] = {"values": [json.loads(t) for t in TEXT.findall(allowed)]}
        elif allowed:
            self.report.append(f"the allowed values '{allowed}' of '{source}' are not checked")
        return column

    def output(self, element: Element, index: int, results: list[str]) -> dict[str, Any]:
        allowed = text_of(element, "outputValues", "text")
        default = text_of(element, "defaultOutputEntry", "text")
        kind = _KINDS.get(element.get("typeRef", "").rpartition(":")[2])
        kind = kind or kind_of([*results, allowed], fallback="dyn")
        name = element.get("name") or f"out{index + 1}"
        output: dict[str, Any] = {"id": identifier(name), "type": kind}
        if allowed and kind in ("string", "decimal"):
            values = TEXT.findall(allowed) if kind == "string" else NUMBER.findall(allowed)
            output["values"] = [json.loads(t) if kind == "string" else t for t in values]
        if default:
            output["default"] = self.result(default, output, "/outputs")
        return output

    def then(self, texts: list[str], outputs: list[dict[str, Any]]) -> list[Any]:
        return [
            self.result(text, output, "/rules") for text, output in zip(texts, outputs, strict=True)
        ]

    def result(self, text: str, output: dict[str, Any], pointer: str) -> Any:
        if TEXT.fullmatch(text):
            return json.loads(text)
        if text in ("true", "false"):
            return text == "true"
        if NUMBER.fullmatch(text):
            return text if output["type"] == "decimal" else {"expression": text}
        if text in ("", "null"):
            return {"expression": "null"}
        return {"expression": self.expression(text, pointer)}

    def row(
        self,
        index: int,
        rule: Element,
        cells: list[str],
        inputs: list[dict[str, Any]],
        then: list[Any],
    ) -> dict[str, Any]:
        when = [
            self.cell(text, column, f"/rules/{index}/when/{position}")
            for position, (text, column) in enumerate(zip(cells, inputs, strict=True))
        ]
        # Conditions that this row needed for itself stand behind the columns of the file.
        when += ["-"] * (len(inputs) + len(self.extra) - len(when) - len(self.pending))
        when += ["true"] * len(self.pending)
        self.pending.clear()
        return {"id": rule.get("id") or f"r{index + 1}", "when": when, "then": then}

    def cell(self, text: str, column: dict[str, Any], pointer: str) -> str:
        plain = cell_text(text)
        if is_literal(plain, column):
            return plain
        try:
            condition = translate_test(text, column["value"], self.names)
        except FeelFault as fault:
            self.faults.append(_fault(pointer, f"'{text}': {fault}."))
            return "-"
        name = f"test{len(self.extra) + 1}"
        self.extra.append({"id": name, "value": condition, "type": "bool"})
        self.pending.append(name)
        self.report.append(f"the test '{text}' became the column '{name}': {condition}")
        return "-"
