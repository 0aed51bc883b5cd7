"""The grammar of cells, what is refused, and where a table's faults are."""

from typing import Any

import pytest

from workflow_engine.decisions import (
    DecisionError,
    TableRefused,
    analyse,
    compile_table,
    read_table,
    write_table,
)
from workflow_engine.decisions.cells import CELL_CHARS_MAX
from workflow_engine.decisions.feel import FeelFault, identifier, translate, translate_test
from workflow_engine.expressions import DYN, ExpressionError, Scope

SCOPE = Scope({"value": DYN})


def table(column: dict[str, Any], cells: list[str], **more: Any) -> dict[str, Any]:
    rules = [{"id": f"r{i}", "when": [cell], "then": [i]} for i, cell in enumerate(cells)]
    inputs = [{"id": "c", "value": "value", **column}]
    outputs = more.pop("outputs", [{"id": "row", "type": "int"}])
    return {"id": "t", "hit_policy": "COLLECT", "inputs": inputs, "outputs": outputs,
            "rules": rules, **more}  # fmt: skip


def written(kind: str, cell: str, **column: Any) -> str:
    """The cell in its shortest form, after reading it."""
    document = write_table(read_table(table({"type": kind, **column}, [cell])))
    return str(document["rules"][0]["when"][0])


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        ("int", "", "-"),
        ("int", " - ", "-"),
        ("int", "5", "5"),
        ("int", "= 5", "5"),
        ("int", "== 5", "5"),
        ("int", "!=5", "not(5)"),
        ("int", "<5,>=10", "< 5,>= 10"),
        ("int", "[1..10)", "[1..10)"),
        ("int", "]1..10[", "(1..10)"),
        ("int", "-3", "-3"),
        ("decimal", "[-.5..1.50]", "[-0.5..1.5]"),
        ("decimal", 'decimal("2.50")', "2.5"),
        ("bool", "true", "true"),
        ("string", '"a",\'b"\'', '"a","b\\""'),
        ("string", "not(\"a\", 'b')", 'not("a","b")'),
        ("money", "> 5", '> money("5.00","EUR")'),
        ("money", 'money("5.00","EUR")', 'money("5.00","EUR")'),
        ("timestamp", '"2026-11-11T10:00:00+01:00"', 'timestamp("2026-11-11T09:00:00Z")'),
        ("duration", '>= "P1D"', '>= duration("PT24H")'),
        ("duration", 'duration("90m")', 'duration("PT1H30M")'),
    ],
)  # fmt: skip
def test_a_cell_is_read_and_written_in_its_shortest_form(
    kind: str, cell: str, expected: str
) -> None:
    currency = {"currency": "EUR"} if kind == "money" else {}
    assert written(kind, cell, **currency) == expected
    assert written(kind, expected, **currency) == expected


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("int", "1.5"),
        ("int", '"5"'),
        ("int", "true"),
        ("int", "[5..1]"),
        ("int", "[1..5"),
        ("int", "[1..5,"),
        ("int", "[1 5]"),
        ("int", "1 2"),
        ("int", "not 5"),
        ("int", "not(5"),
        ("int", "null"),
        ("int", "> null"),
        ("int", 'money("1","EUR")'),
        ("int", "9223372036854775808"),
        ("int", "context.limit"),
        ("int", "§"),
        ("int", "> "),
        ("string", "gold"),
        ("string", '< "b"'),
        ("string", "5"),
        ("string", '"' + "a" * CELL_CHARS_MAX + '"'),
        ("bool", "1"),
        ("money", 'money("1.00","USD")'),
        ("money", 'money("1.00")'),
        ("money", "money(1.00)"),
        ("money", "1.001"),
        ("timestamp", 'timestamp("tomorrow")'),
        ("timestamp", 'timestamp("2026-11-11T09:00:00Z","x")'),
        ("duration", '"P1M"'),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_meant_is_refused(kind: str, cell: str) -> None:
    currency = {"currency": "EUR"} if kind == "money" else {}
    with pytest.raises(TableRefused) as caught:
        read_table(table({"type": kind, **currency}, ["-", cell]))
    assert [(f.code, f.pointer) for f in caught.value.faults] == [("table.cell", "/rules/1/when/0")]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"hit_policy": "LAST"}, "/hit_policy"),
        ({"hit_policy": "FIRST", "aggregation": "sum"}, "/aggregation"),
        ({"aggregation": "average"}, "/aggregation"),
        ({"colour": "red"}, "/colour"),
        ({"inputs": "late"}, "/inputs"),
        ({"outputs": []}, "/outputs"),
        ({"inputs": [{"id": "c", "value": "value", "type": "int"}] * 2}, "/inputs"),
        ({"inputs": [{"id": "c", "type": "int"}]}, "/inputs/0"),
        ({"inputs": [{"id": "c", "value": "value", "type": "list"}]}, "/inputs/0/type"),
        ({"inputs": [{"id": "c", "value": "value", "type": "money"}]}, "/inputs/0"),
        ({"inputs": [{"id": "c", "value": "value", "type": "enum"}]}, "/inputs/0/domain"),
        ({"inputs": [{"id": "c", "value": "value", "type": "int", "size": 1}]}, "/inputs/0/size"),
        ({"outputs": [{"id": "o", "type": "list"}]}, "/outputs/0/type"),
        ({"outputs": [{"id": "o", "type": "enum"}]}, "/outputs/0"),
        ({"outputs": [{"id": "o", "type": "int", "default": "x"}]}, "/outputs/0"),
        ({"outputs": [{"id": "o", "type": "int"}] * 2, "aggregation": "sum"}, "/outputs"),
        ({"rules": [{"id": "r", "when": [], "then": [1]}]}, "/rules/0/when"),
        ({"rules": [{"id": "r", "when": ["-"], "then": 1}]}, "/rules/0/then"),
        ({"rules": [{"id": "r", "when": [5], "then": [1]}]}, "/rules/0/when/0"),
        ({"rules": [{"when": ["-"], "then": [1]}]}, "/rules/0"),
        ({"rules": [{"id": "r", "when": ["-"], "then": [1]}] * 2}, "/rules"),
        ({"rules": [{"id": "r", "when": ["-"], "then": [1]}] * 5_001}, "/rules"),
    ],
)
def test_a_fault_of_a_table_is_told_with_its_pointer(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(TableRefused) as caught:
        read_table({**table({"type": "int"}, ["-"]), **change})
    assert pointer in {fault.pointer for fault in caught.value.faults}


@pytest.mark.parametrize(
    "domain",
    [
        {"min": 5, "max": 1},
        {"min": "a"},
        {"values": []},
        {"values": [1, 1]},
        {"values": [1], "min": 1},
        {"least": 1},
    ],
)
def test_a_domain_that_makes_no_sense_is_refused(domain: dict[str, Any]) -> None:
    with pytest.raises(TableRefused) as caught:
        read_table(table({"type": "int", "domain": domain}, ["-"]))
    assert [fault.pointer for fault in caught.value.faults] == ["/inputs/0/domain"]


def test_texts_have_no_least_and_greatest() -> None:
    with pytest.raises(TableRefused):
        read_table(table({"type": "string", "domain": {"min": "a"}}, ["-"]))


def test_a_column_that_would_fill_the_memory_is_refused() -> None:
    wide = [",".join(str(row * 10 + n) for n in (0, 2, 4, 6, 8)) for row in range(5_000)]
    with pytest.raises(TableRefused) as caught:
        compile_table(table({"type": "int"}, wide), SCOPE)
    assert [fault.code for fault in caught.value.faults] == ["table.limit"]


def test_an_input_of_another_type_is_an_error() -> None:
    compiled = compile_table(table({"type": "int"}, ["> 1"]), SCOPE)
    for value in ("5", None, True):
        with pytest.raises(ExpressionError):
            compiled.decide({"value": value})
    assert compiled.inputs_of({"value": 5}) == {"c": 5}


def test_decimals_instants_and_durations_are_cut_between_their_ends() -> None:
    for kind, cells in (
        ("decimal", ["< 1", "> 1"]),
        ("timestamp", ['< "2026-01-01T00:00:00Z"', '> "2026-01-01T00:00:00Z"']),
        ("duration", ['< "PT1H"', '> "PT1H"']),
    ):
        document = {**table({"type": kind}, cells), "hit_policy": "UNIQUE"}
        compiled = compile_table(document, SCOPE)
        [gap] = analyse(compiled)
        assert gap.code == "table.gap"
        with pytest.raises(DecisionError) as caught:
            compiled.decide({"value": gap.example["c"]})
        assert caught.value.code == "table.no_match"


def test_a_text_that_no_rule_names_is_another_piece() -> None:
    document = {**table({"type": "string"}, ['"other"', 'not("other")']), "hit_policy": "UNIQUE"}
    compiled = compile_table(document, SCOPE)
    assert analyse(compiled) == []
    assert compiled.decide({"value": "anything"}).rules == ("r1",)
    [gap] = analyse(compile_table({**document, "rules": document["rules"][:1]}, SCOPE))
    assert gap.example == {"c": "other_"}


def test_a_sum_over_mixed_values_is_an_error() -> None:
    document = table({"type": "int"}, ["-", "-"], aggregation="sum")
    document["outputs"] = [{"id": "row", "type": "dyn"}]
    document["rules"][0]["then"] = ["five"]
    with pytest.raises(ExpressionError):
        compile_table(document, SCOPE).decide({"value": 1})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Days late + 1", "Days_late + 1"),
        ('"Days late"', '"Days late"'),
        ("if Days late = 1 then 0 else 2", "(Days_late == 1 ? 0 : 2)"),
        ("max(1, Days late) * (2 + 3)", "[1 , Days_late].max() * (2 + 3)"),
        ("not(a and b or c)", "!(a && b || c)"),
        ("order.total", "order.total"),
        ('date("2016-10-01")', 'timestamp("2016-10-01T00:00:00Z")'),
        ('string(a) + "x"', 'string(a) + "x"'),
    ],
)
def test_simple_feel_is_put_into_our_words(source: str, expected: str) -> None:
    assert translate(source, ["Days late"]) == expected


@pytest.mark.parametrize(
    "source",
    ["2 ** 3", "for x in y return x", "flatten(a)", "a[b", "(a", "if a then b", "a ~ b", "{a: 1}"],
)
def test_feel_that_is_more_than_simple_is_refused(source: str) -> None:
    with pytest.raises(FeelFault):
        translate(source, [])


def test_unary_tests_with_expressions_become_conditions() -> None:
    names = ["Limit"]
    assert translate_test("> Limit", "x", names) == "x > Limit"
    assert translate_test("[a..b)", "x", names) == "x >= a && x < b"
    assert translate_test("not(= a)", "x", names) == "!(x == a)"
    assert translate_test("a, < f", "x", names) == "(x == a) || (x < f)"
    assert (identifier("Days late!"), identifier("2nd"), identifier("§")) == (
        "Days_late", "_2nd", "value",
    )  # fmt: skip
