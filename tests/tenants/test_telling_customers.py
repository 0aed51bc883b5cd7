"""Workflows write to customers: rendered, kept, once a step, and only where there is an address."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from commerce.orders.contents import CustomerContent
from commerce.orders.tables import Customer
from kernel.access import system_actor
from kernel.config import Config
from kernel.errors import Invalid, NotFound
from kernel.runtime import Runtime
from tenants.messages.actions import ACTIONS, NoAddress
from tenants.messages.post import PostOffice
from tenants.messages.tables import Message
from tests.commerce.order_builders import Shop, a_shop, mugs
from tests.commerce.stock_builders import Merchant, a_merchant
from tests.conftest import ACME, GLOBEX, MONDAY, Cluster, found_tenant
from wareflow import compose

(SEND,) = ACTIONS
WORKFLOW = system_actor("workflow")
CARLA = CustomerContent("C-1", "Carla", email="carla@example.com")


@pytest.fixture
def composed(database: Cluster, config: Config) -> Iterator[Runtime]:
    runtime = compose(config)
    for tenant_id, name in ((ACME, "Acme Mugs"), (GLOBEX, "Globex Grocery")):
        found_tenant(runtime, tenant_id, name)
    yield runtime
    runtime.close()


@pytest.fixture
def acme_here(composed: Runtime) -> Merchant:
    return a_merchant(composed, ACME)


@pytest.fixture
def shop(acme_here: Merchant) -> Shop:
    return a_shop(acme_here)


def tell(merchant: Merchant, line_id: str, *, step: str = "stp_1", days: int | None = None) -> str:
    eta = None if days is None else (MONDAY + timedelta(days=days)).isoformat()
    given = {"template": "backorder_update", "order_line_id": line_id, "eta": eta}
    with merchant.work(WORKFLOW) as uow:
        return str(SEND.run(uow, SEND.input().load(given), step)["message_id"])


def kept(runtime: Runtime, merchant: Merchant) -> list[tuple[str, str]]:
    """Return (address, body) of every message to a customer."""
    with merchant.work() as uow:
        post_office = uow.ports.messages
        assert isinstance(post_office, PostOffice)
        rows = uow.session.scalars(select(Message).where(Message.template == "backorder_update"))
        return [(row.to_address, post_office._open(uow, row)) for row in rows]


def test_a_customer_is_told_what_is_missing_and_when_it_is_expected(
    composed: Runtime, acme_here: Merchant, shop: Shop
) -> None:
    order_id = shop.place(mugs(3), customer=CARLA)
    (line,) = shop.lines(order_id)

    first = tell(acme_here, line.id, days=7)
    again = tell(acme_here, line.id, days=7)

    assert first == again, "a step that is repeated writes once"
    ((address, body),) = kept(composed, acme_here)
    assert address == "carla@example.com"
    assert "3 × MUG-BLUE" in body
    assert "We expect it on 2026-03-09." in body


def test_without_a_date_the_customer_is_told_so(
    composed: Runtime, acme_here: Merchant, shop: Shop
) -> None:
    (line,) = shop.lines(shop.place(mugs(1), customer=CARLA))

    tell(acme_here, line.id)

    ((_address, body),) = kept(composed, acme_here)
    assert "We do not know the day yet." in body


def test_a_customer_without_an_address_is_not_written_to(
    composed: Runtime, acme_here: Merchant, shop: Shop
) -> None:
    (line,) = shop.lines(shop.place(mugs(1), customer=CustomerContent("C-9", "Nils")))

    with pytest.raises(NoAddress):
        tell(acme_here, line.id)

    assert kept(composed, acme_here) == []


def test_another_tenants_line_is_not_there(
    composed: Runtime, acme_here: Merchant, shop: Shop
) -> None:
    (line,) = shop.lines(shop.place(mugs(1), customer=CARLA))

    with pytest.raises(NotFound):
        tell(a_merchant(composed, GLOBEX), line.id)


def test_the_newest_order_says_where_a_customer_is_written_to(
    acme_here: Merchant, shop: Shop
) -> None:
    shop.place(mugs(1), customer=CustomerContent("C-1", "Carla"))
    shop.place(mugs(1), number="A-2", customer=CARLA)
    shop.place(mugs(1), number="A-3", customer=CustomerContent("C-1", "Carla"))

    with acme_here.work() as uow:
        (customer,) = uow.session.scalars(select(Customer))
        assert customer.email == "carla@example.com"


def test_what_is_no_address_is_refused_with_its_place(shop: Shop) -> None:
    with pytest.raises(Invalid) as refused:
        shop.place(mugs(1), customer=CustomerContent("C-1", "Carla", email="carla at home"))

    assert [fault.pointer for fault in refused.value.errors] == ["/customer/email"]
