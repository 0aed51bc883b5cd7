"""One macrostep pays for all that it does: what costs too much is undone, and halts the run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.workflow_engine.interpreter.timed import timed
from workflow_engine.definition import parse_definition
from workflow_engine.interpreter import (
    Compiled,
    ContentFault,
    Event,
    InvokeStep,
    cancel,
    compile_definition,
    match_start,
    start,
    step,
)

NOW = datetime(2026, 11, 11, tzinfo=UTC)
THREAD_SECONDS_MAX = 0.05
LOG = {"do": "log", "message": "'x'"}
RAISE = {"do": "raise", "event": "again"}


def for_many(*actions: dict[str, Any], name: str = "one") -> dict[str, Any]:
    return {"do": "foreach", "in": "context.many", "as": name, "actions": list(actions)}


def setting(place: str, value: str) -> dict[str, Any]:
    return {"do": "assign", "set": [{"to": f"context.{place}", "value": value}]}


def a_chart(*entry: dict[str, Any], **fields: Any) -> Compiled:
    """A run that does nothing until `go`, and then what is asked of it."""
    document = {
        "format": "wareflow.definition/1",
        "key": "greedy",
        "name": "Greedy",
        "context": [
            {"id": "many", "type": "list", "of": {"type": "int"}, "default": list(range(3000))},
            {"id": "lists", "type": "list", "of": {"type": "any"}, "default": []},
            {"id": "other", "type": "any", "default": None},
            {"id": "count", "type": "int", "default": 0},
        ],
        "states": [
            {"id": "idle", "transitions": [{"id": "t_go", "event": "go", "target": "greedy"}]},
            {"id": "greedy", "entry": list(entry), **fields},
            {"id": "next", "transitions": [{"id": "t_back", "target": "greedy"}]},
            {"id": "end", "type": "final", "outcome": "success"},
        ],
    }
    return compile_definition(parse_definition(document))


MUG_ORDERED = {"name": "mug.ordered", "data": {}}
TABLE_ROWS = [
    {"id": f"r{row}", "when": ["-"], "then": [{"expression": "context.many.map(x, x + 1).size()"}]}
    for row in range(500)
]


@pytest.mark.parametrize(
    "compiled",
    [
        pytest.param(a_chart(for_many(for_many(LOG, name="two"))), id="loops in loops"),
        pytest.param(a_chart(for_many(for_many(RAISE, name="two"))), id="loops that raise"),
        pytest.param(
            a_chart(for_many(for_many(setting("count", "two"), name="two"))), id="many assignments"
        ),
        pytest.param(
            a_chart(for_many({"do": "emit", "event": "mug.many", "data": [
                {"id": "all", "value": "context.many"}]})), id="long lists told again and again",
        ),
        pytest.param(a_chart(for_many(setting("lists", "context.many"))), id="long lists kept"),
        pytest.param(
            a_chart(transitions=[
                {"id": f"t_{n}", "guard": f"context.many.all(x, x + {n} >= 0) && false",
                 "target": "next"} for n in range(100)]), id="many guards, each at its limit",
        ),
        pytest.param(
            a_chart(transitions=[
                {"id": "t_loop", "guard": "context.many.all(x, x >= 0)", "target": "next"}]),
            id="a loop with a long guard",
        ),
    ],
)  # fmt: skip
def test_what_costs_too_much_is_undone_and_halts_the_run(compiled: Compiled) -> None:
    before = start(compiled, {}, NOW).snapshot

    outcome, taken = timed(lambda: step(compiled, before, Event("go"), NOW))

    assert outcome.snapshot.halted == "macrostep.budget"
    assert outcome.snapshot.configuration == before.configuration
    assert outcome.snapshot.context == before.context
    assert [effect.code for effect in outcome.effects] == ["macrostep.budget"]  # type: ignore[union-attr]
    assert taken < THREAD_SECONDS_MAX


def test_a_value_too_heavy_to_be_kept_is_an_error_that_can_be_caught() -> None:
    compiled = a_chart(
        setting("lists", "context.many.map(x, context.many)"),
        transitions=[
            {"id": "t_heavy", "event": "error.execution", "target": "end",
             "guard": "event.data.code == 'expression.limit'"},
        ],
    )  # fmt: skip

    outcome = step(compiled, start(compiled, {}, NOW).snapshot, Event("go"), NOW)

    assert outcome.snapshot.outcome == "success"


def test_a_run_that_would_remember_too_much_is_halted() -> None:
    compiled = a_chart(
        setting("lists", "[context.many, context.many, context.many, context.many]"),
        setting("other", "[context.many, context.many]"),
    )

    outcome = step(compiled, start(compiled, {}, NOW).snapshot, Event("go"), NOW)

    assert outcome.snapshot.halted == "context.limit"


def test_an_honest_loop_over_a_thousand_lines_is_no_trouble() -> None:
    compiled = a_chart(
        {"do": "foreach", "in": "context.many.filter(x, x < 1000)", "as": "one", "actions": [
            {"do": "if", "guard": "one % 2 == 0", "then": [setting("count", "context.count + one")],
             "else": [setting("count", "context.count - one")]},
            LOG,
        ]},
    )  # fmt: skip

    outcome = step(compiled, start(compiled, {}, NOW).snapshot, Event("go"), NOW)

    assert outcome.snapshot.halted is None
    assert outcome.snapshot.context["count"] == -500


def test_a_table_pays_for_all_its_rows_together() -> None:
    document = dict(a_chart().definition.document)
    document["tables"] = [
        {
            "id": "rows",
            "hit_policy": "RULE ORDER",
            "inputs": [{"id": "count", "value": "context.count", "type": "int"}],
            "outputs": [{"id": "size", "type": "int"}],
            "rules": TABLE_ROWS,
        }
    ]
    document["states"][1]["entry"] = [{"do": "decide", "table": "rows", "into": "context.lists"}]
    compiled = compile_definition(parse_definition(document))

    before = start(compiled, {}, NOW).snapshot

    outcome, taken = timed(lambda: step(compiled, before, Event("go"), NOW))

    assert outcome.effects[0].code == "expression.budget"  # type: ignore[union-attr]
    assert taken < THREAD_SECONDS_MAX


def test_all_triggers_of_a_definition_pay_for_an_event_together() -> None:
    document = dict(a_chart().definition.document)
    within = "context.many.all(x, x >= 0)"
    document["start"] = [
        {"id": f"on_{n}", "event": "mug.ordered", "when": within} for n in range(200)
    ]
    compiled = compile_definition(parse_definition(document))

    def asked() -> str:
        with pytest.raises(ContentFault) as caught:
            match_start(compiled, MUG_ORDERED, NOW)
        return caught.value.code

    one = {**document, "start": document["start"][:1]}
    assert match_start(compile_definition(parse_definition(one)), MUG_ORDERED, NOW)

    code, taken = timed(asked)

    assert code == "expression.budget"
    assert taken < THREAD_SECONDS_MAX


def test_whoever_cancels_a_run_is_rid_of_it_whatever_its_exit_actions_cost() -> None:
    compiled = a_chart(
        exit=[for_many(for_many(LOG, name="two"))],
        invoke={"id": "work", "kind": "step", "action": "workshop.paint"},
        transitions=[{"id": "t_done", "event": "done.invoke.work error.invoke.work",
                      "target": "end"}],
    )  # fmt: skip
    waiting = step(compiled, start(compiled, {}, NOW).snapshot, Event("go"), NOW)
    assert [type(effect) for effect in waiting.effects] == [InvokeStep]

    outcome = cancel(compiled, waiting.snapshot, NOW)

    assert outcome.snapshot.outcome == "cancelled"
    assert [type(effect).__name__ for effect in outcome.effects] == [
        "Incident",
        "CancelInvoke",
        "Finished",
    ]
