"""Who acts, and what they may do."""

from dataclasses import dataclass, replace
from typing import Literal, NewType

from kernel.errors import PermissionMissing
from kernel.ids import ActorId

Permission = NewType("Permission", str)

ActorKind = Literal["member", "client", "system", "operator"]


@dataclass(frozen=True)
class Actor:
    """A person, an API client, the system itself or the operator of the service.

    `session_id`, `strength` (how the person signed in), `network` (class of the address) and
    `client_id` are evidence for the audit log; `on_behalf_of` names the person a system acts for.
    """

    id: ActorId
    kind: ActorKind
    name: str
    permissions: frozenset[Permission]
    roles: frozenset[str] = frozenset()
    session_id: str | None = None
    strength: str | None = None
    network: str | None = None
    client_id: str | None = None
    on_behalf_of: ActorId | None = None

    def may(self, permission: Permission) -> bool:
        """Tell whether this actor holds the permission; the system and operator hold all."""
        return self.kind in ("system", "operator") or permission in self.permissions

    def must(self, permission: Permission) -> None:
        """Raise PermissionMissing unless this actor holds the permission."""
        if not self.may(permission):
            raise PermissionMissing(permission)

    def acting_for(self, principal: ActorId | None) -> "Actor":
        """Return this actor, noted as acting on behalf of a principal."""
        return replace(self, on_behalf_of=principal)


def system_actor(name: str) -> Actor:
    """Return the platform itself in one of its duties, such as `relay` or `workflow`."""
    return Actor(ActorId(f"system:{name}"), "system", name, frozenset())


def operator_actor(name: str) -> Actor:
    """Return the operator of the service, acting from the command line."""
    return Actor(ActorId(f"operator:{name}"), "operator", name, frozenset())
