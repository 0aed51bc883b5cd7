"""Every permission with the sentence that explains it, and the roles a tenant starts with."""

from collections.abc import Mapping
from dataclasses import dataclass

from kernel.access import Permission

PERMISSIONS: Mapping[Permission, str] = {
    Permission(name): sentence
    for name, sentence in {
        "catalog:read": "See products, suppliers, channels and nodes.",
        "catalog:write": "Add and change products, suppliers, channels and nodes.",
        "inventory:read": "See stock, movements and reservations.",
        "inventory:write": "Receive, transfer and reserve stock.",
        "inventory:adjust": "Correct stock by hand, with a reason.",
        "orders:read": "See orders and their history.",
        "orders:write": "Enter and change orders.",
        "procurement:read": "See purchase orders and receipts.",
        "procurement:write": "Draft, send and receive purchase orders.",
        "procurement:approve": "Approve purchase orders of others.",
        "tasks:read": "See the tasks that wait for people.",
        "tasks:vote": "Decide tasks given to oneself or one's roles.",
        "workflows:read": "See workflow definitions and runs.",
        "workflows:write": "Change and publish workflow definitions.",
        "exceptions:read": "See problems that need a person.",
        "exceptions:write": "Take, assign and resolve problems.",
        "events:read": "Read the stream of events.",
        "audit:read": "Read the audit trail.",
        "members:read": "See members and what they may do.",
        "members:write": "Invite, change and deactivate members.",
        "roles:write": "Change what roles allow.",
        "organisation:write": "Change the organisation tree.",
        "settings:read": "See settings and where each value comes from.",
        "settings:write": "Change and lock settings.",
    }.items()
}

# Clients of the API that only read events or audit need no member's page; members do.
_LOOKING = frozenset(
    map(Permission, ("catalog:read", "inventory:read", "orders:read", "procurement:read"))
)
_WORKING = _LOOKING | frozenset(
    map(Permission, ("tasks:read", "tasks:vote", "exceptions:read", "members:read"))
)


@dataclass(frozen=True)
class RoleTemplate:
    """A role as every tenant gets it; the tenant may change it afterwards."""

    key: str
    name: str
    description: str
    permissions: frozenset[Permission]


def _and(start: frozenset[Permission], *more: str) -> frozenset[Permission]:
    return start | frozenset(map(Permission, more))


ADMINISTRATOR = "administrator"

STANDARD_ROLES = (
    RoleTemplate(
        ADMINISTRATOR,
        "Administrator",
        "Runs the account: members, roles, organisation and settings, and everything else.",
        frozenset(PERMISSIONS),
    ),
    RoleTemplate(
        "operations_lead",
        "Operations lead",
        "Answers for the flow of goods and orders, and shapes its workflows.",
        _and(
            _WORKING, "catalog:write", "inventory:write", "inventory:adjust", "orders:write",
            "procurement:write", "workflows:read", "workflows:write", "exceptions:write",
            "events:read", "audit:read", "settings:read",
        ),
    ),
    RoleTemplate(
        "planner",
        "Planner",
        "Plans assortment and stock.",
        _and(_WORKING, "catalog:write", "procurement:write", "workflows:read", "exceptions:write"),
    ),
    RoleTemplate(
        "buyer",
        "Buyer",
        "Orders from suppliers.",
        _and(_WORKING, "procurement:write", "exceptions:write"),
    ),
    RoleTemplate(
        "buyer_lead",
        "Lead buyer",
        "Orders from suppliers and approves what buyers order.",
        _and(_WORKING, "procurement:write", "procurement:approve", "exceptions:write",
             "workflows:read"),
    ),
    RoleTemplate(
        "finance_approver",
        "Finance approver",
        "Approves what is spent.",
        _and(_WORKING, "procurement:approve", "audit:read"),
    ),
    RoleTemplate(
        "warehouse_lead",
        "Warehouse lead",
        "Answers for the stock of a warehouse.",
        _and(_WORKING, "inventory:write", "inventory:adjust", "exceptions:write"),
    ),
    RoleTemplate(
        "customer_service",
        "Customer service",
        "Helps customers with their orders.",
        _and(_WORKING, "orders:write", "exceptions:write"),
    ),
    RoleTemplate(
        "auditor",
        "Auditor",
        "Sees everything and changes nothing.",
        _and(
            _LOOKING, "tasks:read", "exceptions:read", "members:read", "workflows:read",
            "events:read", "audit:read", "settings:read",
        ),
    ),
)  # fmt: skip
