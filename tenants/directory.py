"""Fills the kernel's Directory port: tenants by slug, members and clients as they stand now."""

from collections.abc import Sequence

from sqlalchemy import select

from kernel.access import Actor
from kernel.db import Database
from kernel.errors import NotFound
from kernel.ids import ActorId, TenantId
from kernel.ports import DirectoryMember
from kernel.tenancy import tenant_id_of
from kernel.uow import UnitOfWork
from tenants.identity.client_tables import OauthClient
from tenants.identity.clients import client_actor
from tenants.identity.sessions import actor_of_member
from tenants.tables import Member, MemberRole, Role

SLUGS_REMEMBERED_MAX = 10_000
_CLIENT = "cli_"


class TenantDirectory:
    """Answers from the tenant's own rows, in the asker's transaction.

    A slug is looked up once per process: it never comes to mean another tenant.
    """

    def __init__(self) -> None:
        """Know nothing yet; `connect` must follow before a slug is looked up."""
        self._database: Database | None = None
        self._by_slug: dict[str, TenantId] = {}

    def connect(self, database: Database) -> None:
        """Take the pool that slugs are looked up through."""
        self._database = database

    def tenant_of(self, slug: str) -> TenantId:
        """Return the tenant with this slug; NotFound where there is none."""
        known = self._by_slug.get(slug)
        if known is not None:
            return known
        assert self._database is not None, "connect() comes first"
        found = tenant_id_of(self._database, slug) if len(slug) <= 40 and "\0" not in slug else None
        if found is None:
            raise NotFound("tenant", slug)
        if len(self._by_slug) < SLUGS_REMEMBERED_MAX:
            self._by_slug[slug] = found
        return found

    def actor(self, uow: UnitOfWork, actor_id: ActorId) -> Actor:
        """Return a member or client as it stands now; NotFound where it may no longer act."""
        if actor_id.startswith(_CLIENT):
            client = client_actor(uow, actor_id)
            if client is None:
                raise NotFound("actor", actor_id)
            return client
        member = uow.session.get(Member, (uow.tenant_id, actor_id))
        if member is None or member.status != "active":
            raise NotFound("actor", actor_id)
        return actor_of_member(uow, member)

    def members(self, uow: UnitOfWork) -> Sequence[DirectoryMember]:
        """Return every active member, by id."""
        rows = uow.session.execute(
            select(Member.id, Member.name, Member.manager_id, Role.key)
            .outerjoin(
                MemberRole,
                (MemberRole.tenant_id == Member.tenant_id) & (MemberRole.member_id == Member.id),
            )
            .outerjoin(
                Role, (Role.tenant_id == MemberRole.tenant_id) & (Role.id == MemberRole.role_id)
            )
            .where(Member.status == "active")
            .order_by(Member.id)
        ).all()
        roles: dict[str, set[str]] = {}
        for row in rows:
            roles.setdefault(row.id, set()).update([row.key] if row.key is not None else [])
        people = {row.id: row for row in rows}
        return [
            DirectoryMember(
                ActorId(member_id),
                row.name,
                frozenset(roles[member_id]),
                ActorId(row.manager_id) if row.manager_id is not None else None,
            )
            for member_id, row in people.items()
        ]

    def members_with_role(self, uow: UnitOfWork, role: str) -> Sequence[ActorId]:
        """Return the active members that hold the role with this key, by id."""
        rows = uow.session.scalars(
            select(Member.id)
            .join(
                MemberRole,
                (MemberRole.tenant_id == Member.tenant_id) & (MemberRole.member_id == Member.id),
            )
            .join(Role, (Role.tenant_id == Member.tenant_id) & (Role.id == MemberRole.role_id))
            .where(Role.key == role, Member.status == "active")
            .order_by(Member.id)
        )
        return [ActorId(member_id) for member_id in rows]

    def manager_of(self, uow: UnitOfWork, member_id: ActorId) -> ActorId | None:
        """Return whom a member reports to, or None."""
        manager_id = uow.session.scalar(select(Member.manager_id).where(Member.id == member_id))
        return ActorId(manager_id) if manager_id is not None else None

    def name_of(self, uow: UnitOfWork, actor_id: ActorId) -> str:
        """Return the name to show for an actor, whether or not it is still active."""
        if actor_id.startswith("system:"):
            return f"Wareflow ({actor_id.removeprefix('system:')})"
        if actor_id.startswith("operator:"):
            return f"Operator ({actor_id.removeprefix('operator:')})"
        named = OauthClient if actor_id.startswith(_CLIENT) else Member
        name: str | None = uow.session.scalar(select(named.name).where(named.id == actor_id))
        return name if name is not None else actor_id
