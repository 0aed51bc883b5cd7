"""Random decision tables, and the slow and obvious way to decide by them."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from workflow_engine.decisions import DecisionError

TIERS = ("gold", "silver", "basic")
ENDS = range(-2, 8)


@dataclass(frozen=True)
class Cell:
    """A cell as text, and as the set of values it accepts."""

    text: str
    accepts: frozenset[Any]


def values_of(kind: str) -> list[Any]:
    """All values that a column is tried with: every end of a cell, between them and beyond."""
    match kind:
        case "int":
            return list(range(-3, 9))
        case "decimal":
            return [Decimal(number) / 2 for number in range(-5, 16)]
        case "bool":
            return [True, False]
    return [*TIERS, "platinum"]


def random_cell(random: Random, kind: str) -> Cell:
    """Make up a cell of a column."""
    values = values_of(kind)
    if random.random() < 0.25:
        return Cell("-", frozenset(values))
    ordered = kind in ("int", "decimal")
    cell = _ordered(random, values) if ordered else _discrete(random, kind, values)
    if random.random() < 0.2:
        return Cell(f"not({cell.text})", frozenset(values) - cell.accepts)
    return cell


def _ordered(random: Random, values: list[Any]) -> Cell:
    ends = sorted(random.sample(ENDS, 2))
    low, high = ends
    form = random.choice(["=", "<", "<=", ">", ">=", "[]", "()", "[)", "(]", ","])
    accepts = {
        "=": lambda v: v == low,
        "<": lambda v: v < low,
        "<=": lambda v: v <= low,
        ">": lambda v: v > low,
        ">=": lambda v: v >= low,
        "[]": lambda v: low <= v <= high,
        "()": lambda v: low < v < high,
        "[)": lambda v: low <= v < high,
        "(]": lambda v: low < v <= high,
        ",": lambda v: v in (low, high),
    }[form]
    if form == ",":
        text = f"{low},{high}"
    elif form[0] in "[(":
        text = f"{form[0]}{low}..{high}{form[1]}"
    else:
        text = f"{form} {low}"
    return Cell(text, frozenset(filter(accepts, values)))


def _discrete(random: Random, kind: str, values: list[Any]) -> Cell:
    if kind == "bool":
        value = random.choice(values)
        return Cell("true" if value else "false", frozenset({value}))
    named = random.sample(TIERS, random.randint(1, 2))
    return Cell(",".join(f'"{name}"' for name in named), frozenset(named))


@dataclass(frozen=True)
class RandomTable:
    """A table as a document, and what it means: cells of values, outputs, and domains."""

    document: dict[str, Any]
    cells: list[list[Cell]]
    outputs: list[int]
    domains: list[frozenset[Any]]

    def fitting(self, inputs: tuple[Any, ...]) -> list[int]:
        """Look at every cell of every rule."""
        return [
            row
            for row, cells in enumerate(self.cells)
            if all(value in cell.accepts for value, cell in zip(inputs, cells, strict=True))
        ]

    def decide(self, inputs: tuple[Any, ...]) -> Any:
        """Return outputs and rules, or the code of the error."""
        if any(value not in domain for value, domain in zip(inputs, self.domains, strict=True)):
            return "table.outside_domain"
        rows, policy = self.fitting(inputs), self.document["hit_policy"]
        if policy in ("PRIORITY", "OUTPUT ORDER"):
            order = self.document["outputs"][0]["values"]
            rows = sorted(rows, key=lambda row: order.index(self.outputs[row]))
        if policy in ("COLLECT", "RULE ORDER", "OUTPUT ORDER"):
            return [self.outputs[row] for row in rows], rows
        if not rows:
            return "table.no_match"
        if policy == "UNIQUE" and len(rows) > 1:
            return "table.not_unique"
        if policy == "ANY":
            same = len({self.outputs[row] for row in rows}) == 1
            return (self.outputs[rows[0]], rows) if same else "table.not_same"
        return self.outputs[rows[0]], rows[:1]


def random_table(random: Random) -> RandomTable:
    """Make up a table of up to three columns and six rules, so that no finding is left out."""
    kinds = random.choices(["int", "decimal", "bool", "string"], k=random.randint(1, 3))
    columns, domains = [], []
    for index, kind in enumerate(kinds):
        column: dict[str, Any] = {"id": f"c{index}", "value": f"c{index}", "type": kind}
        domain = frozenset(values_of(kind))
        if kind in ("int", "decimal") and random.random() < 0.5:
            column["domain"] = {"min": 0, "max": 5}
            domain = frozenset(value for value in domain if 0 <= value <= 5)
        elif kind == "string" and random.random() < 0.5:
            column["domain"] = {"values": list(TIERS)}
            domain = frozenset(TIERS)
        columns.append(column)
        domains.append(domain)
    rows = random.randint(1, 6)
    cells = [[random_cell(random, kind) for kind in kinds] for _ in range(rows)]
    outputs = [random.randint(0, 3) for _ in range(rows)]
    policy = random.choice(
        ["UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"]
    )
    order = random.sample(range(4), 4)
    document = {
        "id": "random",
        "hit_policy": policy,
        "inputs": columns,
        "outputs": [{"id": "out", "type": "int", "values": order}],
        "rules": [
            {"id": f"r{row}", "when": [cell.text for cell in cells[row]], "then": [outputs[row]]}
            for row in range(rows)
        ],
    }
    return RandomTable(document, cells, outputs, domains)


def outcome_of(compiled: Any, bindings: dict[str, Any]) -> Any:
    """Bring a decision into the form that RandomTable.decide gives."""
    try:
        decision = compiled.decide(bindings)
    except DecisionError as error:
        return error.code
    rules = [int(rule[1:]) for rule in decision.rules]
    if isinstance(decision.outputs, list):
        return [row["out"] for row in decision.outputs], rules
    return decision.outputs["out"], rules
