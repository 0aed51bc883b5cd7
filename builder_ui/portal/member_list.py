"""The list of members: what it shows of each, and by what it is narrowed."""

from collections.abc import Sequence
from typing import Any

from builder_ui.portal.lists import Choice, Choices, ListKind, ShownRow
from builder_ui.portal.rooms import root
from builder_ui.portal.wording import Words, choices
from builder_ui.shell import cells
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.words import _
from commerce.keyset import PageWish, Slice
from kernel.uow import UnitOfWork
from tenants import access
from tenants.member_queries import MemberQuery, MemberView, find_members

STATUSES: Words = {
    "active": (_("Active"), "ok"),
    "invited": (_("Invited"), "accent"),
    "deactivated": (_("Deactivated"), "neutral"),
}


def _fetch(uow: UnitOfWork, wish: PageWish, listing: Listing) -> Slice[MemberView]:
    status = listing.filters.get("status")
    query = MemberQuery(
        text=listing.q,
        status=status if status in STATUSES else None,
        role=listing.filters.get("role"),
        sort=f"-{listing.sort}" if wish.descending else listing.sort,
    )
    after = [str(each) for each in wish.after] if wish.after else None
    found, following = find_members(uow, query, after=after, limit=wish.limit)
    return Slice(found, tuple(following) if following else None)


def _place(member: MemberView, sort: str) -> Sequence[Any]:
    return [member.name.casefold(), member.id] if sort == "name" else [member.id]


def _shown(uow: UnitOfWork, found: Sequence[MemberView]) -> list[ShownRow]:
    roles = dict(_roles(uow))
    return [
        ShownRow(
            member.id,
            member.name,
            f"{root()}/members/{member.id}",
            {
                "name": cells.person(member.name, note=member.email),
                "email": cells.text(member.email),
                "roles": cells.text(", ".join(roles[key] for key in member.roles) or None),
                "status": cells.badge(STATUSES[member.status]),
                "created_at": cells.moment(member.created_at),
            },
        )
        for member in found
    ]


def _roles(uow: UnitOfWork) -> Choices:
    return [(role.key, role.name) for role, _members in access.roles(uow)]


MEMBERS = ListKind(
    path="members",
    title=_("Members"),
    one=_("member"),
    many=_("members"),
    columns=(
        Column("name", _("Name"), sortable=True),
        Column("email", _("E-mail"), on_phone=False, at_first=False),
        Column("roles", _("Roles")),
        Column("status", _("Status")),
        Column("created_at", _("Member since"), sortable=True, on_phone=False),
    ),
    sorts=("name", "-created_at"),
    fetch=_fetch,
    place_of=_place,
    shown=_shown,
    empty=(_("No members here"), _("Members are the people who work with Wareflow."), "people"),
    search=_("Search by name or address"),
    choices=(
        Choice("role", _("Role"), _roles),
        Choice("status", _("Status"), lambda _uow: choices(STATUSES)),
    ),
)
