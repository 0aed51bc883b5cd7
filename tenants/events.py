"""What happens to members, for workflows and integrations."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Event


@dataclass(frozen=True)
class MemberInvited(Event):
    """Somebody was invited."""

    name: ClassVar[str] = "member.invited"

    member_id: str
    roles: list[str]


@dataclass(frozen=True)
class MemberJoined(Event):
    """Somebody accepted the invitation and can sign in."""

    name: ClassVar[str] = "member.joined"

    member_id: str


@dataclass(frozen=True)
class MemberChanged(Event):
    """A member's name, roles or manager changed."""

    name: ClassVar[str] = "member.changed"

    member_id: str
    roles: list[str]


@dataclass(frozen=True)
class MemberDeactivated(Event):
    """A member can no longer sign in."""

    name: ClassVar[str] = "member.deactivated"

    member_id: str


@dataclass(frozen=True)
class MemberReactivated(Event):
    """A member can sign in again."""

    name: ClassVar[str] = "member.reactivated"

    member_id: str
