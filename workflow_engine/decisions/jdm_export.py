"""Tables to GoRules JDM: a decision graph of one table that other tools open and run."""

import json
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any

from kernel.money import Money
from workflow_engine.decisions.cells import Cell, Exactly, Not, Range, Test
from workflow_engine.decisions.columns import Column, Output
from workflow_engine.decisions.errors import TableFault, TableRefused
from workflow_engine.decisions.model import Formula, Table, write_value
from workflow_engine.expressions import to_json

CONTENT_TYPE = "application/vnd.gorules.decision"
# A sound table gives the same by the first rule that fits; JDM knows no more than these two.
POLICIES = {
    "UNIQUE": "first",
    "FIRST": "first",
    "ANY": "first",
    "RULE ORDER": "collect",
    "COLLECT": "collect",
}
ALTERNATIVES_MAX = 100
Alternatives = list[list[str]]
_GAP = 300


def export_jdm(table: Table) -> str:
    """Write a table as a decision graph: request, table, response.

    Rules keep their ids and order. Where no rule fits, a last one gives the defaults. Money is
    compared as a number in the column's currency, which the input's expression has to give;
    domains are not carried. Computed outputs are written as they are. TableRefused where JDM
    has no word: priorities, aggregates, columns of durations, texts with both kinds of quotes.
    """
    faults: list[TableFault] = []
    if table.hit_policy not in POLICIES or table.aggregation:
        asked = " ".join(filter(None, (table.hit_policy, table.aggregation)))
        known = ", ".join(POLICIES)
        faults.append(_fault("/hit_policy", f"JDM has no word for {asked}.", known))
    rules = [_rule(table, position, faults) for position in range(len(table.rules))]
    if faults:
        raise TableRefused(faults)
    if default := _default(table):
        rules.append(default)
    content = {
        "hitPolicy": POLICIES[table.hit_policy],
        "inputs": [
            {"id": _place("in", each.id), "name": each.id, "field": each.value}
            for each in table.inputs
        ],
        "outputs": [
            {"id": _place("out", each.id), "name": each.id, "field": each.id}
            for each in table.outputs
        ],
        "rules": rules,
        "passThrough": False,
        "executionMode": "single",
        "inputField": None,
        "outputPath": None,
    }
    return json.dumps(_graph(table, content), indent=1, ensure_ascii=False) + "\n"


def _graph(table: Table, content: dict[str, Any]) -> dict[str, Any]:
    nodes = [
        ("request", "inputNode", "Request", {"schema": ""}),
        (table.id, "decisionTableNode", table.name, content),
        ("response", "outputNode", "Response", {"schema": ""}),
    ]
    edges = [("request", table.id), (table.id, "response")]
    return {
        "contentType": CONTENT_TYPE,
        "nodes": [
            {
                "id": f"node_{identity}",
                "type": kind,
                "name": name,
                "position": {"x": _GAP * position, "y": 0},
                "content": inner,
            }
            for position, (identity, kind, name, inner) in enumerate(nodes)
        ],
        "edges": [
            {
                "id": f"edge_{position}",
                "type": "edge",
                "sourceId": f"node_{source}",
                "targetId": f"node_{target}",
            }
            for position, (source, target) in enumerate(edges)
        ],
    }


def _place(side: str, identity: str) -> str:
    # A rule's cells share one object with its id, so the two sides must not meet.
    return f"{side}_{identity}"


def _rule(table: Table, position: int, faults: list[TableFault]) -> dict[str, str]:
    rule = table.rules[position]
    written = {"_id": rule.id}
    for index, (cell, column) in enumerate(zip(rule.when, table.inputs, strict=True)):
        try:
            written[_place("in", column.id)] = _cell(cell, column)
        except ValueError as error:
            faults.append(_fault(f"/rules/{position}/when/{index}", str(error)))
    for index, (value, output) in enumerate(zip(rule.then, table.outputs, strict=True)):
        try:
            written[_place("out", output.id)] = _result(value)
        except ValueError as error:
            faults.append(_fault(f"/rules/{position}/then/{index}", str(error)))
    return written


def _default(table: Table) -> dict[str, str] | None:
    one_needed = POLICIES[table.hit_policy] == "first"
    if not one_needed or not any(output.has_default for output in table.outputs):
        return None
    written = {"_id": "default"}
    written |= {_place("in", column.id): "" for column in table.inputs}
    return written | {_place("out", each.id): _default_of(each) for each in table.outputs}


def _default_of(output: Output) -> str:
    return _result(output.default) if output.has_default else "null"


def _cell(cell: Cell, column: Column) -> str:
    """A list of tests where JDM's short form will do, else a condition on `$`."""
    if not cell:
        return ""
    if column.kind == "duration":
        raise ValueError("JDM has no word for durations.")
    # Null goes first: comparing it with anything else would end the rule there.
    tests = sorted(cell, key=lambda test: test != Exactly(None))
    plain = column.kind != "timestamp" and not any(isinstance(test, Not) for test in tests)
    if plain:
        return ", ".join(_short(test) for test in tests)
    return " or ".join(" and ".join(atoms) for atoms in _alternatives(tuple(tests), column))


def _short(test: Test) -> str:
    match test:
        case Range(None, high):
            return f"{'<=' if test.high_included else '<'} {_literal(high)}"
        case Range(low, None):
            return f"{'>=' if test.low_included else '>'} {_literal(low)}"
        case Range(low, high):
            opening, closing = "[" if test.low_included else "(", "]" if test.high_included else ")"
            return f"{opening}{_literal(low)}..{_literal(high)}{closing}"
        case Exactly(value):
            return _literal(value)
    raise ValueError("A negation has no short form.")


def _alternatives(cell: Cell, column: Column) -> Alternatives:
    """A cell without brackets, as ands in ors: in brackets, ZEN reads ranges."""
    return [each for test in cell for each in _ways(test, column, accepted=True)]


def _ways(test: Test, column: Column, *, accepted: bool) -> Alternatives:
    match test:
        case Not(inner):
            ways = [_ways(each, column, accepted=not accepted) for each in inner]
            return _all_of(ways) if accepted else [each for way in ways for each in way]
        case Exactly(value):
            return [[f"$ {'==' if accepted else '!='} {_literal(value)}"]]
    ends = []
    if test.low is not None:
        signs = ("<", ">=") if test.low_included else ("<=", ">")
        ends.append(f"$ {signs[accepted]} {_literal(test.low)}")
    if test.high is not None:
        signs = (">", "<=") if test.high_included else (">=", "<")
        ends.append(f"$ {signs[accepted]} {_literal(test.high)}")
    if accepted:
        return [[*(["$ != null"] if column.nullable else []), *ends]]
    return [*([["$ == null"]] if column.nullable else []), *([end] for end in ends)]


def _all_of(ways: list[Alternatives]) -> Alternatives:
    if prod(map(len, ways)) > ALTERNATIVES_MAX:
        raise ValueError("Written without brackets, as JDM needs it, this cell is too long.")
    return [[atom for part in parts for atom in part] for parts in product(*ways)]


def _literal(value: Any) -> str:
    """A value of an input as a ZEN literal; ValueError where there is none."""
    if isinstance(value, Money):
        return str(value.amount)
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | Decimal):
        return str(to_json(value))
    return f"d({_quoted(str(to_json(value)))})"


def _quoted(text: str) -> str:
    """ZEN has no escapes: a text stands between the quotes that it does not hold itself."""
    for quote in ('"', "'"):
        if quote not in text:
            return f"{quote}{text}{quote}"
    raise ValueError("JDM has no word for a text with both kinds of quotes.")


def _result(value: Any) -> str:
    if isinstance(value, Formula):
        return value.source
    if isinstance(value, Decimal):
        return str(to_json(value))
    return _structure(write_value(value))


def _structure(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        inner = (f"{_quoted(name)}: {_structure(each)}" for name, each in value.items())
        return f"{{{', '.join(inner)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_structure, value))}]"
    return json.dumps(value)


def _fault(pointer: str, message: str, suggestion: str | None = None) -> TableFault:
    return TableFault("table.jdm", pointer, message, suggestion)
