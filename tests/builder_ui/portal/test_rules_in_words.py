"""Simple conditions of workflows are said in plain words, others not at all."""

import pytest

from builder_ui.portal.rules_in_words import in_words


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        pytest.param(
            'context.po.total > money("500.00","EUR")',
            "The purchase order total is more than 500.00 EUR.",
            id="an amount",
        ),
        pytest.param("input.quantity >= 10", "The quantity is at least 10.", id="a number"),
        pytest.param(
            "event.data.outcome == 'not_approved'", "The outcome is “Not approved”.", id="a word"
        ),
        pytest.param("context.a > 1 && context.b > 2", None, id="two conditions"),
        pytest.param("context.po != null", None, id="nothing to compare with"),
        pytest.param('context.total > money("1", "EUR") + x', None, id="more than a comparison"),
    ],
)
def test_a_condition_is_said_exactly_or_not_at_all(condition: str, said: str | None) -> None:
    assert in_words(condition) == said
