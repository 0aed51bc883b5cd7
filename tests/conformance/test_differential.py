"""Random charts: our interpreter and an independent one go through the same configurations."""

from __future__ import annotations

from tests.conformance import differential


def test_random_charts_go_through_the_same_configurations_on_scion() -> None:
    found = differential.compare(range(500))

    assert found.different == ()
    assert found.explained <= found.played // 100
    assert found.played > 300
