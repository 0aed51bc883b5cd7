"""The page of benchmarks says what the kept lines say, and judges them by the goals."""

from __future__ import annotations

from typing import Any

from bench.dialects import as_xstate
from bench.machines import order
from bench.page import render
from bench.ratios import Ratio, ratios_of
from bench.run import PAGE, kept, read
from bench.work_ratios import ratios_of_work
from workflow_engine.definition import parse_definition
from workflow_engine.definition.import_xstate import import_xstate
from workflow_engine.definition.walking import states_of


def a_case(library: str, per_cpu_s: int, case: str = "E1 flat", **more: Any) -> dict[str, Any]:
    return {"case": case, "library": library, "per_cpu_s": {"med": per_cpu_s}, "errors": 0, **more}


def test_the_page_is_rendered_from_the_lines_that_are_kept() -> None:
    assert PAGE.read_text() == render(read(kept("engine")), read(kept("work")))


def test_every_peer_that_can_be_had_is_in_the_kept_run() -> None:
    assert {line["library"] for line in read(kept("engine"))} == {
        "Wareflow",
        "transitions",
        "sismic",
        "python-statemachine",
        "xstate-statemachine",
        "XState pure",
        "XState actor",
        "SCION",
    }


def test_a_ratio_is_ours_over_the_peers_of_the_same_case() -> None:
    lines = [
        a_case("Wareflow", 300),
        a_case("sismic", 20),
        a_case("XState actor", 600),
        a_case("SCION", 100),
        a_case("sismic", 1, case="E1 of a case that we do not have"),
        {"library": "transitions", "errors": 1, "error": "it cannot be had"},
    ]

    found = ratios_of(lines)

    assert found == {
        "E1 flat: us / sismic": Ratio(15.0, 10.0),
        "E1 flat: us / XState actor": Ratio(0.5, 1.0),
        "E1 flat: us / SCION": Ratio(3.0, None),
    }
    assert [ratio.reached for ratio in found.values()] == [True, False, True]


def test_work_is_judged_by_rates_and_orders_by_their_own() -> None:
    def did(case: str, library: str, rate: int, **more: Any) -> dict[str, Any]:
        return {"case": case, "library": library, "per_s": {"med": rate}, "errors": 0, **more}

    lines = [
        did("E4 three durable steps, local steps", "Wareflow", 90),
        did("E4 three durable steps, local steps", "DBOS 3.4.0, 1 callers", 60),
        did("C5 orders, 1 web processes, 8 connections", "Wareflow", 400, p95_ms=250),
    ]

    found = ratios_of_work(lines)

    assert found == {
        "E4 three durable steps, local steps: us / DBOS 3.4.0, 1 callers": Ratio(1.5, 10.0),
        "C5 orders, 1 web processes, 8 connections: a second": Ratio(400, 300),
        "C5 orders, 1 web processes, 8 connections: p95 in ms": Ratio(250, 200, least=False),
    }
    assert [ratio.reached for ratio in found.values()] == [False, True, False]


def test_the_order_has_the_same_states_for_every_peer() -> None:
    ours = parse_definition(order())
    theirs = import_xstate(as_xstate(order())).document

    def named(states: list[dict[str, Any]]) -> set[str]:
        return {each["id"] for each in states}.union(
            *(named(each.get("states", [])) for each in states)
        )

    assert named(theirs["states"]) == {state.id for state, _ in states_of(ours.root) if state.id}
    assert len(named(theirs["states"])) == 21
