"""A new account's checklist says what is there, and goes when all is or when it is put away."""

import re
from collections.abc import Callable

import pytest

from tests.builder_ui.portal.conftest import Walker, words
from tests.builder_ui.portal.trading import a_trade
from tests.conftest import GLOBEX
from tests.tenants.conftest import House


@pytest.fixture
def ana(house: House, walker: Callable[..., Walker]) -> Walker:
    house.member("ana@acme.example", "administrator")
    return walker("ana@acme.example")


def done(walker: Walker) -> list[str]:
    """Return the steps that are done, as the page says them."""
    page = words(walker.open("tasks"))
    return re.findall(r"Done ([A-Z][a-z ]+?) (?:Approvals|Type|Goods|It says|Channels)", page)


def test_a_new_account_has_everything_before_it(ana: Walker) -> None:
    page = words(ana.open("tasks"))

    assert "First steps: 0 of 5 done" in page
    assert "To do Invite somebody" in page


def test_steps_are_read_from_what_is_there(ana: Walker, house: House) -> None:
    a_trade(house.runtime)
    house.member("lea@acme.example", "buyer_lead")

    assert done(ana) == ["Invite somebody", "Add what you sell", "Publish a workflow"]


def test_with_the_first_order_the_checklist_goes(ana: Walker, house: House) -> None:
    trade = a_trade(house.runtime)
    house.member("lea@acme.example", "buyer_lead")
    merchant = trade.shop.merchant
    merchant.stock(merchant.mug, merchant.berlin, 5)
    trade.order()

    assert "First steps" not in words(ana.open("tasks"))


def test_who_puts_it_away_does_so_for_themselves(
    ana: Walker, house: House, walker: Callable[..., Walker]
) -> None:
    house.member("ben@acme.example", "administrator")

    answer = ana.send("me/first-steps/dismissal")

    assert answer.location == "/t/acme/tasks"
    assert "First steps" not in words(ana.open("tasks"))
    assert "First steps" in words(walker("ben@acme.example").open("tasks"))


def test_only_who_runs_the_account_sees_it(house: House, walker: Callable[..., Walker]) -> None:
    house.member("lea@acme.example", "buyer_lead")

    assert "First steps" not in words(walker("lea@acme.example").open("tasks"))


def test_what_another_tenant_has_is_not_counted(
    house: House, walker: Callable[..., Walker]
) -> None:
    a_trade(house.runtime).order()
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)

    page = words(walker("gus@globex.example", slug="globex").open("tasks"))

    assert "First steps: 0 of 5 done" in page
