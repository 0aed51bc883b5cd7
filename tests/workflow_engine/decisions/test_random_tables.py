"""Compiled tables against looking at every cell, and findings against trying every input."""

from itertools import product
from random import Random
from typing import Any

from tests.workflow_engine.decisions.random_tables import (
    RandomTable,
    outcome_of,
    random_table,
    values_of,
)
from workflow_engine.decisions import CompiledTable, analyse, compile_table
from workflow_engine.expressions import DYN, Scope

SCOPE = Scope({"c0": DYN, "c1": DYN, "c2": DYN})


def every_input(table: RandomTable) -> list[tuple[Any, ...]]:
    return list(product(*(values_of(column["type"]) for column in table.document["inputs"])))


def must_decide_alike(table: RandomTable, compiled: CompiledTable) -> None:
    for inputs in every_input(table):
        bindings = {f"c{index}": value for index, value in enumerate(inputs)}
        expected = table.decide(inputs)
        assert outcome_of(compiled, bindings) == expected, (table.document, inputs)


def must_find_alike(table: RandomTable, compiled: CompiledTable) -> None:
    """The samples hold a value of every piece, so trying them all decides every finding."""
    inside = [
        inputs
        for inputs in every_input(table)
        if all(value in domain for value, domain in zip(inputs, table.domains, strict=True))
    ]
    fitting = [table.fitting(inputs) for inputs in inside]
    policy = table.document["hit_policy"]
    findings = analyse(compiled)
    found = {code: [each for each in findings if each.code == code] for code in CODES}
    if policy not in ("COLLECT", "RULE ORDER", "OUTPUT ORDER"):
        assert bool(found["table.gap"]) == any(not rows for rows in fitting), table.document
    if policy in ("UNIQUE", "ANY"):
        pairs = {
            (f"r{one}", f"r{other}")
            for rows in fitting
            for one in rows
            for other in rows
            if one < other and (policy == "UNIQUE" or table.outputs[one] != table.outputs[other])
        }
        assert {each.rules for each in found["table.overlap"]} == pairs, table.document
    dead = set(range(len(table.outputs))) - winners(table, inside)
    assert {int(each.rules[0][1:]) for each in found["table.unreachable"]} == dead, table.document
    for finding in found["table.gap"]:
        with_example = tuple(finding.example[column["id"]] for column in table.document["inputs"])
        assert outcome_of(compiled, finding.example) == "table.no_match", with_example


def winners(table: RandomTable, inside: list[tuple[Any, ...]]) -> set[int]:
    """The rules that some input lets decide; where all that fit count, those that fit."""
    policy, order = table.document["hit_policy"], table.document["outputs"][0]["values"]
    won: set[int] = set()
    for inputs in inside:
        rows = table.fitting(inputs)
        if policy == "PRIORITY":
            rows = sorted(rows, key=lambda row: order.index(table.outputs[row]))
        won.update(rows[:1] if policy in ("FIRST", "PRIORITY") else rows)
    return won


CODES = ("table.gap", "table.overlap", "table.unreachable", "table.unknown")


def try_tables(count: int, seed: int) -> None:
    random = Random(seed)
    for _ in range(count):
        table = random_table(random)
        compiled = compile_table(table.document, SCOPE)
        must_decide_alike(table, compiled)
        must_find_alike(table, compiled)


def test_random_tables_decide_and_are_judged_as_by_brute_force() -> None:
    try_tables(200, seed=1)
