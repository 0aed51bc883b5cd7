"""A merchant's workflows, served for browser tests: the reference example, and runs that wait."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from builder_ui.shell.assets import Assets
from kernel.access import operator_actor
from kernel.audit import Subject
from kernel.ids import TenantId
from tenants.verticals import definition as of_the_house
from tests.browser.serving import serve
from tests.browser.trade_site import runtime as runtime
from tests.browser.visiting import Visitor
from tests.builder_ui.portal.conftest import compose_portal
from tests.builder_ui.portal.trading import Trade, a_trade
from tests.conftest import ACME
from tests.tenants.conftest import PASSWORD, House
from tests.tenants.conftest import house as house
from tests.workflow_engine.charts.charting import EXAMPLE
from workflow_engine.definition import canonical_text, parse_definition
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish
from workflow_engine.runtime.tables import DefinitionVersion

EXAMPLE_HREF = "/t/acme/workflows/every-feature/v/1"


@dataclass(frozen=True)
class ChartSite:
    """The served portal of a merchant with charts, runs in them, and its pages by name.

    The pages `beside` are about something else, and show the chart when somebody asks for it.
    """

    address: str
    house: House
    trade: Trade
    run_href: str
    pages: dict[str, str]
    beside: dict[str, str]

    def publish(self, body: dict[str, Any], tenant_id: TenantId = ACME) -> str:
        """Publish a definition; return the address of its version."""
        version = publish_in(self.house, body, tenant_id)
        return f"/t/acme/workflows/{version}"


def publish_in(house: House, body: dict[str, Any], tenant_id: TenantId = ACME) -> str:
    """Publish a definition as an operator; return its key and version as an address has them."""
    with house.runtime.unit_of_work(tenant_id, operator_actor("tests")) as uow:
        version = publish(uow, engine_of(uow), body)
        return f"{version.key}/v/{version.number}"


def the_example(**changes: Any) -> dict[str, Any]:
    """Return the reference example, which has every feature of the language."""
    body: dict[str, Any] = json.loads(EXAMPLE.read_text(), parse_float=Decimal)
    return body | {"key": "every-feature", "name": "Every feature"} | changes


def keep_old(house: House, body: dict[str, Any]) -> str:
    """Keep a version as if it had been published when its actions were there."""
    definition = parse_definition(body)
    with house.runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        version = DefinitionVersion(
            tenant_id=ACME,
            id=uow.new_id("def"),
            key=definition.key,
            number=1,
            hash=definition.hash,
            name=definition.name,
            body=canonical_text(definition.document),
            state="retired",
            published_at=uow.now,
            published_by=uow.actor.id,
        )
        uow.session.add(version)
        uow.record("tests.keep_old", Subject("definition", version.id))
    return f"{definition.key}/v/1"


@pytest.fixture
def charts(house: House) -> Iterator[ChartSite]:
    """Serve ACME with an administrator, two runs at an approval, and several workflows."""
    house.member("ana@acme.example", "administrator")
    house.member("lea@acme.example", "buyer_lead")
    trade = a_trade(house.runtime)
    order = trade.order("A-1")
    trade.order("A-2", quantity=3)
    example = keep_old(house, the_example())
    recovery = publish_in(house, of_the_house("backorder-recovery", "EUR"))
    task = trade.tasks()[0]
    run = task.run_id
    pages = {
        "workflows": "/t/acme/workflows",
        "workflow": "/t/acme/workflows/buy-what-is-missing",
        "workflow-example": f"/t/acme/workflows/{example}",
        "workflow-recovery": f"/t/acme/workflows/{recovery}",
        "run": f"/t/acme/runs/{run}",
    }
    beside = {"order": f"/t/acme/orders/{order}", "task": f"/t/acme/tasks/{task.id}"}
    with serve(compose_portal(house.runtime, house, Assets.read())) as address:
        yield ChartSite(address, house, trade, f"/t/acme/runs/{run}", pages, beside)


def sign_in(visitor: Visitor, email: str = "ana@acme.example") -> None:
    """Sign in to ACME."""
    page = visitor.open("/t/acme/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/t/acme/tasks")
