"""What the language promises, one promise a test."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.workflow_engine.interpreter.charts import (
    END,
    NOON,
    a_definition,
    after,
    begun,
    compiled,
    leaves,
    on,
    setting,
)
from workflow_engine.definition import DefinitionFaults, parse_definition
from workflow_engine.interpreter import (
    CancelInvoke,
    Dropped,
    Event,
    Finished,
    Incident,
    InputRefused,
    InvokeHuman,
    SetTimer,
    SnapshotFault,
    cancel,
    compile_definition,
    event_key,
    invoke_done,
    match_start,
    read_snapshot,
    resume,
    run_keys,
    start,
    step,
    timer_due,
    write_snapshot,
)

COUNT = [{"id": "n", "type": "int", "default": 0}]
DAY = timedelta(days=1)


def state(name: str, *transitions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": name, "transitions": list(transitions), **fields}


def test_the_inner_state_wins_over_the_outer_one() -> None:
    inner = state("inner", on("go", "end"))
    chart = compiled(state("outer", on("go", "lost"), states=[inner]), state("lost"), END)

    assert leaves(chart, after(chart, begun(chart), "go")) == ("end",)


def test_one_assign_reads_the_old_context_throughout_so_a_swap_is_a_swap() -> None:
    swap = {
        "do": "assign",
        "set": [
            {"to": "context.a", "value": "context.b"},
            {"to": "context.b", "value": "context.a"},
        ],
    }
    fields = [{"id": "a", "type": "int", "default": 1}, {"id": "b", "type": "int", "default": 2}]
    chart = compiled(state("s", on("swap", actions=[swap])), context=fields)

    assert after(chart, begun(chart), "swap").snapshot.context == {"a": 2, "b": 1}


def test_a_failing_action_skips_the_rest_of_its_list_and_raises_an_error() -> None:
    actions = [setting("context.n", "context.n + 1"), setting("context.n", "1 / 0")]
    caught = on("error.execution", "end")
    chart = compiled(
        state("s", on("go", actions=[*actions, setting("context.n", "99")]), caught),
        END,
        context=COUNT,
    )

    outcome = after(chart, begun(chart), "go")

    assert outcome.snapshot.context == {"n": 1}
    assert outcome.snapshot.outcome == "success"


def test_an_error_that_nobody_catches_is_an_incident_with_its_place() -> None:
    chart = compiled(state("s", on("go", actions=[setting("context.n", "1 / 0")])), context=COUNT)

    [incident] = [e for e in after(chart, begun(chart), "go").effects if isinstance(e, Incident)]

    assert incident.where == "/states/0/transitions/0/actions/0/set/0/value"
    assert incident.code == "unhandled:expression.divide_by_zero"


def test_a_failing_guard_is_false_and_an_error_once() -> None:
    chart = compiled(
        state("s", {"id": "t", "guard": "1 / context.n > 0", "target": "end"}), END, context=COUNT
    )

    outcome = begun(chart)

    assert leaves(chart, outcome) == ("s",)
    assert len([e for e in outcome.effects if isinstance(e, Incident)]) == 1


def test_a_run_that_does_not_come_to_rest_halts_and_keeps_its_last_state() -> None:
    loop = state("a", {"id": "t_ab", "target": "b"})
    chart = compiled(state("s", on("go", "a")), loop, state("b", {"id": "t_ba", "target": "a"}))
    resting = begun(chart)

    outcome = after(chart, resting, "go")

    assert (outcome.disposition, outcome.snapshot.halted) == ("halted", "loop.limit")
    assert [effect.code for effect in outcome.effects if isinstance(effect, Incident)] == [
        "loop.limit"
    ]
    assert after(chart, outcome, "go").disposition == "halted"
    assert resume(outcome.snapshot) == resting.snapshot


DEFERRING = {
    "correlate": [
        {"id": "c", "event": "paint", "key": "event.data.id", "run": "run.id", "unmatched": "defer"}
    ]
}


def test_a_deferred_event_is_offered_again_when_the_state_changes() -> None:
    chart = compiled(state("s", on("go", "t")), state("t", on("paint", "end")), END, **DEFERRING)

    kept = after(chart, begun(chart), "paint")
    taken = after(chart, kept, "go")

    assert (kept.disposition, len(kept.snapshot.deferred)) == ("deferred", 1)
    assert taken.snapshot.outcome == "success"


def test_deferred_events_keep_their_order() -> None:
    noted = [setting("context.n", "context.n * 10 + event.data.k")]
    chart = compiled(
        state("s", on("go", "t")),
        state("t", on("paint", actions=noted)),
        context=COUNT,
        **DEFERRING,
    )
    outcome = begun(chart)
    for k in (1, 2, 3):
        outcome = after(chart, outcome, Event("paint", data={"k": k}))

    assert after(chart, outcome, "go").snapshot.context == {"n": 123}


def test_what_was_deferred_and_never_taken_is_dropped_with_the_run_and_told() -> None:
    chart = compiled(state("s", on("go", "end")), END, **DEFERRING)

    outcome = after(chart, begun(chart), "paint", "go")

    assert outcome.effects == (Dropped(({"name": "paint"},), "finished"), Finished("success"))


def test_more_than_a_hundred_deferred_events_are_an_incident() -> None:
    chart = compiled(state("s"), **DEFERRING)
    outcome = after(chart, begun(chart), *["paint"] * 101)

    assert [type(effect) for effect in outcome.effects] == [Dropped, Incident]
    assert len(outcome.snapshot.deferred) == 100


def test_coming_back_does_not_restart_a_service_level() -> None:
    sla = {"id": "sla", "delay": "P14D", "sla": "breach", "actions": [setting("context.n", "1")]}
    chart = compiled(
        state("work", on("pause", "rest"), after=[sla]),
        state("rest", on("resume", "work")),
        context=COUNT,
    )
    first = begun(chart)
    paused = after(chart, first, "pause")

    later = step(chart, paused.snapshot, Event("resume"), NOON + 3 * DAY)

    assert [effect.at for effect in later.effects if isinstance(effect, SetTimer)] == [
        NOON + 14 * DAY
    ]


def test_a_service_level_fires_once() -> None:
    sla = {"id": "sla", "delay": "P1D", "sla": "breach", "actions": [setting("context.n", "1")]}
    chart = compiled(
        state("work", on("pause", "rest"), after=[sla]),
        state("rest", on("resume", "work")),
        context=COUNT,
    )

    outcome = after(chart, begun(chart), timer_due("sla.1"), "pause", "resume")

    assert outcome.snapshot.context == {"n": 1}
    assert outcome.snapshot.timers == {}


TASK = {
    "id": "ask",
    "kind": "human",
    "candidates": [{"role": "buyer"}],
    "form": [{"id": "ok", "type": "bool"}],
    "input": [{"id": "n", "value": "context.n"}],
    "on_reentry": "reattach",
}


def test_an_open_task_is_parked_and_taken_up_where_its_subject_is_the_same() -> None:
    chart = compiled(
        state("asking", on("pause", "rest"), invoke=TASK), state("rest", on("back", "asking")),
        context=COUNT,
    )  # fmt: skip

    parked = after(chart, begun(chart), "pause")
    resumed = after(chart, parked, "back")

    assert parked.effects == (CancelInvoke("ask", 1, park=True),)
    [task] = [effect for effect in resumed.effects if isinstance(effect, InvokeHuman)]
    assert (task.epoch, task.reattaches) == (2, 1)


def test_a_parked_task_about_something_else_is_ended_and_opened_anew() -> None:
    chart = compiled(
        state("asking", on("pause", "rest"), invoke=TASK),
        state("rest", on("back", "asking", actions=[setting("context.n", "7")])),
        context=COUNT,
    )

    outcome = after(chart, begun(chart), "pause", "back")

    assert outcome.effects[0] == CancelInvoke("ask", 1)
    assert isinstance(outcome.effects[1], InvokeHuman)
    assert outcome.effects[1].reattaches is None


def test_a_sequence_runs_its_steps_one_after_the_other() -> None:
    steps = [
        {"id": f"s{n}", "invoke": {"id": f"i{n}", "kind": "step", "action": "a.b"}} for n in (1, 2)
    ]
    chart = compiled(state("all", on("done.state.all", "end"), type="sequence", steps=steps), END)
    first = begun(chart)

    second = after(chart, first, invoke_done("i1", 1))

    assert leaves(chart, second) == ("s2",)
    assert after(chart, second, invoke_done("i2", 2)).snapshot.outcome == "success"


def test_a_result_of_the_wrong_shape_is_the_steps_error() -> None:
    po = {"id": "po", "type": "record", "nullable": True, "default": None, "output_of": "a.b",
          "fields": [{"id": "total", "type": "money"}]}  # fmt: skip
    caught = on("error.invoke.i", "end", guard="event.data.code == 'invoke.result'")
    invoke = {"id": "i", "kind": "step", "action": "a.b"}
    working = state("s", on("done.invoke.i", "lost"), caught, invoke=invoke)
    chart = compiled(working, state("lost"), END, context=[po])

    outcome = after(chart, begun(chart), invoke_done("i", 1, {"total": 12}))

    assert outcome.snapshot.outcome == "success"


def test_a_run_is_cancelled_from_outside_with_its_exit_actions() -> None:
    told = {"do": "emit", "event": "mug.left"}
    chart = compiled(state("s", exit=[told], after=[{"id": "t", "delay": "P1D", "target": "s"}]))

    outcome = cancel(chart, begun(chart).snapshot, NOON)

    assert [type(effect).__name__ for effect in outcome.effects] == [
        "Emit",
        "ClearTimer",
        "Finished",
    ]
    assert outcome.snapshot.outcome == "cancelled"


@pytest.mark.parametrize(
    ("given", "path"),
    [
        pytest.param({"pieces": "3"}, "pieces", id="a text for a number"),
        pytest.param({"pieces": 0}, "pieces", id="below its least value"),
        pytest.param({}, "pieces", id="nothing"),
        pytest.param({"pieces": 1, "colour": "red"}, "colour", id="something nobody asked for"),
    ],
)
def test_a_run_does_not_start_with_input_that_does_not_fit(
    given: dict[str, Any], path: str
) -> None:
    chart = compiled(state("s"), input=[{"id": "pieces", "type": "int", "min": 1}])

    with pytest.raises(InputRefused) as refused:
        start(chart, given, NOON)

    assert refused.value.path == path


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"v": 2}, id="of another schema version"),
        pytest.param({"definition": "0" * 64}, id="of another definition"),
        pytest.param({"states": ["outer"]}, id="in a state that is not innermost"),
        pytest.param({"states": ["a", "end"]}, id="in two states that exclude each other"),
        pytest.param({"states": ["nowhere"]}, id="in a state that does not exist"),
        pytest.param({"context": {}}, id="without a field of its context"),
        pytest.param({"context": {"n": "many"}}, id="with a value of the wrong type"),
        pytest.param({"invokes": {"i": 1}}, id="with an invoke open that is not there"),
        pytest.param({"timers": {"x.1": {"at": "", "after": "x"}}}, id="with a timer of nobody"),
    ],
)
def test_a_snapshot_is_not_loaded_where_it_is(change: dict[str, Any]) -> None:
    chart = compiled(state("outer", states=[state("a"), state("b")]), END, context=COUNT)
    written = write_snapshot(chart, begun(chart).snapshot)

    with pytest.raises(SnapshotFault):
        read_snapshot(chart, {**written, **change})


def test_the_full_trace_explains_a_microstep() -> None:
    chart = compiled(
        state("s", on("go", "end", guard="context.n > 0"), on("go", "t")), state("t"), END,
        context=COUNT,
    )  # fmt: skip

    outcome = step(chart, begun(chart).snapshot, Event("go"), NOON, trace="full")

    assert outcome.trace == (
        {
            "event": "go",
            "guards": [{"transition": "t_go_end_1", "guard": "context.n > 0", "value": False}],
        },
        {
            "microstep": 1,
            "event": "go",
            "chosen": ["t_go_t_0"],
            "exited": ["s"],
            "entered": ["t"],
        },
    )


def test_an_event_finds_its_run_by_key_and_starts_one_by_trigger() -> None:
    chart = compiled(
        state("s"),
        input=[{"id": "mug_id", "type": "string"}, {"id": "n", "type": "int", "default": 1}],
        start=[{
            "id": "ordered", "event": "mug.ordered", "when": "event.data.pieces > 0",
            "dedupe": "event.id", "input": [{"id": "mug_id", "value": "event.data.id"}],
        }],
        correlate=[
            {"id": "c", "event": "mug.painted", "key": "event.data.id", "run": "input.mug_id"}
        ],
    )  # fmt: skip
    ordered = {"name": "mug.ordered", "id": "e1", "data": {"id": "m1", "pieces": 2}}

    [request] = match_start(chart, ordered, NOON)

    assert (request.input, request.dedupe) == ({"mug_id": "m1"}, "e1")
    assert run_keys(chart, request.input, NOON) == {"c": ("mug.painted", "m1")}
    painted = {"name": "mug.painted", "data": {"id": "m1"}}
    assert event_key(chart, painted, NOON) == {"c": "m1"}
    assert match_start(chart, {**ordered, "data": {"id": "m1", "pieces": 0}}, NOON) == []


def test_an_action_that_the_catalogue_does_not_know_is_a_fault_with_the_nearest_name() -> None:
    class Catalogue:
        def names(self) -> list[str]:
            return ["inventory.reserve"]

        def shape(self, action: str) -> None:
            del action

    document = a_definition(
        state("s", invoke={"id": "i", "kind": "step", "action": "inventory.reserv"})
    )

    with pytest.raises(DefinitionFaults) as refused:
        compile_definition(parse_definition(document), Catalogue())

    [fault] = refused.value.faults
    assert (fault.pointer, fault.code) == ("/states/0/invoke/action", "action.unknown")
    assert fault.mend == "Did you mean 'inventory.reserve'?"
