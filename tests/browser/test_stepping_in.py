"""Where a run stands still, people step in: by keyboard, with a reason, on its own page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from builder_ui.shell.assets import Assets
from kernel.access import operator_actor
from tests.browser.accessibility import violations
from tests.browser.chart_geometry import await_chart
from tests.browser.chart_site import ChartSite, sign_in
from tests.browser.chart_site import charts as charts
from tests.browser.chart_site import house as house
from tests.browser.chart_site import runtime as runtime
from tests.browser.layout import overflowing, small_targets
from tests.browser.merchant_site import tab_to
from tests.browser.serving import serve
from tests.browser.visiting import PHONE, Visitor
from tests.builder_ui.portal.asking import a_questioner
from tests.builder_ui.portal.conftest import compose_portal
from tests.conftest import ACME
from tests.tenants.conftest import House
from workflow_engine.runtime.runs import stop_with_incident
from workflow_engine.runtime.tables import Run

Arrive = Callable[..., Visitor]


def stop(charts: ChartSite) -> None:
    """Let the run of the page be an incident."""
    run_id = charts.run_href.rsplit("/", 1)[1]
    with charts.house.runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        run = uow.session.scalars(select(Run).where(Run.id == run_id)).one()
        stop_with_incident(uow, run, "run.cannot_go_on", "the kiln exploded")


def test_a_run_that_stopped_is_tried_again_and_cancelled_by_keyboard(
    arrive: Arrive, charts: ChartSite
) -> None:
    stop(charts)
    visitor = arrive(charts.address)
    sign_in(visitor)
    page, keys = visitor.open(charts.run_href), visitor.page.keyboard
    await_chart(page)
    expect(page.locator(".state-here")).to_have_text("Stopped here")
    visitor.screenshot("run-stopped")
    assert violations(page) == []

    tab_to(page, "Try again")
    keys.press("Enter")
    dialog = page.get_by_role("dialog", name="Try the run again")
    dialog.get_by_label("Reason").focus()
    visitor.watch.expected_statuses.add(422)
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    visitor.screenshot("run-retry-without-reason")
    assert violations(page) == []
    keys.type("There is a new kiln.")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_text("The run goes on.")).to_be_visible()
    await_chart(page)
    expect(page.locator(".state-here")).to_have_text("Here")

    tab_to(page, "Cancel the run")
    keys.press("Enter")
    page.get_by_role("dialog", name="Cancel the run").get_by_label("Reason").focus()
    keys.type("Carla changed her mind.")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_text("The run was cancelled.")).to_be_visible()
    await_chart(page)
    expect(page.locator(".state-here")).to_have_text("Ended here")
    assert violations(page) == []
    visitor.screenshot("run-cancelled")


@dataclass(frozen=True)
class Asking:
    """The served portal of a merchant whose run asks a question."""

    address: str
    task_href: str


@pytest.fixture
def asking(house: House) -> Iterator[Asking]:
    """Serve ACME with somebody at customer service and a line that must wait."""
    house.member("carl@acme.example", "customer_service")
    trade = a_questioner(house.runtime)
    trade.order("A-1")
    (task,) = trade.tasks()
    with serve(compose_portal(house.runtime, house, Assets.read())) as address:
        yield Asking(address, f"/t/acme/tasks/{task.id}")


def test_a_question_is_answered_beside_the_list(arrive: Arrive, asking: Asking) -> None:
    visitor = arrive(asking.address)
    sign_in(visitor, "carl@acme.example")
    page = visitor.open(asking.task_href)
    visitor.watch.expected_statuses.add(422)

    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_role("link", name="must be filled in")).to_be_visible()
    visitor.screenshot("question-refused")
    assert violations(page) == []
    page.get_by_label("Try again").check()
    page.get_by_label("Note").fill("Carla waits.")
    page.get_by_role("button", name="Answer").click()

    expect(page.get_by_text("You answered it. Nothing else waits for you.")).to_be_visible()


def test_a_question_fits_a_phone_in_the_dark(arrive: Arrive, asking: Asking) -> None:
    visitor = arrive(asking.address, size=PHONE, scheme="dark")
    sign_in(visitor, "carl@acme.example")
    page = visitor.open(asking.task_href)
    visitor.screenshot("question-phone-dark")

    assert (violations(page), overflowing(page), small_targets(page)) == ([], [], [])
