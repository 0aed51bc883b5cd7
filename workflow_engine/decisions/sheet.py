"""Tables as rows of texts that people edit in a spreadsheet: three rows of heads, then rules."""

import json
from typing import Any

from workflow_engine.decisions.errors import TableFault, TableRefused
from workflow_engine.decisions.model import Table, read_table, write_table

Rows = list[list[str]]
HEADS = 3


def rows_of(table: Table) -> Rows:
    """Write a table as rows of equal width; `table_of` gives the same table.

    The first row names the hit policy, the inputs (`when …`) and the outputs (`then …`), the
    second their types with domain, values and default as JSON, the third the expressions.
    """
    document = write_table(table)
    inputs, outputs = document["inputs"], document["outputs"]
    policy = " ".join([document["hit_policy"], document.get("aggregation", "")]).strip()
    rows = [
        [policy, *(f"when {each['id']}" for each in inputs), *(f"then {o['id']}" for o in outputs)],
        [f"{table.id}: {table.name}", *(_type(each) for each in (*inputs, *outputs))],
        ["", *(each["value"] for each in inputs), *("" for _ in outputs)],
    ]
    for rule in document["rules"]:
        rows.append([rule["id"], *rule["when"], *(_value(value) for value in rule["then"])])
    return rows


def table_of(rows: Rows, code: str) -> Table:
    """Read rows that `rows_of` wrote or a person edited; TableRefused with every fault.

    `code` is the fault's where the rows themselves make no table.
    """
    if len(rows) < HEADS:
        raise refusal(code, "The first three rows name the columns, their types and expressions.")
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise refusal(code, f"Every row has {width} cells, as the first one.")
    return read_table(_document(rows, code))


def refusal(code: str, message: str, suggestion: str | None = None) -> TableRefused:
    """Refuse a file as a whole."""
    return TableRefused([TableFault(code, "", message, suggestion)])


def _document(rows: Rows, code: str) -> dict[str, Any]:
    heads, types, expressions, *rules = rows
    places = [head.partition(" ") for head in heads[1:]]
    whens = [index for index, place in enumerate(places, 1) if place[0] == "when"]
    thens = [index for index, place in enumerate(places, 1) if place[0] == "then"]
    if len(whens) + len(thens) != len(places):
        raise refusal(code, "A column's head begins with 'when' or 'then'.")
    policy, aggregation = _policy(heads[0])
    identity, _, name = types[0].partition(": ")
    document: dict[str, Any] = {"id": identity, "name": name or identity, "hit_policy": policy}
    if aggregation:
        document["aggregation"] = aggregation
    document["inputs"] = [
        {"id": heads[index][5:], "value": expressions[index], **_typed(types[index], code)}
        for index in whens
    ]
    outputs = [{"id": heads[index][5:], **_typed(types[index], code)} for index in thens]
    document["outputs"] = outputs
    document["rules"] = [
        {
            "id": row[0],
            "when": [row[index] for index in whens],
            "then": [_read(row[i], o["type"]) for i, o in zip(thens, outputs, strict=True)],
        }
        for row in rules
    ]
    return document


def _policy(head: str) -> tuple[str, str | None]:
    policy, _, aggregation = head.strip().partition(" ")
    if policy == "COLLECT" and aggregation:
        return policy, aggregation
    return head.strip(), None


def _type(column: dict[str, Any]) -> str:
    rest = {name: each for name, each in column.items() if name not in ("id", "value", "type")}
    return f"{column['type']} {json.dumps(rest, ensure_ascii=False)}" if rest else column["type"]


def _typed(text: str, code: str) -> dict[str, Any]:
    kind, _, rest = text.strip().partition(" ")
    if not rest:
        return {"type": kind}
    try:
        details = json.loads(rest)
    except (ValueError, RecursionError) as error:
        raise refusal(code, f"'{rest[:60]}' is not JSON.") from error
    return {"type": kind, **details} if isinstance(details, dict) else {"type": kind}


def _value(value: Any) -> str:
    if isinstance(value, str) and not value.startswith(("{", "'", '"')):
        return value
    return json.dumps(value, ensure_ascii=False)


def _read(text: str, kind: str) -> Any:
    """Read an output cell: JSON where it must be, a plain text where the type is one."""
    plain = kind in ("string", "enum", "timestamp", "duration", "decimal")
    if plain and not text.startswith(("{", '"')):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
