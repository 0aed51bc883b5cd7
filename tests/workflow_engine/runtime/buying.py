"""A small department and a definition that buys mugs, for the tests of the durable engine."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from marshmallow import Schema, fields

from kernel.access import Actor, Permission
from kernel.actions import Action, Catalogue, Outside
from kernel.audit import Subject
from kernel.errors import Conflict, NotFound, Unavailable
from kernel.events import Event
from kernel.ids import ActorId, TenantId
from kernel.ports import DirectoryMember
from kernel.settings import Setting
from kernel.uow import UnitOfWork

WRITE = Permission("mugs:write")
BUY_MUGS = Path(__file__).parent / "buy_mugs.flow.json"


@dataclass(frozen=True)
class MugsRunLow(Event):
    """A shelf has fewer mugs than it should."""

    name: ClassVar[str] = "mugs.run_low"

    shelf: str
    quantity: int


@dataclass(frozen=True)
class MugsArrived(Event):
    """Mugs were put on a shelf."""

    name: ClassVar[str] = "mugs.arrived"

    shelf: str
    quantity: int


@dataclass(eq=False)
class PotteryClosed(Conflict):
    """The pottery is closed for good."""

    code: ClassVar[str] = "mugs.pottery_closed"


class Draft(Schema):
    shelf = fields.String(required=True)
    quantity = fields.Integer(required=True, strict=True)


class Drafted(Schema):
    order_id = fields.String(required=True)
    version = fields.Integer(required=True, strict=True)
    digest = fields.String(required=True)
    requester_id = fields.String(required=True)
    quantity = fields.Integer(required=True, strict=True)


class Send(Schema):
    order_id = fields.String(required=True)


class Back(Send):
    what = fields.String(required=True)


class Sent(Schema):
    sent = fields.Boolean(required=True)


class Pottery:
    """Drafts and sends orders; `moods` says how it answers the next sendings."""

    def __init__(self) -> None:
        self.moods: list[str] = []
        self.calls: list[str] = []
        self.undo_moods: list[str] = []
        self.undone: list[str] = []

    def draft(self, uow: UnitOfWork, given: Mapping[str, Any], step_id: str) -> Mapping[str, Any]:
        row = Setting(
            tenant_id=uow.tenant_id,
            scope_id=step_id,
            key="mugs.order",
            value=given["quantity"],
            locked=False,
        )
        uow.session.add(row)
        uow.record("mugs.draft", Subject("mug_order", step_id))
        return {
            "order_id": step_id,
            "version": 1,
            "digest": f"digest-of-{given['quantity']}",
            "requester_id": str(uow.actor.on_behalf_of),
            "quantity": given["quantity"],
        }

    def send(self, uow: UnitOfWork, given: Mapping[str, Any], step_id: str) -> Mapping[str, Any]:
        self.calls.append(step_id)
        row = uow.session.get_one(Setting, (uow.tenant_id, given["order_id"], "mugs.order"))
        row.locked = True
        uow.record("mugs.send", Subject("mug_order", row.scope_id))
        mood = self.moods.pop(0) if self.moods else "open"
        if mood == "busy":
            raise Unavailable
        if mood == "closed":
            raise PotteryClosed
        if mood == "broken":
            raise RuntimeError("the kiln exploded")
        return {"sent": True}

    def take_back(
        self, uow: UnitOfWork, given: Mapping[str, Any], step_id: str
    ) -> Mapping[str, Any]:
        """Undo a draft or a sending; `undo_moods` says how."""
        mood = self.undo_moods.pop(0) if self.undo_moods else "open"
        if mood == "closed":
            raise PotteryClosed
        self.undone.append(given["what"])
        row = uow.session.get_one(Setting, (uow.tenant_id, given["order_id"], "mugs.order"))
        row.locked = given["what"] == "draft"
        uow.record("mugs.take_back", Subject("mug_order", row.scope_id))
        return {"sent": False}

    def note(self, uow: UnitOfWork, answer: Mapping[str, Any], step_id: str) -> Mapping[str, Any]:
        """Take in that somebody outside has sent the order."""
        row = uow.session.get_one(Setting, (uow.tenant_id, answer["order_id"], "mugs.order"))
        row.locked = True
        uow.record("mugs.sent", Subject("mug_order", row.scope_id))
        return {"sent": True}


def catalogue_of(
    pottery: Pottery, *, send_effect: str = "local", outside: Outside | None = None
) -> Catalogue:
    """Return the department's actions; sending may be left to a worker, or to somebody outside."""
    return Catalogue(
        [
            Action("mugs.draft", "Draft an order", WRITE, "local", Draft, Drafted, pottery.draft),
            Action("mugs.undo", "Undo", WRITE, "local", Back, Sent, pottery.take_back),
            Action("mugs.undo_later", "Undo", WRITE, "idempotent", Back, Sent, pottery.take_back),
            Action(
                "mugs.send",
                "Send an order",
                WRITE,
                send_effect,  # type: ignore[arg-type] # One of the four classes.
                Send,
                Sent,
                pottery.send if outside is None else pottery.note,
                outside=outside,
            ),
        ]
    )


PEOPLE = {
    "mem_ana": DirectoryMember(ActorId("mem_ana"), "Ana", frozenset({"buyer"})),
    "mem_bob": DirectoryMember(ActorId("mem_bob"), "Bob", frozenset({"buyer_lead"})),
    "mem_cleo": DirectoryMember(
        ActorId("mem_cleo"), "Cleo", frozenset({"buyer_lead", "finance"}), ActorId("mem_bob")
    ),
}


class PeopleOfTheShop:
    """The directory of the tests."""

    def tenant_of(self, slug: str) -> TenantId:
        return TenantId(f"ten_{slug}")

    def actor(self, uow: UnitOfWork, actor_id: ActorId) -> Actor:
        if actor_id not in PEOPLE:
            raise NotFound("member", actor_id)
        return member(actor_id)

    def members(self, uow: UnitOfWork) -> Sequence[DirectoryMember]:
        return tuple(PEOPLE.values())

    def members_with_role(self, uow: UnitOfWork, role: str) -> Sequence[ActorId]:
        return [each.id for each in PEOPLE.values() if role in each.roles]

    def manager_of(self, uow: UnitOfWork, member_id: ActorId) -> ActorId | None:
        return PEOPLE[member_id].manager_id

    def name_of(self, uow: UnitOfWork, actor_id: ActorId) -> str:
        return PEOPLE[actor_id].name if actor_id in PEOPLE else actor_id


def member(name: str, *more: str) -> Actor:
    """Return a member of the shop who may vote, publish and read, and whatever is named."""
    found = PEOPLE[name]
    granted = ("tasks:vote", "tasks:read", "workflows:write", *more)
    return Actor(
        found.id, "member", found.name, frozenset(map(Permission, granted)), roles=found.roles
    )


def definition(**changes: Any) -> dict[str, Any]:
    """Return the definition: draft, have it approved above ten mugs, send, wait for arrival."""
    document: dict[str, Any] = json.loads(BUY_MUGS.read_text())
    return {**document, **changes}


def undoable(action: str = "mugs.undo", **changes: Any) -> dict[str, Any]:
    """Return the definition with steps that can be undone, first the sending, then the draft."""
    document = definition(**changes)
    for state in document["states"]:
        if state["id"] in ("drafting", "sending"):
            step = state["invoke"]
            order = "result.order_id" if step["id"] == "draft" else "context.order.order_id"
            step["compensate"] = {
                "action": action,
                "input": [
                    {"id": "order_id", "value": order},
                    {"id": "what", "value": f"'{step['id']}'"},
                ],
            }
    return document
