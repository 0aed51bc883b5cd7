"""Runs in the portal: listed, narrowed, tried again and cancelled, each tenant's own."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from kernel.access import operator_actor
from kernel.audit import AuditEntry, Subject
from kernel.runtime import Runtime
from tests.builder_ui.portal.conftest import Walker, words
from tests.builder_ui.portal.trading import Trade, a_trade
from tests.conftest import ACME, GLOBEX
from tests.tenants.conftest import House
from workflow_engine.runtime.runs import stop_with_incident
from workflow_engine.runtime.tables import Run, RunStep

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


def the_run(trade: Trade) -> Run:
    with trade.runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        return uow.session.scalars(select(Run)).one()


def stop(trade: Trade) -> str:
    """Let the only run be an incident, as one that broke too often."""
    with trade.runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        run = uow.session.scalars(select(Run)).one()
        stop_with_incident(uow, run, "run.cannot_go_on", "the kiln exploded")
        return run.id


def reasons(trade: Trade, action: str) -> list[str | None]:
    with trade.runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        recorded = select(AuditEntry.body).where(AuditEntry.action == action)
        return [json.loads(body)["reason"] for body in uow.session.scalars(recorded)]


def test_a_run_is_cancelled_with_a_reason(trade: Trade, ana: Walker) -> None:
    trade.order("A-1")
    path = f"runs/{the_run(trade).id}"

    without = ana.send(f"{path}/cancellation", cancel_reason="  ")
    done = ana.send(f"{path}/cancellation", cancel_reason="Carla changed her mind.")
    again = ana.send(f"{path}/cancellation", cancel_reason="Really.")

    assert without.status_code == 422
    assert "Write in a sentence why" in words(without)
    assert done.status_code == 303
    assert "The run was cancelled." in words(ana.open(done.headers["Location"]))
    assert the_run(trade).state in ("undoing", "finished")
    assert reasons(trade, "run.cancel") == ["Carla changed her mind."]
    assert again.status_code == 409
    assert "This run has ended, or is being cancelled." in words(again)


def test_a_run_that_stopped_is_tried_again_with_a_reason(trade: Trade, ana: Walker) -> None:
    trade.order("A-1")
    path = f"runs/{stop(trade)}"
    stopped = ana.open(path)

    without = ana.send(f"{path}/retry")
    done = ana.send(f"{path}/retry", retry_reason="There is a new kiln.")
    again = ana.send(f"{path}/retry", retry_reason="And again.")

    assert "The run stopped and needs a person: run.cannot_go_on" in words(stopped)
    assert without.status_code == 422
    assert "Write in a sentence why" in words(without)
    assert done.status_code == 303
    assert "The run goes on." in words(ana.open(done.headers["Location"]))
    assert the_run(trade).state == "active"
    assert reasons(trade, "run.retry") == ["There is a new kiln."]
    assert again.status_code == 409
    assert "there is nothing to try again" in words(again)


def test_whether_a_doubtful_step_happened_must_be_said(trade: Trade, ana: Walker) -> None:
    trade.order("A-1")
    run_id = stop(trade)
    with trade.runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        step = uow.session.scalars(select(RunStep)).first()
        assert step is not None
        step.state = "doubtful"
        uow.record("tests.doubt", Subject("step", step.id))
    path = f"runs/{run_id}"

    asked = words(ana.open(path))
    silent = ana.send(f"{path}/retry", retry_reason="I looked.")
    garbled = ana.send(f"{path}/retry", retry_reason="I looked.", happened="yes", answer="[]")
    done = ana.send(f"{path}/retry", retry_reason="I looked.", happened="no")

    assert "Did it happen?" in asked
    assert (silent.status_code, garbled.status_code, done.status_code) == (422, 422, 303)
    assert "happen?" in words(silent)
    assert "Enter a JSON object" in words(garbled)


def test_who_may_not_mend_runs_sees_no_button_and_is_refused(
    trade: Trade, house: House, walker: Come
) -> None:
    trade.order("A-1")
    path = f"runs/{stop(trade)}"
    house.member("ada@acme.example", "auditor")
    ada = walker("ada@acme.example")

    page = words(ada.open(path))
    refused = ada.send(f"{path}/cancellation", cancel_reason="I want to.")

    assert "Whoever may resolve exceptions (exceptions:write) can try it again" in page
    assert "Cancel the run" not in page
    assert refused.status_code == 403
    assert "exceptions:write" in words(refused)
    assert the_run(trade).state == "incident"
