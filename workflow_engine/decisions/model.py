"""A decision table as data: read from its JSON form with every fault, and written back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from workflow_engine.decisions.cells import Cell, parse_cell, write_cell
from workflow_engine.decisions.columns import (
    SCALARS,
    Column,
    Domain,
    Output,
    read_domain,
    read_literal,
)
from workflow_engine.decisions.errors import CellFault, TableFault, TableRefused
from workflow_engine.expressions import to_json

HIT_POLICIES = (
    "UNIQUE",
    "FIRST",
    "PRIORITY",
    "ANY",
    "COLLECT",
    "RULE ORDER",
    "OUTPUT ORDER",
)
AGGREGATIONS = ("sum", "min", "max", "count")
INPUTS_MAX, OUTPUTS_MAX, RULES_MAX = 50, 50, 5_000


@dataclass(frozen=True, slots=True)
class Formula:
    """An output cell that is computed: an expression over the table's scope."""

    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: one cell for every input, one value or Formula for every output."""

    id: str
    when: tuple[Cell, ...]
    then: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table. `aggregation` is of COLLECT alone."""

    id: str
    name: str
    hit_policy: str
    inputs: tuple[Column, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    aggregation: str | None = None


def read_table(document: Mapping[str, Any]) -> Table:
    """Read the JSON form of a table; TableRefused with every fault and its JSON pointer."""
    return _Reading(document).table()


class _Reading:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.faults: list[TableFault] = []

    def fault(self, pointer: str, message: str, suggestion: str | None = None) -> None:
        self.faults.append(TableFault("table.invalid", pointer, message, suggestion))

    def table(self) -> Table:
        document = self.document
        known = {"id", "name", "hit_policy", "aggregation", "inputs", "outputs", "rules"}
        for unknown in sorted(set(document) - known - {"notes"}):
            self.fault(f"/{unknown}", f"A table has no '{unknown}'.")
        policy = str(document.get("hit_policy", "UNIQUE"))
        aggregation = document.get("aggregation")
        self.check_policy(policy, aggregation)
        inputs = [
            self.column(each, f"/inputs/{index}")
            for index, each in enumerate(self.objects("inputs", INPUTS_MAX))
        ]
        outputs = [
            self.output(each, f"/outputs/{index}")
            for index, each in enumerate(self.objects("outputs", OUTPUTS_MAX))
        ]
        if not outputs and not self.faults:
            self.fault("/outputs", "A table has at least one output.")
        if aggregation and len(outputs) != 1:
            self.fault("/outputs", f"COLLECT with {aggregation} has exactly one output.")
        rules = self.rules(inputs, outputs)
        self.check_ids(inputs, outputs, rules)
        if self.faults:
            raise TableRefused(self.faults)
        return Table(
            id=str(document.get("id", "table")),
            name=str(document.get("name", document.get("id", "table"))),
            hit_policy=policy,
            inputs=tuple(cast(list[Column], inputs)),
            outputs=tuple(cast(list[Output], outputs)),
            rules=tuple(rules),
            aggregation=aggregation,
        )

    def check_policy(self, policy: str, aggregation: Any) -> None:
        if policy not in HIT_POLICIES:
            self.fault(
                "/hit_policy", f"There is no hit policy '{policy}'.", ", ".join(HIT_POLICIES)
            )
        if aggregation is not None and aggregation not in AGGREGATIONS:
            hint = ", ".join(AGGREGATIONS)
            self.fault("/aggregation", f"There is no aggregation '{aggregation}'.", hint)
        if aggregation is not None and policy != "COLLECT":
            self.fault("/aggregation", "Only COLLECT aggregates.")

    def objects(self, name: str, most: int) -> list[Any]:
        found = self.document.get(name, [])
        if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
            self.fault(f"/{name}", "A list of objects is needed here.")
            return []
        if len(found) > most:
            self.fault(f"/{name}", f"There may be {most} {name}.")
            return []
        return found

    def column(self, document: Mapping[str, Any], pointer: str) -> Column | None:
        known = {"id", "value", "type", "domain", "currency", "nullable", "label", "notes"}
        if not self.well_formed(document, pointer, known, ("id", "value", "type")):
            return None
        kind, currency = document["type"], document.get("currency")
        domain_document = document.get("domain", {})
        currency = currency or _currency_in(domain_document)
        if kind not in (*SCALARS, "enum"):
            self.fault(f"{pointer}/type", f"An input has no type '{kind}'.")
            return None
        if kind == "money" and not currency:
            self.fault(pointer, "A column of money names its currency.", '"currency": "EUR"')
            return None
        try:
            domain = read_domain(domain_document, kind, currency)
        except CellFault as fault:
            self.fault(f"{pointer}/domain", fault.message, fault.suggestion)
            return None
        if kind == "enum" and domain.values is None:
            self.fault(f"{pointer}/domain", "A column of an enum lists its values.")
            return None
        return Column(
            id=document["id"],
            value=document["value"],
            kind=kind,
            domain=domain,
            currency=currency,
            nullable=document.get("nullable") is True,
        )

    def output(self, document: Mapping[str, Any], pointer: str) -> Output | None:
        known = {"id", "type", "values", "default", "label", "notes"}
        if not self.well_formed(document, pointer, known, ("id", "type")):
            return None
        kind = document["type"]
        if kind not in (*SCALARS, "enum", "dyn"):
            self.fault(f"{pointer}/type", f"An output has no type '{kind}'.")
            return None
        if kind == "enum" and not document.get("values"):
            self.fault(pointer, "An output of an enum lists its values.")
            return None
        try:
            listed = document.get("values")
            if listed is not None and not isinstance(listed, list):
                raise CellFault("The values of an output are a list.")
            values = None if listed is None else tuple(read_literal(v, kind) for v in listed)
            output = Output(id=document["id"], kind=kind, values=values)
            if "default" not in document:
                return output
            default = self.value(document["default"], output)
            return Output(output.id, kind, values, default, has_default=True)
        except CellFault as fault:
            self.fault(pointer, fault.message, fault.suggestion)
            return None

    def well_formed(
        self,
        document: Mapping[str, Any],
        pointer: str,
        known: set[str],
        required: Sequence[str],
    ) -> bool:
        before = len(self.faults)
        for unknown in sorted(set(document) - known):
            self.fault(f"{pointer}/{unknown}", f"There is no '{unknown}' here.")
        for name in required:
            if not isinstance(document.get(name), str):
                self.fault(pointer, f"A text '{name}' is needed here.")
        return len(self.faults) == before

    def rules(self, inputs: list[Column | None], outputs: list[Output | None]) -> list[Rule]:
        found: list[Rule] = []
        for index, document in enumerate(self.objects("rules", RULES_MAX)):
            pointer = f"/rules/{index}"
            if not self.well_formed(document, pointer, {"id", "when", "then", "notes"}, ("id",)):
                continue
            when, then = document.get("when"), document.get("then")
            if not self.sized(when, len(inputs), f"{pointer}/when"):
                continue
            if not self.sized(then, len(outputs), f"{pointer}/then"):
                continue
            cells = [
                self.cell(text, column, f"{pointer}/when/{position}")
                for position, (text, column) in enumerate(zip(when, inputs, strict=True))
            ]
            values = [
                self.result(value, output, f"{pointer}/then/{position}")
                for position, (value, output) in enumerate(zip(then, outputs, strict=True))
            ]
            found.append(Rule(document["id"], tuple(cells), tuple(values)))
        return found

    def sized(self, row: Any, wanted: int, pointer: str) -> bool:
        if isinstance(row, list) and len(row) == wanted:
            return True
        self.fault(pointer, f"A list of {wanted} cells is needed here.")
        return False

    def cell(self, text: Any, column: Column | None, pointer: str) -> Cell:
        if column is None:
            return ()
        try:
            if not isinstance(text, str):
                raise CellFault("A cell is a text.", f'Write "{text}".')
            return parse_cell(text, column)
        except CellFault as fault:
            self.faults.append(TableFault("table.cell", pointer, fault.message, fault.suggestion))
            return ()

    def result(self, value: Any, output: Output | None, pointer: str) -> Any:
        if output is None:
            return None
        try:
            return self.value(value, output)
        except CellFault as fault:
            self.faults.append(TableFault("table.output", pointer, fault.message, fault.suggestion))
            return None

    def value(self, value: Any, output: Output) -> Any:
        if isinstance(value, Mapping) and set(value) == {"expression"}:
            return Formula(str(value["expression"]))
        found = read_literal(value, output.kind)
        if output.values is not None and found not in output.values:
            raise CellFault(f"{value!r} is none of {', '.join(map(str, output.values))}.")
        return found

    def check_ids(
        self, inputs: list[Column | None], outputs: list[Output | None], rules: list[Rule]
    ) -> None:
        for name, ids in (
            ("inputs", [each.id for each in inputs if each]),
            ("outputs", [each.id for each in outputs if each]),
            ("rules", [each.id for each in rules]),
        ):
            for repeated in sorted(each for each, times in Counter(ids).items() if times > 1):
                self.fault(f"/{name}", f"The id '{repeated}' occurs twice.")


def _currency_in(domain: Any) -> str | None:
    if not isinstance(domain, Mapping):
        return None
    for bound in (domain.get("min"), domain.get("max")):
        if isinstance(bound, Mapping) and isinstance(bound.get("currency"), str):
            return str(bound["currency"])
    return None


def write_table(table: Table) -> dict[str, Any]:
    """Return the JSON form of a table; reading it gives the same table."""
    document: dict[str, Any] = {
        "id": table.id,
        "name": table.name,
        "hit_policy": table.hit_policy,
    }
    if table.aggregation:
        document["aggregation"] = table.aggregation
    document["inputs"] = [_write_column(column) for column in table.inputs]
    document["outputs"] = [_write_output(output) for output in table.outputs]
    document["rules"] = [
        {
            "id": rule.id,
            "when": [
                write_cell(cell, column.kind)
                for cell, column in zip(rule.when, table.inputs, strict=True)
            ],
            "then": [write_value(value) for value in rule.then],
        }
        for rule in table.rules
    ]
    return document


def write_value(value: Any) -> Any:
    """Return the JSON form of an output cell."""
    return {"expression": value.source} if isinstance(value, Formula) else to_json(value)


def _write_column(column: Column) -> dict[str, Any]:
    document: dict[str, Any] = {"id": column.id, "value": column.value, "type": column.kind}
    if column.currency:
        document["currency"] = column.currency
    if domain := write_domain(column.domain):
        document["domain"] = domain
    if column.nullable:
        document["nullable"] = True
    return document


def write_domain(domain: Domain) -> dict[str, Any]:
    """Return the JSON form of a domain, empty where it allows everything."""
    if domain.values is not None:
        return {"values": [to_json(value) for value in domain.values]}
    bounds = {"min": domain.minimum, "max": domain.maximum}
    return {name: to_json(bound) for name, bound in bounds.items() if bound is not None}


def _write_output(output: Output) -> dict[str, Any]:
    document: dict[str, Any] = {"id": output.id, "type": output.kind}
    if output.values is not None:
        document["values"] = [to_json(value) for value in output.values]
    if output.has_default:
        document["default"] = write_value(output.default)
    return document
