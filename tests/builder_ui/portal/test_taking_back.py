"""A vote taken back and a comment, by forms alone: no script is needed for either."""

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.builder_ui.portal.conftest import Walker
from tests.builder_ui.portal.trading import FLOW, Trade, a_trade
from tests.tenants.conftest import House
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish

Come = Callable[..., Walker]


@pytest.fixture
def trade(house: House, app: Flask) -> Trade:
    """An approval of ACME's whose votes can be undone."""
    house.member("lea@acme.example", "buyer_lead")
    house.member("lou@acme.example", "buyer_lead")
    trade = a_trade(house.runtime)
    flow = json.loads(FLOW.read_text())
    for state in flow["states"]:
        if state["id"] == "approving":
            state["invoke"]["stages"][0]["undo"] = "PT8S"
    with trade.shop.merchant.work() as uow:
        publish(uow, engine_of(uow), flow)
    trade.order()
    return trade


def test_a_vote_is_taken_back_by_the_form_of_the_page(trade: Trade, walker: Come) -> None:
    (task,) = trade.tasks()
    lea, lou = walker("lea@acme.example"), walker("lou@acme.example")

    voted = lea.send(f"tasks/{task.id}/approval", digest=task.digest or "")
    offer = lea.open(voted.headers["Location"].partition("/t/acme/")[2])
    assert f"/t/acme/tasks/{task.id}/vote-withdrawal" in offer.text
    assert "It counts at" in lea.open(f"tasks/{task.id}").text
    assert "/vote-withdrawal" not in lou.open(f"tasks/{task.id}").text
    assert "already decides this stage" in lou.open(f"tasks/{task.id}").text
    assert lou.send(f"tasks/{task.id}/vote-withdrawal").status_code == 409
    done = lea.send(f"tasks/{task.id}/vote-withdrawal")

    assert done.headers["Location"].endswith(f"/t/acme/tasks/{task.id}?told=taken-back")
    assert "Nobody has answered yet." in lea.open(f"tasks/{task.id}").text
    again = lea.send(f"tasks/{task.id}/vote-withdrawal")
    assert (again.status_code, "no vote here" in again.text) == (409, True)


def test_a_comment_is_shown_escaped_and_once(trade: Trade, walker: Come) -> None:
    (task,) = trade.tasks()
    lea = walker("lea@acme.example")
    found = re.search(r'name="form_key" value="(frm_\w+)"', lea.open(f"tasks/{task.id}").text)
    assert found is not None

    for _ in range(2):
        lea.send(f"tasks/{task.id}/comments", words="<b>Why?</b>", form_key=found[1])
    page = lea.open(f"tasks/{task.id}").text

    assert page.count("&lt;b&gt;Why?&lt;/b&gt;") == 1
    refused = lea.send(f"tasks/{task.id}/comments", words=" ")
    assert (refused.status_code, "Write what you want to say" in refused.text) == (422, True)
