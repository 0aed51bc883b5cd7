"""Tables travel as GoRules JDM, and what JDM has no word for is refused."""

import json
from itertools import product
from random import Random
from typing import Any

import pytest

from tests.workflow_engine.decisions.random_tables import outcome_of, random_table, values_of
from tests.workflow_engine.decisions.tables import STAGES
from workflow_engine.decisions import TableRefused, compile_table, read_table
from workflow_engine.decisions.jdm_export import POLICIES, export_jdm
from workflow_engine.decisions.jdm_import import import_jdm
from workflow_engine.expressions import DYN, Scope

SCOPE = Scope({"c0": DYN, "c1": DYN, "c2": DYN, "order": DYN})
AMBIGUOUS = ("table.outside_domain", "table.not_unique", "table.not_same")


def a_graph(content: dict[str, Any], *others: str) -> str:
    """A decision graph as the other tool writes it."""
    table = {"id": "t", "type": "decisionTableNode", "name": "Next step", "content": content}
    return json.dumps({"nodes": [{"id": o, "type": o, "name": o} for o in others] + [table]})


def content(*rules: dict[str, str], policy: str = "first", **more: Any) -> dict[str, Any]:
    return {
        "hitPolicy": policy,
        "inputs": [{"id": "a", "name": "Days", "field": "order.days"}, {"id": "b", "name": "Any"}],
        "outputs": [{"id": "o", "name": "Step", "field": "step"}],
        "rules": [{"_id": f"r{n}", **rule} for n, rule in enumerate(rules, 1)],
        **more,
    }


def test_a_random_table_decides_alike_after_a_journey_through_jdm() -> None:
    random, compared = Random(6), 0
    while compared < 25:
        table = random_table(random)
        if table.document["hit_policy"] not in POLICIES:
            continue
        compared += 1
        [imported] = import_jdm(export_jdm(read_table(table.document)))
        back = compile_table(imported.document, SCOPE)
        for inputs in product(*(values_of(each["type"]) for each in table.document["inputs"])):
            wanted = table.decide(inputs)
            if wanted in AMBIGUOUS:
                continue  # JDM takes the first and asks no more.
            found = outcome_of(back, {f"c{n}": value for n, value in enumerate(inputs)})
            assert found[0] == wanted[0], (table.document, inputs)


def test_a_table_is_a_graph_of_request_table_and_response() -> None:
    document = {
        "id": "late",
        "name": "Late",
        "hit_policy": "UNIQUE",
        "inputs": [
            {"id": "days", "value": "order.days", "type": "int"},
            {"id": "tier", "value": "order.tier", "type": "string", "nullable": True},
        ],
        "outputs": [{"id": "step", "type": "string", "default": "wait"}],
        "rules": [
            {"id": "r1", "when": ["[1..3),5", 'not("gold","basic")'], "then": ["reorder"]},
            {"id": "r2", "when": ["-", "null"], "then": ["'tis"]},
        ],
    }

    graph = json.loads(export_jdm(read_table(document)))

    assert [node["type"] for node in graph["nodes"]] == [
        "inputNode",
        "decisionTableNode",
        "outputNode",
    ]
    assert graph["nodes"][1]["content"]["rules"] == [
        {
            "_id": "r1",
            "in_days": "[1..3), 5",
            "in_tier": '$ != "gold" and $ != "basic"',
            "out_step": '"reorder"',
        },
        {"_id": "r2", "in_days": "", "in_tier": "null", "out_step": '"\'tis"'},
        {"_id": "default", "in_days": "", "in_tier": "", "out_step": '"wait"'},
    ]


def test_what_jdm_has_no_word_for_is_refused_with_its_place() -> None:
    document = {
        **STAGES,
        "hit_policy": "OUTPUT ORDER",
        "inputs": [{"id": "span", "value": "span", "type": "duration"}],
        "outputs": [{"id": "step", "type": "string"}],
        "rules": [{"id": "r1", "when": ['> duration("P1D")'], "then": ['it\'s "so"']}],
    }

    with pytest.raises(TableRefused) as caught:
        export_jdm(read_table(document))

    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/hit_policy", "table.jdm"),
        ("/rules/0/when/0", "table.jdm"),
        ("/rules/0/then/0", "table.jdm"),
    ]


def test_a_cell_that_is_more_than_literals_becomes_a_column_of_its_own() -> None:
    graph = a_graph(
        content(
            {"a": "> 3 and < 9", "b": "", "o": "'reorder'"},
            {"a": "$ == 3 or $ > order.limit", "b": "order.urgent == true", "o": '"ask"'},
            {"a": "", "b": "", "o": '"wait"'},
        ),
        "inputNode",
        "functionNode",
    )

    [imported] = import_jdm(graph)

    assert imported.report == (
        "nodes of the type 'functionNode' are not carried",
        "the test '> 3 and < 9' became the column 'test1': "
        "(order.days > 3) && (order.days < 9)",
        "the test '$ == 3 or $ > order.limit' became the column 'test2': "
        "(order.days) == 3 || (order.days) > order.limit",
        "the test 'order.urgent == true' became the column 'test3': order.urgent == true",
    )  # fmt: skip
    table = compile_table(imported.document, SCOPE)
    steps = [
        table.decide({"order": {"days": days, "limit": 20, "urgent": urgent}}).outputs
        for days, urgent in ((5, False), (3, True), (3, False), (30, True))
    ]
    assert [step["step"] for step in steps] == ["reorder", "ask", "wait", "ask"]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("source", "pointer"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("[" * 100_000, "", id="nested too deeply"),
        pytest.param("[]", "/nodes", id="no graph"),
        pytest.param('{"nodes": [1]}', "/nodes", id="no nodes"),
        pytest.param('{"nodes": []}', "/nodes", id="no table"),
        pytest.param(a_graph({}), "/nodes/0/content/inputs", id="no columns"),
        pytest.param(a_graph(content(policy="vote")), "/nodes/0/content/hitPolicy", id="policy"),
        pytest.param(
            a_graph(content(executionMode="loop")), "/nodes/0/content/executionMode", id="a loop"
        ),
        pytest.param(
            a_graph(content(inputField="lines")), "/nodes/0/content/inputField", id="elsewhere"
        ),
        pytest.param(
            a_graph(content({"a": "some(x, # > 3)", "o": "1"})),
            "/nodes/0/content/rules/0/a",
            id="a function",
        ),
        pytest.param(
            a_graph(content({"a": "1", "o": "`it is ${step}`"})),
            "/nodes/0/content/rules/0/o",
            id="a template",
        ),
    ],
)
def test_what_cannot_be_carried_is_refused_with_its_place(source: str, pointer: str) -> None:
    with pytest.raises(TableRefused) as caught:
        import_jdm(source)

    assert (caught.value.faults[0].code, caught.value.faults[0].pointer) == ("table.jdm", pointer)
