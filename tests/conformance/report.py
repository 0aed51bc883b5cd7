"""Runs every conformance suite, prints one line each, and writes the reference page.

A suite is a function without arguments that returns an Outcome; add it to SUITES.
"""

import os
import sys
from collections.abc import Callable

import pytest

from tests.conformance import cel, dmn, ours, scion, scxml
from tests.conformance.suites import HERE, Outcome

SUITES: list[Callable[[], Outcome]] = [
    cel.ieee,
    cel.tenant,
    dmn.decision_tables,
    scxml.w3c,
    scion.scion,
]
OWN: list[Callable[[], Outcome]] = [
    ours.example,
    ours.broken_variants,
    ours.charts,
    ours.tables,
    ours.hostile_expressions,
    ours.hostile_definitions,
]
PAGE = HERE.parents[1] / "docs" / "reference" / "conformance.md"
_HEAD = """# Conformance

What suites written by others say about the engine. `make conformance` runs them and writes this
page; it fails where a suite is absent, where a test fails that no list explains, and where a
listed test passes. The lists, with a reason for every test that is not claimed, are in
`tests/conformance/unclaimed/`.

| suite | tests | passed | not claimed | share passed |
|---|---:|---:|---:|---:|
"""
_OWN = """
What no outsider wrote, run with them in its short form; the long one is `make soak`, and what it
said last is in [testing.md](../testing.md#soak).

| what | cases | passed | not claimed | share passed |
|---|---:|---:|---:|---:|
"""


def main() -> int:
    """Run all suites; 0 where every gate holds. Where a suite is absent the page stays as it is."""
    os.environ["CI_REQUIRE_SHARED"] = "1"
    outcomes = [told(suite) for suite in SUITES]
    own = [told(suite) for suite in OWN]
    if all(outcome.total for outcome in outcomes):
        PAGE.write_text(page(outcomes, own, cel.narrow_count()))
    return 0 if all(outcome.sound for outcome in (*outcomes, *own)) else 1


def told(suite: Callable[[], Outcome]) -> Outcome:
    """Run a suite and print its line, and what is wrong below it."""
    try:
        outcome = suite()
    except pytest.fail.Exception as absent:
        outcome = Outcome(f"{suite.__module__}.{suite.__name__}", 0, 0, 0, (str(absent),))
    print(line(outcome), flush=True)
    for complaint in (*outcome.unexplained, *(f"passes now: {test}" for test in outcome.stale)):
        print(f"    {complaint}")
    return outcome


def line(outcome: Outcome) -> str:
    """Say in one line how a suite went."""
    verdict = "ok  " if outcome.sound else "FAIL"
    return (
        f"{verdict} {outcome.name}: {outcome.passed} of {outcome.total} "
        f"({_percent(outcome)}), {outcome.listed} not claimed"
    )


def page(outcomes: list[Outcome], own: list[Outcome], narrow_count: str) -> str:
    """Render the reference page."""
    return f"{_HEAD}{_rows(outcomes)}\n{narrow_count}{_OWN}{_rows(own)}"


def _rows(outcomes: list[Outcome]) -> str:
    return "".join(
        f"| {each.name} | {each.total} | {each.passed} | {each.listed} | {_percent(each)} |\n"
        for each in outcomes
    )


def _percent(outcome: Outcome) -> str:
    return f"{100 * outcome.passed / max(outcome.total, 1):.1f} %"


if __name__ == "__main__":
    sys.exit(main())
