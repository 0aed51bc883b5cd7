"""The list of runs: narrowed, by page, and of one's own tenant."""

from collections.abc import Callable

import pytest

from kernel.runtime import Runtime
from tests.builder_ui.portal.conftest import Walker, words
from tests.builder_ui.portal.trading import Trade, a_trade
from tests.conftest import GLOBEX
from tests.tenants.conftest import House

Come = Callable[..., Walker]


@pytest.fixture
def trade(runtime: Runtime) -> Trade:
    return a_trade(runtime)


@pytest.fixture
def ana(house: House, walker: Come) -> Walker:
    house.member("ana@acme.example", "administrator")
    return walker("ana@acme.example")


def test_without_runs_the_list_says_how_they_start(ana: Walker) -> None:
    assert "No runs yet" in words(ana.open("runs"))


def test_runs_are_listed_and_narrowed(trade: Trade, ana: Walker) -> None:
    trade.order("A-1", quantity=2)

    said = words(ana.open("runs"))
    assert "Order line" in said
    assert "1 run on this page" in said
    assert "1 run on this page" in words(ana.open("runs?state=active"))
    assert "1 run on this page" not in words(ana.open("runs?state=finished"))
    assert "1 run on this page" not in words(ana.open("runs?needs=person"))


def test_another_tenants_runs_are_not_listed(trade: Trade, house: House, walker: Come) -> None:
    """TEN-05."""
    trade.order("A-1", quantity=2)
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)

    assert "No runs yet" in words(walker("gus@globex.example", "globex").open("runs"))
