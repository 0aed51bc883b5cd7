"""What no outsider wrote: the example, charts and tables by chance, and what means harm.

These are the forms that `make test` runs too; the long ones are tests/soak.py.
"""

from __future__ import annotations

from random import Random

from tests.conformance import differential
from tests.conformance.suites import Outcome
from tests.workflow_engine.decisions.test_random_tables import try_tables
from tests.workflow_engine.definition import hostile as definitions
from tests.workflow_engine.definition.test_broken_examples import VARIANTS, faults_after, is_told
from tests.workflow_engine.definition.the_example import compiled_example
from tests.workflow_engine.expressions.hostile import hostile
from tests.workflow_engine.expressions.trial import SECONDS_MAX, seconds_of
from workflow_engine.simulation import run_examples

CHARTS, TABLES, EXPRESSIONS, DEFINITIONS = 500, 200, 20_000, 2_000


def example() -> Outcome:
    """The reference example's own tests."""
    reports = run_examples(compiled_example())
    failed = [f"{report.id}: {report.failures[0]}" for report in reports if report.failures]
    return _outcome("the example's own tests", len(reports), failed)


def broken_variants() -> Outcome:
    """Deliberately broken variants of the example, each with its code and pointer."""
    failed = []
    for variant in VARIANTS:
        broken, expected = variant.values
        if not is_told(expected, faults_after(broken)):  # type: ignore[arg-type]
            failed.append(f"{variant.id}: not {expected}")
    return _outcome("the example, broken on purpose", len(VARIANTS), failed)


def charts() -> Outcome:
    """Random charts against SCION; a chart that never rests has nothing to compare."""
    found = differential.compare(range(CHARTS))
    different = [f"seed {seed}" for seed in found.different]
    name = f"random charts against SCION (of {CHARTS}, those that come to rest)"
    return _outcome(name, found.played, different)


def tables() -> Outcome:
    """Random decision tables against brute force."""
    failed = []
    for seed in range(TABLES):
        try:
            try_tables(1, seed)
        except AssertionError as difference:
            failed.append(f"seed {seed}: {str(difference)[:200]}")
    return _outcome("random decision tables against brute force", TABLES, failed)


def hostile_expressions() -> Outcome:
    """Generated hostile expressions; anything but ExpressionError ends the run."""
    random, slow = Random(1), []
    for _ in range(EXPRESSIONS):
        source, checking = hostile(random), random.choice(["static", "dynamic"])
        if seconds_of(source, checking) > SECONDS_MAX:
            slow.append(source[:200])
    return _outcome("hostile expressions", EXPRESSIONS, slow)


def hostile_definitions() -> Outcome:
    """Definitions spoiled on purpose; anything but faults of theirs ends the run."""
    met = {seed: definitions.meet_fairly(seed).seconds for seed in range(DEFINITIONS)}
    slow = [f"seed {seed}" for seed, taken in met.items() if taken > definitions.THREAD_SECONDS_MAX]
    return _outcome("hostile definitions", DEFINITIONS, slow)


def _outcome(name: str, total: int, failed: list[str]) -> Outcome:
    return Outcome(name, total, total - len(failed), 0, tuple(failed), required_percent=100.0)
