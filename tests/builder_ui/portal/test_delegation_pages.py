"""Work is handed on in the portal: by dates, or one task; and everybody sees on whose behalf."""

import json
import re
from collections.abc import Callable

import pytest

from kernel.access import Actor
from tenants.notifications import reading
from tests.builder_ui.portal.conftest import Walker, words
from tests.builder_ui.portal.test_work_pages import digest_on
from tests.builder_ui.portal.trading import FLOW, Trade, a_trade
from tests.conftest import ACME, GLOBEX
from tests.tenants.conftest import House
from workflow_engine.runtime.delegation_queries import delegations
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish

Come = Callable[..., Walker]


@pytest.fixture
def trade(house: House) -> Trade:
    """ACME, where Lea approves what is bought and Sam, of finance, is asked nothing himself."""
    house.member("lea@acme.example", "buyer_lead")
    house.member("sam@acme.example", "finance_approver")
    house.member("nora@acme.example")
    return a_trade(house.runtime)


def member_id(house: House, name: str) -> str:
    with house.open() as uow:
        directory = uow.ports.directory
        assert directory is not None
        return next(str(each.id) for each in directory.members(uow) if each.name == name)


def test_a_task_is_handed_on_answered_for_its_principal_and_told(
    house: House, trade: Trade, walker: Come
) -> None:
    trade.order()
    (task,) = trade.tasks()
    lea, sam = walker("lea@acme.example"), walker("sam@acme.example")
    assert "Nothing waits for you" in words(sam.open("tasks"))
    asked = words(lea.open(f"tasks/{task.id}/handing"))
    assert "Choose a person Sam" in asked
    assert "Nora This person's roles do not include deciding (tasks:vote)." in asked

    answer = lea.send(
        f"tasks/{task.id}/handing",
        to_id=member_id(house, "Sam"), ends_at=end_of_week(house), reason="I am on the train.",
    )  # fmt: skip
    house.runtime.drain_all()

    assert answer.status_code == 303
    told = words(lea.open(f"tasks/{task.id}?told=handed"))
    assert "It is handed on. You are told what is decided for you." in told
    assert "Sam may answer for Lea until" in told
    assert "I am on the train." in told
    assert "handed on to Sam" in words(lea.open("tasks"))
    for view in ("tasks", "tasks?view=delegated"):
        assert "for Lea" in words(sam.open(view))
    shown = sam.open(f"tasks/{task.id}")
    assert "You answer for Lea. Both of you are named with the answer." in words(shown)
    assert "Sam may answer for Lea" in words(sam.open("notifications"))

    sam.send(f"tasks/{task.id}/approval", digest=digest_on(shown.text))
    house.runtime.drain_all()

    assert re.search(r"Sam for Lea approved", words(lea.open(f"tasks/{task.id}")))
    assert "Sam for Lea" in words(lea.open(f"runs/{task.run_id}"))
    assert "Sam for Lea approved" in words(lea.open(f"purchasing/{task.subject_id}"))
    assert "Sam approved for you: Approve purchase order" in words(lea.open("notifications"))
    assert "Nothing waits for you on behalf of others" in words(sam.open("tasks?view=delegated"))


def end_of_week(house: House) -> str:
    with house.open() as uow:
        return uow.now.replace(month=12, day=30).date().isoformat()


def test_what_may_not_be_handed_on_is_refused_in_words(
    house: House, trade: Trade, walker: Come
) -> None:
    flow = json.loads(FLOW.read_text())
    for state in flow["states"]:
        if state["id"] == "approving":
            state["invoke"]["delegation"] = {"allowed": False}
    with trade.shop.merchant.work() as uow:
        publish(uow, engine_of(uow), flow)
    trade.order()
    (task,) = trade.tasks()
    lea = walker("lea@acme.example")

    told = words(lea.open(f"tasks/{task.id}/handing"))
    answer = lea.send(
        f"tasks/{task.id}/handing", to_id=member_id(house, "Sam"), ends_at=end_of_week(house)
    )

    sentence = "You cannot hand this one on. The workflow does not let this approval be handed on."
    assert sentence in told
    assert answer.status_code == 409
    assert sentence in words(answer)


def test_wrong_input_is_named_beside_its_field(house: House, trade: Trade, walker: Come) -> None:
    trade.order()
    (task,) = trade.tasks()
    lea, nora = walker("lea@acme.example"), member_id(house, "Nora")

    no_day = lea.send(f"tasks/{task.id}/handing", to_id=nora, ends_at="soon")
    nobody = lea.send(f"tasks/{task.id}/handing", to_id=nora, ends_at=end_of_week(house))
    over = lea.send("me/delegations", to_id=member_id(house, "Sam"), ends_at="2001-01-01")
    oneself = lea.send(
        "me/delegations", to_id=member_id(house, "Lea"), ends_at=end_of_week(house), starts_at="x"
    )

    assert "Enter the last day on which it holds." in words(no_day)
    assert "Choose somebody whose roles include deciding (tasks:vote)." in words(nobody)
    assert "Choose an end that is to come, and after the beginning." in words(over)
    assert "Enter a day, or leave it empty to begin at once." in words(oneself)
    assert {each.status_code for each in (no_day, nobody, over, oneself)} == {422}


def test_out_of_office_is_kept_listed_and_ended(house: House, trade: Trade, walker: Come) -> None:
    lea, sam = walker("lea@acme.example"), walker("sam@acme.example")
    assert "Nobody answers for you, and you for nobody" in words(lea.open("me/delegations"))
    wish = {
        "to_id": member_id(house, "Sam"), "ends_at": end_of_week(house), "kind": "absence",
        "reason": "Holidays.",
    }  # fmt: skip

    assert lea.send("me/delegations", **wish).status_code == 303
    again = lea.send("me/delegations", **wish)
    trade.order()

    assert "This person stands in already" in words(again)
    for who in (lea, sam):
        assert "Sam for Lea Holds now Holidays. Out of office" in words(who.open("me/delegations"))
    assert "for Lea" in words(sam.open("tasks"))
    assert "asked" in {kind for kind, _ in told(house, "sam")}

    path = re.search(r"me/delegations/(dlg_\w+)/end", sam.open("me/delegations").text)
    assert path is not None
    assert sam.send(path[0], version="1").status_code == 303

    assert "Sam for Lea Ended" in words(lea.open("me/delegations"))
    assert "Nothing waits for you" in words(sam.open("tasks"))


def told(house: House, name: str) -> list[tuple[str, str]]:
    who = actor(house, name)
    with house.open(ACME, who) as uow:
        return [(row.kind, row.subject_id) for row in reading.newest(uow, after=None, limit=50)]


def actor(house: House, name: str) -> Actor:
    with house.open() as uow:
        directory = uow.ports.directory
        assert directory is not None
        found = next(each for each in directory.members(uow) if each.name.lower() == name)
        return directory.actor(uow, found.id)


def test_an_administrator_lets_somebody_answer_for_an_absent_member(
    house: House, trade: Trade, walker: Come
) -> None:
    house.member("ada@acme.example", "administrator")
    ada = walker("ada@acme.example")

    ada.send(
        "me/delegations",
        of_id=member_id(house, "Lea"), to_id=member_id(house, "Sam"), ends_at=end_of_week(house),
    )  # fmt: skip

    assert "Of other members" in words(ada.open("me/delegations"))
    assert "Sam for Lea" in words(walker("lea@acme.example").open("me/delegations"))
    refused = walker("sam@acme.example").send(
        "me/delegations",
        of_id=member_id(house, "Lea"), to_id=member_id(house, "Sam"), ends_at=end_of_week(house),
    )  # fmt: skip
    assert refused.status_code == 403


def test_another_tenant_sees_nothing_of_it(house: House, trade: Trade, walker: Come) -> None:
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)
    lea, gus = walker("lea@acme.example"), walker("gus@globex.example", "globex")
    lea.send("me/delegations", to_id=member_id(house, "Sam"), ends_at=end_of_week(house))
    with house.open() as uow:
        (row,) = delegations(uow)

    assert "Lea" not in gus.open("me/delegations").text
    assert gus.send(f"me/delegations/{row.id}/end").status_code == 404
