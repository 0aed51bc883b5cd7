"""A small department and a definition that buys mugs, for the tests of the durable engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import Schema, fields

from kernel.access import Actor, Permission
from kernel.actions import Action, Catalogue
from kernel.audit import Subject
from kernel.errors import Conflict, NotFound, Unavailable
from kernel.events import Event
from kernel.ids import ActorId, TenantId
from kernel.ports import DirectoryMember
from kernel.settings import Setting
from kernel.uow import UnitOfWork

WRITE = Permission("mugs:write")


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


class Sent(Schema):
    sent = fields.Boolean(required=True)


class Pottery:
    """Drafts and sends orders; `moods` says how it answers the next sendings."""

    def __init__(self) -> None:
        self.moods: list[str] = []
        self.calls: list[str] = []

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


def catalogue_of(pottery: Pottery, *, send_effect: str = "local") -> Catalogue:
    """Return the department's actions; sending may be left to a worker."""
    return Catalogue(
        [
            Action("mugs.draft", "Draft an order", WRITE, "local", Draft, Drafted, pottery.draft),
            Action(
                "mugs.send",
                "Send an order",
                WRITE,
                send_effect,  # type: ignore[arg-type] # One of the four classes.
                Send,
                Sent,
                pottery.send,
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


def assign(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"do": "assign", "set": [{"to": to, "value": value} for to, value in pairs]}


def definition(**changes: Any) -> dict[str, Any]:
    """Return the definition: draft, have it approved above ten mugs, send, wait for arrival."""
    fields_of_order = [
        {"id": "order_id", "type": "string"},
        {"id": "version", "type": "int"},
        {"id": "digest", "type": "string"},
        {"id": "requester_id", "type": "string"},
        {"id": "quantity", "type": "int"},
    ]
    return {
        "format": "wareflow.definition/1",
        "key": "buy-mugs",
        "name": "Buy mugs",
        "semantics": "scxml-1.0",
        "expressions": "cel/1",
        "subject": {"type": "shelf", "id": "input.shelf"},
        "start": [
            {
                "id": "on_low",
                "event": "mugs.run_low",
                "when": "event.data.quantity > 0",
                "dedupe": "event.id",
                "one_active_per": "subject",
                "input": [
                    {"id": "shelf", "value": "event.data.shelf"},
                    {"id": "quantity", "value": "event.data.quantity"},
                ],
            }
        ],
        "correlate": [
            {
                "id": "c_arrived",
                "event": "mugs.arrived",
                "key": "event.data.shelf",
                "run": "input.shelf",
                "unmatched": "ignore",
            }
        ],
        "input": [{"id": "shelf", "type": "string"}, {"id": "quantity", "type": "int"}],
        "context": [
            {
                "id": "order",
                "type": "record",
                "nullable": True,
                "default": None,
                "output_of": "mugs.draft",
                "fields": fields_of_order,
            },
            {"id": "last_error", "type": "string", "nullable": True, "default": None},
        ],
        "initial": "drafting",
        "states": _states(),
        **changes,
    }


def _states() -> list[dict[str, Any]]:
    return [
        {
            "id": "drafting",
            "invoke": {
                "id": "draft",
                "kind": "step",
                "action": "mugs.draft",
                "input": [
                    {"id": "shelf", "value": "input.shelf"},
                    {"id": "quantity", "value": "input.quantity"},
                ],
            },
            "transitions": [
                {
                    "id": "t_drafted",
                    "event": "done.invoke.draft",
                    "target": "drafted",
                    "actions": [assign(("context.order", "event.data"))],
                },
                {"id": "t_not_drafted", "event": "error.invoke.draft", "target": "given_up"},
            ],
        },
        {
            "id": "drafted",
            "transitions": [
                {"id": "t_large", "guard": "context.order.quantity > 10", "target": "approving"},
                {"id": "t_small", "target": "sending"},
            ],
        },
        _approving(),
        {
            "id": "sending",
            "invoke": {
                "id": "send",
                "kind": "step",
                "action": "mugs.send",
                "input": [{"id": "order_id", "value": "context.order.order_id"}],
                "retry": {"max": 3, "backoff": "fixed", "base": "PT10S", "on": ["transient"]},
            },
            "transitions": [
                {"id": "t_sent", "event": "done.invoke.send", "target": "waiting"},
                {
                    "id": "t_not_sent",
                    "event": "error.invoke.send",
                    "target": "given_up",
                    "actions": [assign(("context.last_error", "event.data.code"))],
                },
            ],
        },
        {
            "id": "waiting",
            "transitions": [{"id": "t_arrived", "event": "mugs.arrived", "target": "stocked"}],
            "after": [{"id": "a_late", "delay": "P10D", "target": "given_up"}],
        },
        {"id": "stocked", "type": "final", "outcome": "stocked"},
        {"id": "given_up", "type": "final", "outcome": "given_up"},
    ]


def _approving() -> dict[str, Any]:
    return {
        "id": "approving",
        "invoke": {
            "id": "approval",
            "kind": "approval",
            "subject": {
                "type": "mug_order",
                "id": "context.order.order_id",
                "version": "context.order.version",
                "digest": "context.order.digest",
                "requester": "context.order.requester_id",
            },
            "covers": ["quantity"],
            "stages": [
                {
                    "id": "lead",
                    "candidates": [{"role": "buyer_lead"}],
                    "quorum": {"approve": 1, "reject": 1},
                }
            ],
            "separation": ["not_requester"],
            "delegation": {"allowed": False},
            "on_reentry": "restart",
        },
        "transitions": [
            {
                "id": "t_approved",
                "event": "done.invoke.approval",
                "guard": "event.data.outcome == 'approved'",
                "target": "sending",
            },
            {"id": "t_refused", "event": "done.invoke.approval", "target": "given_up"},
        ],
    }
