"""A run from its start to its end: states, steps, timers, undoing."""

from __future__ import annotations

from datetime import timedelta

from tests.workflow_engine.interpreter.charts import (
    END,
    NOON,
    after,
    begun,
    compiled,
    leaves,
    on,
    setting,
)
from workflow_engine.interpreter import (
    CancelInvoke,
    ClearTimer,
    Emit,
    Event,
    Finished,
    Incident,
    InvokeStep,
    SetTimer,
    StatusChanged,
    command,
    invoke_done,
    invoke_failed,
    possible_events,
    timer_due,
)

DRAFTING = {
    "id": "drafting",
    "after": [{"id": "too_slow", "delay": "P1D", "target": "end"}],
    "invoke": {
        "id": "draft",
        "kind": "step",
        "action": "procurement.draft_order",
        "input": [{"id": "quantity", "value": "input.quantity + 1"}],
        "timeout": "PT2M",
        "compensate": {
            "action": "procurement.void_order",
            "input": [{"id": "po_id", "value": "result.po_id"}],
        },
    },
    "transitions": [
        on("done.invoke.draft", "waiting", actions=[setting("context.po_id", "event.data.po_id")])
    ],
}
WAITING = {
    "id": "waiting",
    "entry": [
        {"do": "emit", "event": "mug.drafted", "data": [{"id": "po", "value": "context.po_id"}]}
    ],
    "transitions": [
        on("mug.arrived", "end", guard="event.data.quantity >= input.quantity"),
        on("mug.cancelled", "undoing"),
    ],
}
UNDOING = {
    "id": "undoing",
    "type": "compensate",
    "transitions": [on("done.state.undoing", "end"), on("error.state.undoing", "end")],
}
CHART = compiled(
    DRAFTING,
    WAITING,
    UNDOING,
    END,
    input=[{"id": "quantity", "type": "int", "min": 1}],
    context=[{"id": "po_id", "type": "string", "default": ""}],
    subject={
        "type": "mug",
        "id": "run.id",
        "status_field": "state",
        "statuses": [{"state": "waiting", "status": "on_order", "phase": "waiting"}],
    },
)
DRAFTED = invoke_done("draft", 2, {"po_id": "PO1"})


def test_a_state_sets_its_timer_and_starts_its_step_when_the_run_rests_in_it() -> None:
    outcome = begun(CHART, quantity=2)

    assert leaves(CHART, outcome) == ("drafting",)
    assert outcome.effects == (
        SetTimer("too_slow.1", NOON + timedelta(days=1), source="too_slow"),
        InvokeStep(
            "draft",
            2,
            "procurement.draft_order",
            {"quantity": 3},
            timeout=timedelta(minutes=2),
            compensable=True,
        ),
    )


def test_a_result_moves_the_run_and_clears_the_timer_of_the_state_it_leaves() -> None:
    outcome = after(CHART, begun(CHART, quantity=2), DRAFTED)

    assert leaves(CHART, outcome) == ("waiting",)
    assert outcome.effects == (
        ClearTimer("too_slow.1"),
        Emit("mug.drafted", {"po": "PO1"}),
        StatusChanged("on_order", "waiting", "state"),
    )


def test_a_result_of_an_older_invocation_does_not_move_the_run() -> None:
    outcome = after(CHART, begun(CHART, quantity=2), invoke_failed("draft", 1, {"code": "x"}))

    assert (outcome.disposition, outcome.effects) == ("stale", ())


def test_a_due_timer_fires_once_and_cancels_the_step() -> None:
    outcome = after(CHART, begun(CHART, quantity=2), timer_due("too_slow.1"))

    assert outcome.effects == (CancelInvoke("draft", 2), Finished("success"))
    assert after(CHART, outcome, timer_due("too_slow.1")).disposition == "stale"


def test_a_success_that_comes_too_late_is_undone_at_once() -> None:
    ended = after(CHART, begun(CHART, quantity=2), timer_due("too_slow.1"))

    outcome = after(CHART, ended, DRAFTED)

    assert outcome.disposition == "stale"
    assert outcome.effects[1:] == (
        InvokeStep(
            "compensate:draft",
            3,
            "procurement.void_order",
            {"po_id": "PO1"},
            compensates="draft",
            detached=True,
        ),
    )


def test_what_was_done_is_undone_before_the_run_ends() -> None:
    cancelled = after(CHART, begun(CHART, quantity=2), DRAFTED, "mug.cancelled")
    undone = after(CHART, cancelled, invoke_done("compensate:draft", 3))

    assert leaves(CHART, cancelled) == ("undoing",)
    assert undone.effects == (Finished("success"),)


def test_what_cannot_be_undone_is_an_incident() -> None:
    cancelled = after(CHART, begun(CHART, quantity=2), DRAFTED, "mug.cancelled")
    failed = after(CHART, cancelled, invoke_failed("compensate:draft", 3, {"code": "po.locked"}))

    assert failed.effects == (
        Incident(
            "compensation.failed:procurement.void_order",
            "'procurement.void_order' could not undo 'draft' (po.locked).",
            "/states/0/invoke/compensate",
        ),
        Finished("success"),
    )


def test_a_guard_that_does_not_hold_leaves_the_run_where_it_is() -> None:
    waiting = after(CHART, begun(CHART, quantity=2), DRAFTED)

    few = after(CHART, waiting, Event("mug.arrived", data={"quantity": 1}))
    enough = after(CHART, waiting, Event("mug.arrived", data={"quantity": 2}))

    assert few.disposition == "ignored"
    assert enough.snapshot.outcome == "success"


def test_a_command_that_is_not_possible_now_is_rejected_with_those_that_are() -> None:
    waiting = after(CHART, begun(CHART, quantity=2), DRAFTED)

    outcome = after(CHART, waiting, command("mug.paint"))

    assert outcome.disposition == "rejected"
    assert outcome.snapshot == waiting.snapshot
    assert possible_events(CHART, outcome.snapshot) == ("mug.arrived", "mug.cancelled")


def test_a_failed_step_that_nobody_handles_is_an_incident() -> None:
    failed = invoke_failed("draft", 2, {"code": "procurement.no_supplier", "message": "Nobody."})

    outcome = after(CHART, begun(CHART, quantity=2), failed)

    assert outcome.effects == (
        Incident("unhandled:procurement.no_supplier", "Nobody.", "error.invoke.draft"),
    )
