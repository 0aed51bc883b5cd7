"""Reads of members for pages, the API and other rooms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from kernel.errors import NotFound
from kernel.uow import UnitOfWork
from tenants.tables import Member, MemberRole, Role

SORTS = ("name", "-name", "created_at", "-created_at")


@dataclass(frozen=True)
class MemberView:
    """A member as it is shown: never a password, with the keys of its roles in order."""

    id: str
    version: int
    name: str
    email: str
    status: str
    roles: tuple[str, ...]
    manager_id: str | None
    created_at: datetime
    deactivated_at: datetime | None


@dataclass(frozen=True)
class MemberQuery:
    """What is asked of the list; `text` is looked for inside names and addresses."""

    text: str = ""
    status: str | None = None
    role: str | None = None
    sort: str = "name"


def find_members(
    uow: UnitOfWork, query: MemberQuery, *, after: Sequence[str] | None = None, limit: int = 50
) -> tuple[list[MemberView], list[str] | None]:
    """Return a page of members, and the sort values after which the next page goes on, if any."""
    assert query.sort in SORTS, f"members are not sorted by {query.sort}"
    statement = _narrowed(select(Member), query)
    by = Member.name_folded if query.sort.endswith("name") else Member.id
    descends = query.sort.startswith("-")
    if after is not None:
        statement = statement.where(_beyond(after, by_id=by is Member.id, descends=descends))
    order = (by, Member.id) if by is not Member.id else (Member.id,)
    ordered = [each.desc() for each in order] if descends else list(order)
    rows: Sequence[Member] = uow.session.scalars(
        statement.order_by(*ordered).limit(limit + 1)
    ).all()
    views = _views(uow, rows[:limit])
    if len(rows) <= limit:
        return views, None
    last = rows[limit - 1]
    return views, [last.id] if by is Member.id else [last.name_folded, last.id]


def member_view(uow: UnitOfWork, member_id: str) -> MemberView:
    """Return one member; NotFound where the tenant has none by this id."""
    member = uow.session.get(Member, (uow.tenant_id, member_id))
    if member is None:
        raise NotFound("member", member_id)
    return _views(uow, [member])[0]


def names_of(uow: UnitOfWork, member_ids: Sequence[str]) -> dict[str, str]:
    """Return the names of these members by id; ids of anybody else are left out."""
    rows = uow.session.execute(select(Member.id, Member.name).where(Member.id.in_(member_ids)))
    return {row.id: row.name for row in rows}


def _narrowed(statement: Select[Member], query: MemberQuery) -> Select[Member]:
    if query.status:
        statement = statement.where(Member.status == query.status)
    if query.role:
        holders = (
            select(MemberRole.member_id)
            .join(Role, and_(Role.tenant_id == MemberRole.tenant_id, Role.id == MemberRole.role_id))
            .where(Role.key == query.role)
        )
        statement = statement.where(Member.id.in_(holders))
    if query.text:
        text = query.text.casefold()
        statement = statement.where(
            or_(
                func.strpos(Member.name_folded, text) > 0,
                func.strpos(Member.email_folded, text) > 0,
            )
        )
    return statement


def _beyond(after: Sequence[str], *, by_id: bool, descends: bool) -> ColumnElement[bool]:
    # Ids sort in the order of creation, so `created_at` is sorted by id alone.
    if by_id:
        return Member.id < after[0] if descends else Member.id > after[0]
    name, member_id = after
    later = Member.name_folded < name if descends else Member.name_folded > name
    same = Member.id < member_id if descends else Member.id > member_id
    return or_(later, and_(Member.name_folded == name, same))


def _views(uow: UnitOfWork, members: Sequence[Member]) -> list[MemberView]:
    rows = uow.session.execute(
        select(MemberRole.member_id, Role.key)
        .join(Role, and_(Role.tenant_id == MemberRole.tenant_id, Role.id == MemberRole.role_id))
        .where(MemberRole.member_id.in_([member.id for member in members]))
        .order_by(Role.key)
    ).all()
    return [
        MemberView(
            id=member.id,
            version=member.version,
            name=member.name,
            email=member.email,
            status=member.status,
            roles=tuple(row.key for row in rows if row.member_id == member.id),
            manager_id=member.manager_id,
            created_at=member.created_at,
            deactivated_at=member.deactivated_at,
        )
        for member in members
    ]
