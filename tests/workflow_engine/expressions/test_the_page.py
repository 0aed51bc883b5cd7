"""Every line of docs/expressions.md gives what the page says."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from workflow_engine.expressions import (
    BOOL,
    DECIMAL,
    DYN,
    INT,
    MONEY,
    STRING,
    TIMESTAMP,
    EnumType,
    ExpressionError,
    Function,
    RecordType,
    Scope,
    compile_expression,
    from_json,
    nullable,
    to_json,
)
from workflow_engine.expressions.overloads import OVERLOADS

PAGE = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text()
CONTEXT = RecordType(
    {
        "allocated": INT,
        "eta": nullable(TIMESTAMP),
        "tier": EnumType(("gold", "silver", "basic")),
        "total": MONEY,
    },
    "context",
)
INPUT = RecordType({"sku": STRING, "quantity": INT, "weight": DECIMAL}, "input")
VARIABLES = {"context": CONTEXT, "input": INPUT, "event": DYN, "now": TIMESTAMP}
SCOPE = Scope(VARIABLES, {"In": Function((STRING,), BOOL)})
LINES = [
    line
    for block in re.findall(r"```cel\n(.*?)```", PAGE, re.DOTALL)
    for line in block.strip().splitlines()
]


def bindings() -> dict[str, Any]:
    [order_line] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    document = json.loads(order_line, parse_float=Decimal)
    values = {name: from_json(document[name], kind) for name, kind in VARIABLES.items()}
    return {**values, "In": {"waiting"}.__contains__}


def shown(value: Any) -> Any:
    """As the page shows it: a decimal is a number there, for people."""
    return value if isinstance(value, Decimal) else to_json(value)


@pytest.mark.parametrize("line", LINES)
def test_every_line_of_the_page_gives_what_it_says(line: str) -> None:
    source, _, expected = line.rpartition("//")
    try:
        expression = compile_expression(source, SCOPE)
    except ExpressionError as refusal:
        found = f"refused {refusal.code}"
        assert found == expected.strip()
        return
    try:
        value = expression.evaluate(bindings())
    except ExpressionError as error:
        found = f"error {error.code}"
        assert found == expected.strip()
        return
    assert shown(value) == json.loads(expected, parse_float=Decimal)


def test_the_page_names_every_function_and_every_code() -> None:
    functions = {name.lstrip(".") for name in OVERLOADS if name.lstrip(".").isidentifier()}
    assert {name for name in functions if f"{name}(" not in PAGE} <= {"negate", "double"}
    room = Path(__file__).parents[3] / "workflow_engine" / "expressions"
    codes = {
        code
        for path in room.glob("*.py")
        for code in re.findall(r'"(expression\.[a-z_]+)"', path.read_text())
    }
    assert {code for code in codes if f"`{code}`" not in PAGE} == set()
