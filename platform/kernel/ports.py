"""What the kernel's verbs may ask of rooms above them, filled in by the front door."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from kernel.access import Actor
from kernel.ids import ActorId, TenantId
from kernel.metering import Meter

if TYPE_CHECKING:
    from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Decision:
    """The answer of a tenant's policy, with what is needed to explain it."""

    outputs: Mapping[str, Any]
    policy: str
    version: str
    matched_rules: Sequence[str] = ()
    trace: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


class Decisions(Protocol):
    """How commerce asks a tenant's tables and expressions without knowing the engine."""

    def decide(self, uow: "UnitOfWork", policy_key: str, facts: Mapping[str, Any]) -> Decision:
        """Decide; raises NotFound where the tenant has no such policy."""
        ...


@dataclass(frozen=True)
class DirectoryMember:
    """An active member, as approvals judge people: roles, and whom the member reports to."""

    id: ActorId
    name: str
    roles: frozenset[str]
    manager_id: ActorId | None = None


class Directory(Protocol):
    """Who belongs to a tenant, with which roles and permissions."""

    def tenant_of(self, slug: str) -> TenantId:
        """Return the tenant with this slug; NotFound where there is none."""
        ...

    def actor(self, uow: "UnitOfWork", actor_id: ActorId) -> Actor:
        """Return a member or client as it stands now; NotFound where it may no longer act."""
        ...

    def members(self, uow: "UnitOfWork") -> Sequence[DirectoryMember]:
        """Return every active member, by id."""
        ...

    def members_with_role(self, uow: "UnitOfWork", role: str) -> Sequence[ActorId]:
        """Return the active members that hold a role, in a stable order."""
        ...

    def manager_of(self, uow: "UnitOfWork", member_id: ActorId) -> ActorId | None:
        """Return whom a member reports to, or None."""
        ...

    def name_of(self, uow: "UnitOfWork", actor_id: ActorId) -> str:
        """Return the name to show for an actor, whether or not it is still active."""
        ...


class Messages(Protocol):
    """Tells a person or a customer something; the message leaves after the commit."""

    def send(self, uow: "UnitOfWork", *, to: str, template: str, facts: Mapping[str, Any]) -> str:
        """Queue a message in this transaction and return its id."""
        ...


@dataclass
class Ports:
    """The ports as this process has them filled. An unfilled port is a bug of composition."""

    decisions: Decisions | None = None
    directory: Directory | None = None
    messages: Messages | None = None
    meter: Meter = field(default_factory=Meter)
    """What this process has lately counted of each tenant's use."""
    engine: object | None = None
    """The workflow engine as it is composed here; `engine_of` in the engine's room types it."""
