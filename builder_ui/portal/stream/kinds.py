"""Who may hear of what: a kind of event belongs to those who may read what it is about."""

from collections.abc import Mapping
from typing import Any

from kernel.access import Actor, Permission
from tenants.notifications.telling import MemberNotified

ALL = Permission("events:read")

# By the noun of the event's name; what is not here was named by a tenant's own definition.
_READERS: Mapping[str, Permission] = {
    noun: Permission(permission)
    for permission, nouns in {
        "catalog:read": "product sku supplier supplier_item node channel listing import",
        "inventory:read": "stock transfer fulfilment",
        "orders:read": "order backorder",
        "procurement:read": "purchase_order",
        "tasks:read": "task",
        "workflows:read": "run definition",
        "exceptions:read": "exception",
        "members:read": "delegation member",
        "settings:read": "webhook",
    }.items()
    for noun in nouns.split()
}
_SAID_TO_BUYERS = frozenset({"supplier.asked", "supplier.answered", "backorder.eta_updated"})
_BUYERS = Permission("procurement:read")


def may_hear(actor: Actor, name: str) -> bool:
    """Tell whether somebody may be told that an event of this name happened.

    Who reads the whole stream of events hears of everything; of what a tenant's own definitions
    name, nobody else does.
    """
    if actor.may(ALL):
        return True
    reader = _BUYERS if name in _SAID_TO_BUYERS else _READERS.get(name.split(".")[0])
    return reader is not None and actor.may(reader)


def only_for(name: str, contents: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the members whom alone an event is told to; None where rights decide that."""
    return frozenset(contents["member_ids"]) if name == MemberNotified.name else None


def ids_in(contents: Mapping[str, Any]) -> dict[str, str]:
    """Return the ids that an event names: all that is told of its contents.

    A page that wants more asks for it, and is answered by what its reader may read by then.
    """
    return {
        name: value
        for name, value in contents.items()
        if name.endswith("_id") and isinstance(value, str) and value
    }
