"""Tasks that nobody answers: reminders, more people, and what the definition decides in the end."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from kernel.audit import AuditEntry
from kernel.canonical import read_json
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.errors import Invalid
from kernel.outbox import OutboxEvent
from kernel.verification import verify
from tests.conftest import ACME, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.buying import definition, member
from tests.workflow_engine.runtime.shop import SHOP, Shop
from workflow_engine.runtime.calendars import put_calendar
from workflow_engine.runtime.errors import DefinitionRejected, DigestMissing, SubjectChanged
from workflow_engine.runtime.voting import Decision, answer, vote

ANA, BOB, CLEO = member("mem_ana"), member("mem_bob"), member("mem_cleo")
OWNER = member("mem_ana", "settings:write")
WEEKDAYS = {"workdays": [1, 2, 3, 4, 5], "from": "09:00", "to": "17:00", "timezone": "UTC"}


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Shop]:
    shop = Shop(config, clock, "local")
    found_tenant(shop.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
    yield shop
    with shop.runtime.unit_of_work(ACME, SHOP, work_class="batch") as uow:
        assert verify(uow, shop.runtime.seal).faults == []
    shop.runtime.close()


def approval_with(**stage: Any) -> dict[str, Any]:
    """The definition, its approval given some deadlines; an error of it ends the run."""
    document = definition()
    for state in document["states"]:
        if state["id"] == "approving":
            state["invoke"]["stages"][0].update(stage)
            state["transitions"].append(
                {"id": "t_failed", "event": "error.invoke.approval", "target": "given_up"}
            )
    return document


def question(**fields: Any) -> dict[str, Any]:
    """The definition, asking a person in place of an approval."""
    document = definition()
    for state in document["states"]:
        if state["id"] == "approving":
            state["invoke"] = {
                "id": "ask", "kind": "human", "title": "Really so many?",
                "candidates": [{"role": "finance"}],
                "form": [{"id": "why", "label": "Why", "type": "string", "required": True}],
                **fields,
            }  # fmt: skip
            state["transitions"] = [
                {"id": "t_yes", "event": "done.invoke.ask", "target": "sending"},
                {"id": "t_no", "event": "error.invoke.ask", "target": "given_up"},
            ]
    return document


def events(shop: Shop, name: str) -> int:
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        return len(uow.session.scalars(select(OutboxEvent).filter_by(name=name)).all())


def test_an_approval_that_nobody_gives_is_decided_when_it_is_due(shop: Shop) -> None:
    """AUD-15: with the whole input of the decision."""
    shop.publish_document(approval_with(due={"delay": "P2D"}, on_expire="reject"))
    shop.run_low("north", 40)

    shop.pass_days(1)
    assert shop.states() == ["approving"]
    shop.pass_days(2)

    assert (shop.run().outcome, shop.task().outcome) == ("given_up", "expired")
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        entry = uow.session.scalars(select(AuditEntry).filter_by(action="task.expire")).one()
    assert {"approval", "votes", "decides"} <= read_json(entry.body)["facts"].keys()


def test_one_that_was_given_in_time_does_not_expire(shop: Shop) -> None:
    shop.publish_document(approval_with(due={"delay": "P2D"}, on_expire="reject"))
    shop.run_low("north", 40)

    shop.vote(BOB, Decision("approve"))
    shop.pass_days(3)

    assert (shop.states(), shop.task().outcome) == (["waiting"], "approved")


def test_people_are_reminded_and_then_others_are_asked(shop: Shop) -> None:
    rung = {"id": "boss", "after": "P1D", "to": {"role": "buyer"}}
    shop.publish_document(
        approval_with(
            due={"delay": "P2D"}, remind_every="P1D", on_expire="escalate", escalate=[rung]
        )
    )
    shop.run_low("north", 40)
    assert shop.tasks_of(ANA) == []

    shop.pass_days(1)
    assert events(shop, "task.reminded") == 1
    shop.pass_days(3)

    assert (events(shop, "task.escalated"), shop.task().escalated) == (1, [["lead", "boss"]])
    assert len(shop.tasks_of(ANA)) == 1
    assert shop.states() == ["approving"]


def test_a_question_that_nobody_answers_fails(shop: Shop) -> None:
    shop.publish_document(question(due={"delay": "P1D"}, on_expire="fault"))
    shop.run_low("north", 40)

    shop.pass_days(1)

    assert (shop.run().outcome, shop.task().outcome) == ("given_up", "expired")


def test_a_question_is_answered_with_its_form(shop: Shop) -> None:
    shop.publish_document(question())
    shop.run_low("north", 40)
    task_id = shop.task().id

    with pytest.raises(Invalid), shop.runtime.unit_of_work(ACME, CLEO) as uow:
        answer(uow, shop.engine, task_id, {})
    with shop.runtime.unit_of_work(ACME, CLEO) as uow:
        answer(uow, shop.engine, task_id, {"why": "A fair."})

    assert (shop.states(), shop.task().answer) == (["waiting"], {"why": "A fair."})


def test_a_due_time_counts_on_the_tenants_calendar(shop: Shop) -> None:
    """Monday is a holiday, and Tuesday to Thursday are three days' work."""
    with shop.runtime.unit_of_work(ACME, OWNER) as uow:
        put_calendar(uow, "tenant.business", {**WEEKDAYS, "holidays": ["2026-03-02"]})
    shop.publish_document(
        approval_with(due={"delay": "P2D", "calendar": "tenant.business"}, on_expire="reject")
    )

    shop.run_low("north", 40)

    assert shop.task().due_at == datetime(2026, 3, 5, 9, tzinfo=UTC)


def test_a_calendar_that_is_not_there_is_found_before_publishing(shop: Shop) -> None:
    document = approval_with(due={"delay": "P2D", "calendar": "moon"}, on_expire="reject")

    with pytest.raises(DefinitionRejected) as refusal:
        shop.publish_document(document)

    (fault,) = refusal.value.errors
    assert (fault.code, fault.pointer.endswith("/due/calendar")) == ("calendar.unknown", True)


@pytest.mark.parametrize(
    "document",
    [
        {**WEEKDAYS, "timezone": "Mars/Olympus"},
        {**WEEKDAYS, "workdays": []},
        {**WEEKDAYS, "from": "17:00", "to": "09:00"},
        {**WEEKDAYS, "holidays": ["soon"]},
        {**WEEKDAYS, "siesta": "13:00"},
    ],
)
def test_what_is_no_calendar_is_refused(shop: Shop, document: dict[str, Any]) -> None:
    with pytest.raises(Invalid), shop.runtime.unit_of_work(ACME, OWNER) as uow:
        put_calendar(uow, "tenant.business", document)


@pytest.mark.parametrize(("digest", "refusal"), [(None, DigestMissing), ("old", SubjectChanged)])
def test_who_does_not_say_what_they_saw_decides_nothing(
    shop: Shop, digest: str | None, refusal: type[Exception]
) -> None:
    shop.publish()
    shop.run_low("north", 40)

    with pytest.raises(refusal), shop.runtime.unit_of_work(ACME, BOB) as uow:
        vote(uow, shop.engine, shop.task().id, Decision("approve", None, digest))

    assert shop.states() == ["approving"]
