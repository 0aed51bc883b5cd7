"""Whichever way a vote comes in: nobody approves their own order, counts twice, or buys unseen."""

import json
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from api.face import api_face, install_api
from api.oauth.endpoints import oauth, oauth_face
from api.resources import RESOURCES
from builder_ui.portal.composition import install_portal
from builder_ui.portal.face import portal_face
from builder_ui.shell.assets import Assets
from builder_ui.shell.rendering import install_shell
from commerce.procurement.tables import PurchaseOrder, PurchaseOrderLine
from kernel.access import Actor, Permission
from kernel.audit import AuditEntry, Subject
from kernel.canonical import read_json
from kernel.errors import Refusal
from kernel.runtime import Runtime
from tests.api.conftest import ApiClient, ask_token, register
from tests.builder_ui.portal.conftest import SOURCES, Walker
from tests.builder_ui.portal.trading import FLOW, Trade, a_trade
from tests.conftest import ACME
from tests.tenants.conftest import House
from web.access import check_every_view
from web.application import new_application
from web.headers import install_headers
from web.json_provider import install_json
from workflow_engine.approvals import Vote, decide, read_approval
from workflow_engine.runtime.candidates import people
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish
from workflow_engine.runtime.task_tables import Task, TaskVote
from workflow_engine.runtime.voting import Decision, vote

MOVES = 60
LEADS = ("lea", "lou", "liv")


@pytest.fixture
def app(runtime: Runtime, house: House, tmp_path: Path) -> Flask:
    """Portal and API together, as the front door has them."""
    assets = Assets(tmp_path, {f"src/{name}": name for name in SOURCES})
    composed = new_application(runtime, [oauth_face(), api_face(), portal_face()])
    install_json(composed)
    install_headers(composed, https=runtime.config.is_https)
    install_shell(composed, assets)
    composed.register_blueprint(oauth)
    install_api(composed, RESOURCES)
    install_portal(composed, runtime.config, hasher=house.hasher)
    check_every_view(composed)
    return composed


@pytest.fixture
def trade(runtime: Runtime) -> Trade:
    """A merchant where two leads other than the requester must approve."""
    trade = a_trade(runtime)
    flow = json.loads(FLOW.read_text())
    for state in flow["states"]:
        if state["id"] == "approving":
            state["invoke"]["stages"][0]["quorum"] = {"approve": 2, "reject": 2}
    with trade.shop.merchant.work() as uow:
        publish(uow, engine_of(uow), flow)
    return trade


@dataclass
class Throng:
    """The people of a purchasing room, and the ways by which they come in."""

    trade: Trade
    people: dict[str, Actor]
    walkers: dict[str, Walker]
    machine: ApiClient

    def by_verb(self, name: str, task: Task, decision: Decision) -> None:
        with (
            suppress(Refusal),
            self.trade.runtime.unit_of_work(ACME, self.people[name]) as uow,
        ):
            vote(uow, engine_of(uow), task.id, decision)

    def by_portal(self, name: str, task: Task, decision: Decision) -> None:
        verb = "approval" if decision.answer == "approve" else "rejection"
        form = {"digest": decision.digest or "", "reason": decision.reason or ""}
        answer = self.walkers[name].send(f"tasks/{task.id}/{verb}", **form)
        assert answer.status_code < 500

    def by_api(self, name: str, task: Task, decision: Decision) -> None:
        """A machine votes, whoever it says it is: it is nobody's candidate."""
        body = {"decision": decision.answer, "reason": decision.reason, "digest": decision.digest}
        sent = {key: value for key, value in body.items() if value is not None}
        answer = self.machine.send(
            "POST", f"/api/tasks/{task.id}/votes", sent, Idempotency_Key=f"{name}-{task.id}"
        )
        assert 400 <= answer.status_code < 500


@pytest.fixture
def throng(
    trade: Trade, house: House, app: Flask, walker: Callable[..., Walker], runtime: Runtime
) -> Throng:
    people = {name: house.member(f"{name}@acme.example", "buyer_lead") for name in LEADS}
    people["bo"] = house.member("bo@acme.example", "buyer")
    secret = register(runtime, ACME, "tasks:vote", "tasks:read")
    token = json.loads(ask_token(app, "acme", secret).text)["access_token"]
    walkers = {name: walker(f"{name}@acme.example") for name in people}
    return Throng(trade, people, walkers, ApiClient(app.test_client(), secret, token))


@pytest.mark.parametrize("seed", [1, 2])
def test_no_way_in_bends_the_rules(trade: Trade, throng: Throng, seed: int) -> None:
    """AUD-15, REL-11: the requester is one of those who might approve; orders change meanwhile."""
    dice = random.Random(seed)
    asked: dict[str, str] = {}
    for number in range(3):
        requester = dice.choice(LEADS)
        asker = throng.people[requester]
        asker = replace(asker, permissions=asker.permissions | {Permission("orders:write")})
        trade.order(f"A-{number}", quantity=6 + number, actor=asker)
        (new,) = {task.id for task in trade.tasks()} - asked.keys()
        asked[new] = asker.id
    changed = {change_the_order_of(trade, trade.tasks()[0])}

    for _ in range(MOVES):
        tasks = trade.tasks()
        if not tasks:
            break
        task = dice.choice(tasks)
        way = dice.choice([throng.by_verb, throng.by_portal, throng.by_api])
        answer = Decision(
            dice.choice(["approve", "approve", "approve", "reject"]),
            "Because.",
            dice.choice([task.digest, task.digest, None, "", "old"]),
        )
        way(dice.choice([*LEADS, "bo"]), task, answer)
        trade.runtime.drain_all()
        judge(trade, asked, changed)
    assert trade.tasks("done"), "somebody got something decided"


def change_the_order_of(trade: Trade, task: Task) -> str:
    """The content changes after people were asked, as an amendment would change it."""
    with trade.shop.merchant.work() as uow:
        lines = uow.session.scalars(select(PurchaseOrderLine).filter_by(order_id=task.subject_id))
        for line in lines:
            line.quantity += 6
        uow.record("tests.change", Subject("purchase_order", task.subject_id))
    return task.subject_id


def judge(trade: Trade, asked: Mapping[str, str], changed: set[str]) -> None:
    with trade.shop.merchant.work() as uow:
        votes = uow.session.scalars(select(TaskVote)).all()
        tasks = {task.id: task for task in uow.session.scalars(select(Task))}
        orders = {str(order.id): order for order in uow.session.scalars(select(PurchaseOrder))}
        entries = uow.session.scalars(select(AuditEntry).filter_by(action="task.vote")).all()
        who = people(uow)
    for cast in votes:
        assert cast.voter_id != asked[cast.task_id], "the requester has voted"
        assert cast.digest == tasks[cast.task_id].digest, "a vote over something else"
    for task in tasks.values():
        for_it = {each.voter_id for each in votes if each.task_id == task.id}
        assert task.outcome != "approved" or len(for_it) >= 2, "one person was enough"
        order = orders[task.subject_id]
        assert order.sent_at is None or task.outcome == "approved", "sent without approval"
        assert order.sent_at is None or order.id not in changed, "sent as nobody approved it"
    for entry in entries:
        # What is kept of each decision suffices to take it again (AUD-15).
        kept = read_json(entry.body)["facts"]
        approval = read_approval(
            kept["approval"]["stages"],
            kept["approval"]["subject"],
            separation=kept["approval"]["separation"],
            delegation=kept["approval"]["delegation"],
        )
        replayed = [Vote(**{**each, "chain": tuple(each["chain"])}) for each in kept["votes"]]
        standing = decide(approval, replayed, who)
        task = tasks[entry.subject_id]
        assert standing.outcome in ("open", task.outcome)
