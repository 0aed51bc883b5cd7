"""What tests of delegations do at the shop: who lends whom the right to answer."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from kernel.access import Actor
from kernel.ids import ActorId, TenantId
from kernel.ports import DirectoryMember
from kernel.uow import UnitOfWork
from tests.conftest import ACME
from tests.workflow_engine.runtime.buying import PEOPLE, PeopleOfTheShop, definition, member
from tests.workflow_engine.runtime.shop import Shop
from workflow_engine.runtime.delegating import NewDelegation, delegate, end_delegation
from workflow_engine.runtime.delegation_tables import DelegationRow

DAY = timedelta(days=1)
DAN = DirectoryMember(ActorId("mem_dan"), "Dan", frozenset({"clerk"}))
EVE = DirectoryMember(ActorId("mem_eve"), "Eve", frozenset({"clerk"}))
THEY = {**PEOPLE, DAN.id: DAN, EVE.id: EVE}


class MorePeople(PeopleOfTheShop):
    """The shop with two clerks who are asked nothing themselves; `gone` have been deactivated."""

    def __init__(self) -> None:
        self.gone: set[str] = set()
        self.mute: set[str] = set()

    def actor(self, uow: UnitOfWork, actor_id: ActorId) -> Actor:
        found = THEY[actor_id]
        rights = member("mem_ana").permissions if actor_id not in self.mute else frozenset()
        return Actor(found.id, "member", found.name, rights, roles=found.roles)

    def members(self, uow: UnitOfWork) -> Sequence[DirectoryMember]:
        return [each for each in THEY.values() if each.id not in self.gone]


def person(name: str, *more: str) -> Actor:
    """Return one of the shop, the clerks included."""
    found, like = THEY[f"mem_{name}"], member("mem_ana", *more)
    return Actor(found.id, "member", found.name, like.permissions, roles=found.roles)


def lendable(delegation: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """Return the shop's definition, whose approval may be handed on as is said."""
    document = definition()
    for state in document["states"]:
        invoke = state.get("invoke") or {}
        if invoke.get("kind") == "approval":
            invoke["delegation"] = delegation or {
                "allowed": True, "max_depth": 1, "out_of_office": "auto",
            }  # fmt: skip
    return document


def lend(
    shop: Shop, of: str, to: str, *, days: int = 7, tenant_id: TenantId = ACME, **more: Any
) -> str:
    """Let one answer for another from now on, or as is said; return the delegation's id."""
    with shop.runtime.unit_of_work(tenant_id, person(of)) as uow:
        starts_at = more.get("starts_at") or uow.now
        wish = NewDelegation(f"mem_{to}", starts_at + days * DAY, **more)
        return delegate(uow, wish).id


def take_back(shop: Shop, who: str, delegation_id: str, *rights: str) -> DelegationRow:
    with shop.runtime.unit_of_work(ACME, person(who, *rights)) as uow:
        return end_delegation(uow, delegation_id)
