"""Whoever sees orders sees what their customers were written, and no other mail."""

from collections.abc import Callable

import pytest

from commerce.orders.contents import CustomerContent
from kernel.access import system_actor
from tenants.messages.actions import ACTIONS
from tests.builder_ui.portal.conftest import Walker, words
from tests.builder_ui.portal.trading import Trade, a_trade, some_things
from tests.conftest import GLOBEX
from tests.tenants.conftest import House

(SEND,) = ACTIONS
CARLA = CustomerContent("C-1", "Carla", email="carla@example.com")


@pytest.fixture
def trade(house: House) -> Trade:
    return a_trade(house.runtime)


@pytest.fixture
def lea(house: House, walker: Callable[..., Walker]) -> Walker:
    house.member("lea@acme.example", "buyer_lead")
    return walker("lea@acme.example")


def told(trade: Trade) -> tuple[str, str]:
    """Place an order of Carla's, write to her, and return the ids of both."""
    order_id = trade.shop.place(number="A-7", customer=CARLA)
    (line,) = trade.shop.lines(order_id)
    given = {"template": "backorder_update", "order_line_id": line.id, "eta": None}
    with trade.shop.merchant.work(system_actor("workflow")) as uow:
        message = SEND.run(uow, SEND.input().load(given), "stp_1")
    return order_id, str(message["message_id"])


def test_an_order_shows_what_its_customer_was_written(trade: Trade, lea: Walker) -> None:
    order_id, message_id = told(trade)

    order, message = lea.open(f"orders/{order_id}"), lea.open(f"messages/{message_id}")

    assert "Your order A-7 at Acme Mugs: a delay" in words(order)
    assert f"/t/acme/messages/{message_id}" in order.text
    assert "Hello Carla" in words(message)
    assert f"/t/acme/orders/{order_id}" in message.text


def test_mails_that_open_accounts_are_not_shown_to_who_sees_orders(
    trade: Trade, lea: Walker
) -> None:
    told(trade)
    invitation = some_things(trade)["message_id"]

    listed, refused = words(lea.open("messages")), lea.open(f"messages/{invitation}")

    assert "a delay" in listed
    assert "You are invited" not in listed
    assert refused.status_code == 403
    assert "members:write" in words(refused)


def test_an_administrator_sees_both_kinds(
    trade: Trade, house: House, walker: Callable[..., Walker]
) -> None:
    house.member("ana@acme.example", "administrator")
    told(trade)
    some_things(trade)

    listed = words(walker("ana@acme.example").open("messages"))

    assert "a delay" in listed
    assert "You are invited" in listed


def test_a_message_of_another_tenant_is_not_there(
    trade: Trade, house: House, walker: Callable[..., Walker]
) -> None:
    house.member("gus@globex.example", "buyer_lead", tenant_id=GLOBEX)
    _, message_id = told(trade)
    gus = walker("gus@globex.example", slug="globex")

    assert gus.open(f"messages/{message_id}").status_code == 404
    assert "No messages yet" in words(gus.open("messages"))
