"""A merchant's portal with work to do, served for browser tests: two approvals, orders, stock."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from builder_ui.shell.assets import Assets
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.runtime import Runtime
from tests.browser.serving import serve
from tests.browser.visiting import Visitor
from tests.builder_ui.portal.conftest import compose_portal
from tests.builder_ui.portal.trading import Trade, a_trade, some_things, whole_runtime
from tests.commerce.order_builders import mugs
from tests.commerce.warehouse_builders import Dock
from tests.conftest import MONDAY, Cluster
from tests.tenants.conftest import PASSWORD, House
from tests.tenants.conftest import house as house

SEARCHES = {
    "search": "/t/acme/search?q=1",
    "search-empty": "/t/acme/search",
    "search-no-match": "/t/acme/search?q=zzzz",
    "search-one-kind": "/t/acme/search?q=order:A",
}


@dataclass(frozen=True)
class Site:
    """The served portal of a merchant with two approvals waiting, and its pages by name."""

    address: str
    trade: Trade
    orders: tuple[str, str]
    pages: dict[str, str]
    administration: dict[str, str]


@pytest.fixture
def runtime(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """Everything composed, over sandboxes in which it stays Monday."""
    composed = whole_runtime(config, clock, starts_at=MONDAY)
    yield composed
    composed.close()


@pytest.fixture
def site(house: House) -> Iterator[Site]:
    """Serve ACME with a lead buyer, two approvals that wait, and stock of lamps."""
    house.member("lea@acme.example", "buyer_lead")
    house.member("ada@acme.example", "administrator")
    trade = a_trade(house.runtime)
    first, second = trade.order("A-2"), trade.order("A-3", quantity=3)
    merchant = trade.shop.merchant
    merchant.stock(merchant.lamp, merchant.oslo, 1_234)
    merchant.stock(merchant.lamp, merchant.berlin, 7)
    # Nobody sells lamps: each line that lacks some is given up by a run of its own.
    many = trade.shop.place(*(mugs(each, sku="LAMP-RED") for each in (3, 2000, 2001, 2002, 2003)))
    sent, dock = trade.shop.place(mugs(1, sku="LAMP-RED"), number="S-1"), Dock(trade.shop)
    house.runtime.drain_all()
    dock.send(dock.release(sent)[0])
    house.runtime.drain_all()
    task, things = trade.tasks()[0], some_things(trade)
    pages = {
        "work": "/t/acme/tasks",
        "task": f"/t/acme/tasks/{task.id}",
        "work-team": "/t/acme/tasks?view=team",
        "work-due": "/t/acme/tasks?view=due",
        "orders": "/t/acme/orders",
        "orders-no-match": "/t/acme/orders?q=zzz",
        "order": f"/t/acme/orders/{first}",
        "order-shipped": f"/t/acme/orders/{sent}",
        "stock": "/t/acme/stock",
        "position": f"/t/acme/stock/{merchant.lamp}",
        "position-empty": f"/t/acme/stock/{merchant.mug}",
        "order-of-many": f"/t/acme/orders/{many}",
        "purchasing": "/t/acme/purchasing",
        "purchase": f"/t/acme/purchasing/{task.subject_id}",
        "run": f"/t/acme/runs/{task.run_id}",
        "fulfilments": "/t/acme/fulfilments",
        "fulfilment": f"/t/acme/fulfilments/{things['fulfilment_id']}",
        "transfers": "/t/acme/transfers",
        "transfer": f"/t/acme/transfers/{things['transfer_id']}",
        "corrections": "/t/acme/corrections",
        "correction": f"/t/acme/corrections/{things['correction_id']}",
        **SEARCHES,
        "exceptions": "/t/acme/exceptions",
        "exception": f"/t/acme/exceptions/{things['exception_id']}",
    }
    with serve(compose_portal(house.runtime, house, Assets.read())) as address:
        yield Site(address, trade, (first, second), pages, pages_of_administration(things))


def pages_of_administration(things: dict[str, str]) -> dict[str, str]:
    """Return the pages that administrators alone see, by name."""
    return {
        "orders": "/t/acme/orders?phase=held",
        "bulk": f"/t/acme/orders/bulk/{things['bulk_id']}",
        "messages": "/t/acme/messages",
        "message": f"/t/acme/messages/{things['message_id']}",
        "calendars": "/t/acme/calendars",
        "calendar": f"/t/acme/calendars/{things['calendar']}",
        "calendar-new": "/t/acme/calendars/new",
        "api-clients": "/t/acme/api-clients",
        "api-client": f"/t/acme/api-clients/{things['client_id']}",
        "api-client-new": "/t/acme/api-clients/new",
        "webhooks": "/t/acme/admin/webhooks",
        "webhook": f"/t/acme/admin/webhooks/{things['webhook_id']}",
        "webhook-new": "/t/acme/admin/webhooks/new",
        "webhook-message": "/t/acme/admin/webhooks/"
        f"{things['webhook_id']}/deliveries/{things['delivery_id']}",
    }


def sign_in(visitor: Visitor, email: str = "lea@acme.example") -> None:
    """Sign in as the lead buyer, unless said otherwise; the first page is what waits."""
    page = visitor.open("/t/acme/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/t/acme/tasks")
