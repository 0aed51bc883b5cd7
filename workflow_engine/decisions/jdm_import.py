"""GoRules JDM to tables, with a report of what was changed and faults for what cannot be."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from workflow_engine.decisions.cells import write_literal
from workflow_engine.decisions.errors import TableFault, TableRefused
from workflow_engine.decisions.feel import FeelFault, identifier, translate, translate_test
from workflow_engine.decisions.imported import NUMBER, TEXT, ImportedTable, is_literal, kind_of

JDM_CHARS_MAX = 5_000_000
_POLICIES = {"first": "FIRST", "collect": "RULE ORDER"}
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`")
_NULL = re.compile(r"\bnull\b")
_EDGES = ("inputNode", "outputNode")
_SIGNED = re.compile(r"\s*(?:<=|>=|!=|<|>|=|\[|\()")


def import_jdm(source: str) -> list[ImportedTable]:
    """Read every decision table of a decision graph; TableRefused where one cannot be carried.

    JDM names no types: they are told from the cells. A cell that is more than literals becomes
    a bool column of its own. What the other nodes of the graph do is not carried, and reported.
    """
    graph = _graph(source)
    others = sorted({str(node.get("type")) for node in graph} - {"decisionTableNode", *_EDGES})
    report = tuple(f"nodes of the type '{kind}' are not carried" for kind in others)
    tables = [
        _Import(node, f"/nodes/{position}/content", list(report)).table()
        for position, node in enumerate(graph)
        if node.get("type") == "decisionTableNode"
    ]
    if not tables:
        raise TableRefused([_fault("/nodes", "This graph has no decision table.")])
    return tables


def _graph(source: str) -> list[dict[str, Any]]:
    if len(source) > JDM_CHARS_MAX:
        raise TableRefused([_fault("", f"A JDM file may have {JDM_CHARS_MAX} characters.")])
    try:
        document = json.loads(source)
    except (ValueError, RecursionError) as error:
        raise TableRefused([_fault("", f"This is not JSON: {error}")]) from error
    nodes = document.get("nodes") if isinstance(document, dict) else None
    if not isinstance(nodes, list) or not all(isinstance(node, dict) for node in nodes):
        raise TableRefused([_fault("/nodes", "This is not a JDM file: it has no nodes.")])
    return nodes


def _fault(pointer: str, message: str) -> TableFault:
    return TableFault("table.jdm", pointer, message)


@dataclass
class _Import:
    node: dict[str, Any]
    pointer: str
    report: list[str]
    faults: list[TableFault] = field(default_factory=list)
    extra: list[dict[str, Any]] = field(default_factory=list)

    def table(self) -> ImportedTable:
        content = self.node.get("content")
        if not isinstance(content, dict):
            raise TableRefused([_fault(self.pointer, "A decision table has content.")])
        places = {side: self.objects(content, side) for side in ("inputs", "outputs", "rules")}
        if self.faults:
            raise TableRefused(self.faults)
        self.must_be_plain(content)
        rules, name = places["rules"], str(self.node.get("name") or "decision")
        inputs = [self.input(each, i, rules) for i, each in enumerate(places["inputs"])]
        outputs = [self.output(each, i, rules) for i, each in enumerate(places["outputs"])]
        columns = [column for _, column in inputs if column is not None]
        rows = [self.row(rule, i, inputs, outputs) for i, rule in enumerate(rules)]
        for row in rows:
            row["when"] += ["-"] * (len(columns) + len(self.extra) - len(row["when"]))
        if self.faults:
            raise TableRefused(self.faults)
        document = {
            "id": identifier(name).lower(),
            "name": name,
            "hit_policy": _POLICIES[content.get("hitPolicy") or "first"],
            "inputs": [*columns, *self.extra],
            "outputs": [output for _, output in outputs],
            "rules": rows,
        }
        return ImportedTable(name, document, single=False, report=tuple(self.report))

    def objects(self, content: dict[str, Any], name: str) -> list[dict[str, Any]]:
        found = content.get(name)
        if isinstance(found, list) and all(isinstance(each, dict) for each in found):
            return found
        self.fault(name, "A list of objects is needed here.")
        return []

    def must_be_plain(self, content: dict[str, Any]) -> None:
        if (policy := content.get("hitPolicy") or "first") not in _POLICIES:
            self.fault("hitPolicy", f"The hit policy '{policy}' has no counterpart.")
            content["hitPolicy"] = "first"
        if (content.get("executionMode") or "single") != "single":
            self.fault("executionMode", "A table that is asked once for each element of a list.")
        for name in ("inputField", "outputPath"):
            if content.get(name):
                self.fault(name, "A table that reads or writes elsewhere than it says.")
        if content.get("passThrough"):
            self.report.append("the table gives its outputs alone, not its inputs with them")

    def fault(self, place: str, message: str) -> None:
        self.faults.append(_fault(f"{self.pointer}/{place}", message))

    def input(
        self, column: dict[str, Any], index: int, rules: list[dict[str, Any]]
    ) -> tuple[str, dict[str, Any] | None]:
        """A column and its key in the rules; None where its cells are conditions of their own."""
        key, subject = str(column.get("id", "")), _text(column, "field")
        if not subject:
            return key, None
        cells = [_outside(_text(rule, key)) for rule in rules]
        if not any(cells):
            self.report.append(f"no rule asks the column '{subject}'; it is left out")
            return key, None
        value = self.expression(subject, f"inputs/{index}/field")
        described: dict[str, Any] = {"id": f"in{index + 1}", "value": value, "type": _kind(cells)}
        if any(_NULL.search(TEXT.sub("", cell)) for cell in cells):
            described["nullable"] = True
        return key, described

    def output(
        self, column: dict[str, Any], index: int, rules: list[dict[str, Any]]
    ) -> tuple[str, dict[str, Any]]:
        key, name = str(column.get("id", "")), _text(column, "field") or _text(column, "name")
        plain = identifier(name or f"out{index + 1}")
        if plain != name:
            self.report.append(f"the output '{name}' is called '{plain}'")
        cells = [_text(rule, key) for rule in rules]
        kind = "dyn" if "" in cells or "null" in cells else kind_of(cells, fallback="dyn")
        return key, {"id": plain, "type": kind}

    def row(
        self,
        rule: dict[str, Any],
        index: int,
        inputs: list[tuple[str, dict[str, Any] | None]],
        outputs: list[tuple[str, dict[str, Any]]],
    ) -> dict[str, Any]:
        before, when = len(self.extra), []
        for key, column in inputs:
            place = f"rules/{index}/{key}"
            cell = self.cell(_text(rule, key), column, place)
            when += [cell] if column is not None else []
        # Conditions that this row needed for itself stand behind the columns of the file.
        when += ["-"] * before + ["true"] * (len(self.extra) - before)
        then = [
            self.result(_text(rule, key), output, f"rules/{index}/{key}") for key, output in outputs
        ]
        return {"id": str(rule.get("_id") or f"r{index + 1}"), "when": when, "then": then}

    def cell(self, text: str, column: dict[str, Any] | None, place: str) -> str:
        if not text:
            return "-"
        if column is not None and is_literal(_outside(text), column):
            return _outside(text)
        try:
            condition = _condition(text, column)
        except FeelFault as fault:
            self.fault(place, f"'{text}': {fault}.")
            return "-"
        name = f"test{len(self.extra) + 1}"
        self.extra.append({"id": name, "value": condition, "type": "bool"})
        self.report.append(f"the test '{text}' became the column '{name}': {condition}")
        return "-"

    def result(self, text: str, output: dict[str, Any], place: str) -> Any:
        if TEXT.fullmatch(text):
            return json.loads(text)
        if text in ("true", "false"):
            return text == "true"
        if NUMBER.fullmatch(text):
            return text if output["type"] == "decimal" else {"expression": text}
        return {"expression": self.expression(text or "null", place)}

    def expression(self, text: str, place: str) -> str:
        try:
            return translate(_outside(text), ())
        except FeelFault as fault:
            self.fault(place, f"'{text}': {fault}.")
            return "null"


def _text(holder: dict[str, Any], name: str) -> str:
    """A cell in our quotes: ZEN's texts stand between any quotes and know no escapes."""
    value = holder.get(name)
    text = value.strip() if isinstance(value, str) else ""
    return _QUOTED.sub(_requoted, text)


def _requoted(found: re.Match[str]) -> str:
    if found[0].startswith("`") and "${" in found[0]:
        return found[0]  # A template; no counterpart, and refused as unreadable.
    return write_literal(found[0][1:-1], "string")


def _outside(text: str, subject: str = "") -> str:
    """Write ZEN's words in FEEL's where they stand outside quotes."""
    parts, start = [], 0
    for quoted in TEXT.finditer(text):
        parts += [_words(text[start : quoted.start()], subject), quoted[0]]
        start = quoted.end()
    return "".join([*parts, _words(text[start:], subject)])


def _words(text: str, subject: str) -> str:
    text = re.sub(r"(?<![!<>=])==", "=", text)
    text = re.sub(r"\bd\(", "timestamp(", text)
    return text.replace("$", f"({subject})") if subject else text


def _condition(text: str, column: dict[str, Any] | None) -> str:
    if column is None:
        return translate(_outside(text), ())
    plain, subject = _outside(text), column["value"]
    if "$" in TEXT.sub("", plain):
        return translate(_outside(text, subject), ())
    parts = re.split(r"\band\b", plain)
    if len(parts) > 1 and all(_SIGNED.match(part) for part in parts):
        return " && ".join(f"({translate_test(part, subject, ())})" for part in parts)
    return translate_test(plain, subject, ())


def _kind(cells: list[str]) -> str:
    """Tell a column's type from the literals that stand in its cells."""
    told = " ".join(cells)
    bare = TEXT.sub("", told)
    if "timestamp(" in bare:
        return "timestamp"
    if TEXT.search(told):
        return "string"
    if re.search(r"[0-9]", bare):
        return "decimal"
    return "bool" if re.search(r"\b(?:true|false)\b", bare) else "string"
