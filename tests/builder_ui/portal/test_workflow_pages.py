"""Workflows in the portal: listed, with who stands where, laid out once, every tenant's own."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from builder_ui.portal.chart_views import chart_in
from kernel.access import operator_actor
from kernel.audit import AuditEntry
from kernel.runtime import Runtime
from tests.builder_ui.portal.conftest import OURS, Walker, words
from tests.builder_ui.portal.trading import Trade, a_trade
from tests.conftest import ACME, GLOBEX
from tests.tenants.conftest import House
from tests.workflow_engine.charts.charting import a_layout
from workflow_engine.charts.document import Chart
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish
from workflow_engine.runtime.tables import DefinitionVersion

Come = Callable[..., Walker]
KEY = "buy-what-is-missing"
BROWSER = OURS | {"Content-Type": "application/json"}


@pytest.fixture
def trade(runtime: Runtime) -> Trade:
    return a_trade(runtime)


@pytest.fixture
def ana(house: House, walker: Come) -> Walker:
    house.member("ana@acme.example", "administrator")
    return walker("ana@acme.example")


def props(answer: TestResponse) -> dict[str, Any]:
    found = re.search(r'id="chart-props">(.*?)</script>', answer.text, re.DOTALL)
    assert found is not None
    block: dict[str, Any] = json.loads(found[1])
    return block


def the_chart(runtime: Runtime) -> Chart:
    with runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        return chart_in(uow, uow.session.scalars(select(DefinitionVersion)).one())


def send_layout(walker: Walker, body: object, **more: str) -> TestResponse:
    address = walker.address(f"workflows/{KEY}/v/1/layout")
    return walker.client.post(address, data=json.dumps(body), headers=BROWSER | more)


def test_without_workflows_the_list_says_so(ana: Walker) -> None:
    assert "No workflows yet" in words(ana.open("workflows"))


def test_workflows_are_listed_with_their_open_runs(trade: Trade, ana: Walker) -> None:
    trade.order("A-1")

    said = words(ana.open("workflows"))
    assert "Buy what is missing buy-what-is-missing 1 Published" in said
    assert "1 workflow on this page" in said
    assert "1 workflow on this page" in words(ana.open("workflows?q=MISSING"))
    assert "No workflows match" in words(ana.open("workflows?q=elephants"))


def test_the_page_of_a_workflow_says_who_stands_where(trade: Trade, ana: Walker) -> None:
    """B10: the outline, the data block and the answer to asking again say the same."""
    trade.order("A-1")
    trade.order("A-2", quantity=3)

    page = ana.open(f"workflows/{KEY}")
    again = json.loads(ana.open(f"workflows/{KEY}/v/1/standing").text)

    assert "Waiting for an approval 2 runs, just now" in words(page)
    assert again["standing"] == props(page)["standing"]
    (here,) = again["standing"]
    assert (here["state"], here["runs"]) == ("approving", 2)
    listed = words(ana.open(here["href"]))
    assert "2 runs on this page" in listed
    assert "Standing at Waiting for an approval" in listed
    assert "2 runs on this page" not in words(ana.open(here["href"].replace("approving", "served")))


def test_an_old_version_is_shown_beside_the_new_one(trade: Trade, ana: Walker) -> None:
    trade.order("A-1")
    with trade.runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        old = uow.session.scalars(select(DefinitionVersion)).one()
        body = json.loads(old.body) | {"name": "Buy what is missing, soon"}
        publish(uow, engine_of(uow), body)

    newest, older = ana.open(f"workflows/{KEY}"), ana.open(f"workflows/{KEY}/v/1")

    assert "Buy what is missing, soon Published" in words(newest)
    assert props(newest)["standing"] == []
    assert "Buy what is missing Retired" in words(older)
    assert [each["state"] for each in props(older)["standing"]] == ["approving"]


@pytest.mark.parametrize("path", [f"{KEY}/v/2", f"{KEY}/v/x", f"{KEY}/v/-1", "none", "none/v/1"])
def test_a_version_that_is_not_there_is_not_found(trade: Trade, ana: Walker, path: str) -> None:
    assert ana.open(f"workflows/{path}").status_code == 404


def test_a_layout_is_kept_once_and_audited(trade: Trade, ana: Walker) -> None:
    chart = the_chart(trade.runtime)
    body = {"drawn_for": chart.fingerprint(), "layout": a_layout(chart)}
    before = props(ana.open(f"workflows/{KEY}"))

    answers = [json.loads(send_layout(ana, body).text) for _ in range(2)]

    after = props(ana.open(f"workflows/{KEY}"))
    assert answers == [{"kept": True}, {"kept": False}]
    assert (before["layout"], before["drawn_for"]) == (None, chart.fingerprint())
    assert (after["layout"], after["keep_href"]) == (a_layout(chart), None)
    with trade.runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        recorded = select(func.count()).where(AuditEntry.action == "workflow.lay_out")
        assert uow.session.scalar(recorded) == 1


def test_a_layout_that_cannot_be_believed_is_refused(trade: Trade, ana: Walker) -> None:
    chart = the_chart(trade.runtime)
    whole = {"drawn_for": chart.fingerprint(), "layout": a_layout(chart)}
    address = ana.address(f"workflows/{KEY}/v/1/layout")

    refused = {
        "of another chart": send_layout(ana, whole | {"drawn_for": "x"}).status_code,
        "of nothing": send_layout(ana, whole | {"layout": {"nodes": []}}).status_code,
        "a list": send_layout(ana, [whole]).status_code,
        "no JSON": ana.client.post(address, data=b"\xff{", headers=BROWSER).status_code,
        "endless": ana.client.post(address, data=b"[" * 100_000, headers=BROWSER).status_code,
        "from elsewhere": send_layout(ana, whole, **{"Sec-Fetch-Site": "cross-site"}).status_code,
    }

    assert refused == {
        "of another chart": 422, "of nothing": 422, "a list": 400, "no JSON": 400,
        "endless": 400, "from elsewhere": 403,
    }  # fmt: skip
    assert props(ana.open(f"workflows/{KEY}"))["layout"] is None


def test_who_may_only_look_is_not_asked_to_keep_a_layout(
    trade: Trade, house: House, walker: Come
) -> None:
    house.member("lea@acme.example", "buyer_lead")
    lea = walker("lea@acme.example")

    assert props(lea.open(f"workflows/{KEY}"))["keep_href"] is None
    assert send_layout(lea, {}).status_code == 403


def test_another_tenant_sees_no_workflow_and_keeps_no_layout(
    trade: Trade, house: House, walker: Come
) -> None:
    """TEN-05."""
    trade.order("A-1")
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)
    gus = walker("gus@globex.example", "globex")
    chart = the_chart(trade.runtime)
    with trade.runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        definition = uow.session.scalars(select(DefinitionVersion.id)).one()

    body = {"drawn_for": chart.fingerprint(), "layout": a_layout(chart)}
    assert send_layout(gus, body).status_code == 404
    assert "No workflows yet" in words(gus.open("workflows"))
    assert gus.open(f"workflows/{KEY}").status_code == 404
    listed = words(gus.open(f"runs?definition={definition}&at=approving"))
    assert "No runs match" in listed
    assert "Waiting for an approval" not in listed
