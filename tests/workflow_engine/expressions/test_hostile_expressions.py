"""SEC-01: whatever a tenant writes, it is refused or it ends, in little time and memory.

A million of them are met by `make soak`.
"""

import resource
from random import Random

import pytest

from tests.workflow_engine.expressions.hostile import BINDINGS, SCOPE, hostile
from tests.workflow_engine.expressions.trial import SECONDS_MAX, seconds_of, try_one
from workflow_engine.expressions import ExpressionError, compile_expression

# What a process of this size may grow by while it meets any number of hostile expressions.
GROWTH_KILOBYTES_MAX = 48 * 1024


def test_hostile_expressions_end_in_an_error_or_a_value() -> None:
    """SEC-01: a short run of generated hostile expressions."""
    random = Random(1)
    for _ in range(500):
        try_one(hostile(random), "dynamic")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    met = [
        (seconds_of(source, random.choice(["static", "dynamic"])), source)
        for source in (hostile(random) for _ in range(20_000))
    ]

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    slowest, worst = max(met)
    assert slowest < SECONDS_MAX, (slowest, worst[:300])
    assert grown < GROWTH_KILOBYTES_MAX, grown


def test_nothing_of_python_can_be_reached() -> None:
    """SEC-01: there is no way from a value to its class, a module or a function."""
    for source in (
        "s.__class__",
        "event.__class__.__mro__",
        "''.__class__",
        "event['__class__']",
        "s.format(event)",
        "eval('1')",
        "__import__('os')",
        "In.__globals__",
        "lines.append(1)",
        "event.keys()",
    ):
        with pytest.raises(ExpressionError):
            compile_expression(source, SCOPE, checking="dynamic").evaluate(BINDINGS)
