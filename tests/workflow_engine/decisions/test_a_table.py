"""A decision table decides, refuses, and says what is wrong with it as a whole."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from kernel.money import Money
from workflow_engine.decisions import (
    Decision,
    DecisionError,
    Finding,
    TableRefused,
    analyse,
    compile_table,
    read_table,
    write_table,
)
from workflow_engine.expressions import DYN, INT, MONEY, STRING, ExpressionError, Scope

SCOPE = Scope({"late": INT, "tier": STRING, "total": MONEY, "sku": STRING, "event": DYN})
ESCALATION: dict[str, Any] = {
    "id": "escalation",
    "hit_policy": "UNIQUE",
    "inputs": [
        {"id": "late", "value": "late", "type": "int", "domain": {"min": 0, "max": 365}},
        {"id": "tier", "value": "tier", "type": "string", "domain": {"values": ["gold", "basic"]}},
    ],
    "outputs": [
        {"id": "action", "type": "enum", "values": ["wait", "reorder"]},
        {"id": "notify_every", "type": "duration"},
    ],
    "rules": [
        {"id": "on_time", "when": ["[0..3]", "-"], "then": ["wait", "PT72H"]},
        {"id": "late_basic", "when": ["> 3", '"basic"'], "then": ["wait", "PT48H"]},
        {"id": "late_gold", "when": ["(3..365]", 'not("basic")'], "then": ["reorder", "PT24H"]},
    ],
}


def table(policy: str, cells: list[str], **more: Any) -> dict[str, Any]:
    """A table of one whole-number column, whose outputs are the rules' positions."""
    rules = [{"id": f"r{i}", "when": [cell], "then": [i]} for i, cell in enumerate(cells)]
    inputs = [{"id": "late", "value": "late", "type": "int", "domain": {"min": 0, "max": 9}}]
    outputs = [{"id": "row", "type": "int", **more.pop("output", {})}]
    columns = {"inputs": inputs, "outputs": outputs}
    return {"id": "t", "hit_policy": policy, **columns, "rules": rules, **more}


def decide(document: dict[str, Any], **bindings: Any) -> Decision:
    return compile_table(document, SCOPE).decide(bindings)


def test_the_rule_that_fits_decides_and_is_named() -> None:
    assert decide(ESCALATION, late=2, tier="gold") == Decision(
        {"action": "wait", "notify_every": timedelta(hours=72)}, ("on_time",)
    )
    assert decide(ESCALATION, late=4, tier="gold").rules == ("late_gold",)
    assert decide(ESCALATION, late=4, tier="basic").rules == ("late_basic",)


def test_a_value_outside_its_domain_is_an_error_and_never_no_match() -> None:
    for late, tier, column in (
        (-1, "gold", "late"),
        (366, "gold", "late"),
        (1, "platinum", "tier"),
    ):
        with pytest.raises(DecisionError) as caught:
            decide(ESCALATION, late=late, tier=tier)
        assert (caught.value.code, caught.value.column) == ("table.outside_domain", column)


def test_hit_policies_choose_among_the_rules_that_fit() -> None:
    cells = ["[5..9]", "[0..7]", "> 2"]
    ranked = {"values": [2, 0, 1]}
    assert decide(table("FIRST", cells), late=6) == Decision({"row": 0}, ("r0",))
    assert decide(table("PRIORITY", cells, output=ranked), late=6) == Decision({"row": 2}, ("r2",))
    assert decide(table("RULE ORDER", cells), late=6).outputs == [
        {"row": 0},
        {"row": 1},
        {"row": 2},
    ]
    assert decide(table("COLLECT", cells), late=1) == Decision([{"row": 1}], ("r1",))
    assert decide(table("OUTPUT ORDER", cells, output=ranked), late=6).rules == ("r2", "r0", "r1")


def test_collect_aggregates() -> None:
    cells = ["-", "-", "> 5"]
    for aggregation, late, expected in (
        ("sum", 6, 3), ("min", 6, 0), ("max", 6, 2), ("count", 6, 3), ("max", 1, 1)
    ):  # fmt: skip
        document = table("COLLECT", cells, aggregation=aggregation)
        assert decide(document, late=late).outputs == {"row": expected}


def test_rules_that_contradict_each_other_are_an_error() -> None:
    with pytest.raises(DecisionError) as caught:
        decide(table("UNIQUE", ["< 5", "> 3"]), late=4)
    assert (caught.value.code, caught.value.rules) == ("table.not_unique", ("r0", "r1"))
    with pytest.raises(DecisionError) as caught:
        decide(table("ANY", ["< 5", "> 3"]), late=4)
    assert caught.value.code == "table.not_same"


def test_without_a_rule_the_defaults_decide_or_it_is_an_error() -> None:
    with pytest.raises(DecisionError) as caught:
        decide(table("UNIQUE", ["< 5"]), late=7)
    assert caught.value.code == "table.no_match"
    assert decide(table("UNIQUE", ["< 5"], output={"default": 99}), late=7).outputs == {"row": 99}
    assert decide(table("RULE ORDER", ["< 5"]), late=7).outputs == []


def test_money_in_another_currency_is_outside_the_domain() -> None:
    document = {
        "id": "stages",
        "hit_policy": "RULE ORDER",
        "inputs": [{"id": "total", "value": "total", "type": "money", "currency": "USD"}],
        "outputs": [{"id": "stage", "type": "string"}],
        "rules": [
            {"id": "lead", "when": [">= 0.00"], "then": ["buyer_lead"]},
            {"id": "large", "when": ['> money("5000.00","USD")'], "then": ["finance"]},
        ],
    }
    assert decide(document, total=Money(500_001, "USD")).rules == ("lead", "large")
    assert decide(document, total=Money(500_000, "USD")).rules == ("lead",)
    with pytest.raises(DecisionError) as caught:
        decide(document, total=Money(1, "EUR"))
    assert caught.value.code == "table.outside_domain"


def test_null_is_a_value_of_its_own() -> None:
    document = table("UNIQUE", ["null", "not(null)"])
    document["inputs"] = [
        {"id": "late", "value": "event.late", "type": "decimal", "nullable": True}
    ]
    assert decide(document, event={"late": None}).rules == ("r0",)
    assert decide(document, event={"late": Decimal("1.5")}).rules == ("r1",)
    assert analyse(compile_table(document, SCOPE)) == []


def test_an_output_may_be_computed() -> None:
    document = table("FIRST", ["> 5", "-"])
    document["rules"][0]["then"] = [{"expression": "late * 10"}]
    compiled = compile_table(document, SCOPE)
    assert compiled.decide({"late": 6}).outputs == {"row": 60}
    assert compiled.decide({"late": 7}).outputs == {"row": 70}
    document["rules"][0]["then"] = [{"expression": "1 / (late - 7)"}]
    with pytest.raises(ExpressionError):
        compile_table(document, SCOPE).decide({"late": 7})


def test_an_overlap_of_a_unique_table_is_found_with_an_example() -> None:
    findings = analyse(compile_table(table("UNIQUE", ["[0..5]", "[5..9]"]), SCOPE))
    message = "The rules r0 and r1 fit the same inputs."
    assert findings == [Finding("table.overlap", message, ("r0", "r1"), {"late": 5})]


def test_a_gap_is_found_with_an_example() -> None:
    findings = analyse(compile_table(table("FIRST", ["[0..3]", "[5..9]"]), SCOPE))
    assert [(each.code, each.example) for each in findings] == [("table.gap", {"late": 4})]


def test_a_rule_that_never_decides_is_found() -> None:
    findings = analyse(compile_table(table("FIRST", ["[0..5]", "> 5", "[2..8]"]), SCOPE))
    assert [(each.code, each.rules[0]) for each in findings] == [("table.unreachable", "r2")]
    outside = analyse(compile_table(table("UNIQUE", ["-", "> 100"]), SCOPE))
    assert [(each.code, each.rules) for each in outside] == [("table.unreachable", ("r1",))]


def test_every_fault_of_a_table_is_told_with_its_pointer() -> None:
    document = table("UNIQUE", ["< 5", "[7..6]", "wait"])
    document["inputs"][0]["value"] = "latte"
    document["rules"][0]["then"] = ["five"]
    with pytest.raises(TableRefused) as caught:
        compile_table(document, SCOPE)
    assert [(fault.code, fault.pointer) for fault in caught.value.faults] == [
        ("table.output", "/rules/0/then/0"),
        ("table.cell", "/rules/1/when/0"),
        ("table.cell", "/rules/2/when/0"),
    ]
    document = table("UNIQUE", ["< 5"])
    document["inputs"][0]["value"] = "latte"
    with pytest.raises(TableRefused) as caught:
        compile_table(document, SCOPE)
    assert [(fault.code, fault.pointer) for fault in caught.value.faults] == [
        ("expression.unknown_name", "/inputs/0/value")
    ]


def test_a_table_is_written_as_it_was_read() -> None:
    compiled = read_table(ESCALATION)
    assert read_table(write_table(compiled)) == compiled
