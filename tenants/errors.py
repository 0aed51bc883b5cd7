"""How tenants say no."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.errors import Conflict, Forbidden


@dataclass(eq=False)
class AlreadyMember(Conflict):
    """Somebody with this e-mail address is already a member."""

    code: ClassVar[str] = "members.already_member"

    member_id: str


@dataclass(eq=False)
class NotInThatState(Conflict):
    """The member is not in a state that allows this."""

    code: ClassVar[str] = "members.not_in_that_state"

    status: str


@dataclass(eq=False)
class LastAdministrator(Conflict):
    """Somebody must remain who can administer members and roles."""

    code: ClassVar[str] = "members.last_administrator"


@dataclass(eq=False)
class BeyondOwnRights(Forbidden):
    """Nobody can give away permissions that they do not hold themselves."""

    code: ClassVar[str] = "access.beyond_own_rights"

    permissions: tuple[str, ...]


@dataclass(eq=False)
class ReportsInACircle(Conflict):
    """This member already reports to the other, directly or through others."""

    code: ClassVar[str] = "members.reports_in_a_circle"


@dataclass(eq=False)
class RoleInUse(Conflict):
    """Members still hold this role: take it from them first."""

    code: ClassVar[str] = "roles.in_use"

    members: int


@dataclass(eq=False)
class RoleKeyTaken(Conflict):
    """There is already a role with this key."""

    code: ClassVar[str] = "roles.key_taken"

    key: str


@dataclass(eq=False)
class SlugTaken(Conflict):
    """Another tenant has this name in addresses."""

    code: ClassVar[str] = "tenant.slug_taken"

    slug: str


@dataclass(eq=False)
class StatusForbids(Conflict):
    """The tenant is not in a state that allows this."""

    code: ClassVar[str] = "tenant.status_forbids"

    status: str
