"""The verbs of roles: which permissions a role gives, and which member holds it.

Lock order: roles by id, then members by id. Rights are read anew on every request, so a change
here holds from the next request on.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from kernel.access import Actor, Permission
from kernel.audit import Subject
from kernel.errors import Fault, Invalid, NotFound, StaleWrite
from kernel.uow import UnitOfWork
from tenants.errors import BeyondOwnRights, LastAdministrator, RoleInUse, RoleKeyTaken
from tenants.permissions import PERMISSIONS, STANDARD_ROLES
from tenants.tables import Member, MemberRole, Role

WRITE_ROLES = Permission("roles:write")
WRITE_MEMBERS = Permission("members:write")
_NEEDED_BY_SOMEBODY = (WRITE_MEMBERS, WRITE_ROLES)


def create_role(
    uow: UnitOfWork, key: str, name: str, description: str, permissions: Iterable[str]
) -> Role:
    """Add a role; nobody can put into it what they do not hold themselves."""
    uow.actor.must(WRITE_ROLES)
    known = _known(permissions)
    _must_hold(uow.actor, known)
    if uow.session.scalar(select(Role.id).where(Role.key == key)) is not None:
        raise RoleKeyTaken(key)
    role = Role(
        tenant_id=uow.tenant_id,
        id=uow.new_id("rol"),
        key=key,
        name=name,
        description=description,
        permissions=known,
    )
    uow.session.add(role)
    uow.record("roles.create", Subject("role", role.id), facts={"key": key})
    return role


def change_role(
    uow: UnitOfWork,
    role_id: str,
    *,
    name: str,
    description: str,
    permissions: Iterable[str],
    expected_version: int | None = None,
) -> Role:
    """Change what a role is called and allows; LastAdministrator where nobody could mend it."""
    uow.actor.must(WRITE_ROLES)
    role = locked_role(uow, role_id)
    if expected_version is not None and role.version != expected_version:
        raise StaleWrite(expected_version, role.version)
    known = _known(permissions)
    _must_hold(uow.actor, sorted(set(known) - set(role.permissions)))
    shrinks = not set(role.permissions) <= set(known)
    role.name, role.description, role.permissions = name, description, known
    if shrinks:
        keep_an_administrator(uow)
    uow.record("roles.change", Subject("role", role.id, role.version))
    return role


def delete_role(uow: UnitOfWork, role_id: str) -> None:
    """Remove a role that no member holds any more."""
    uow.actor.must(WRITE_ROLES)
    role = locked_role(uow, role_id)
    holders = uow.session.scalar(
        select(func.count()).select_from(MemberRole).where(MemberRole.role_id == role_id)
    )
    if holders:
        raise RoleInUse(holders)
    uow.session.delete(role)
    uow.record("roles.delete", Subject("role", role_id), facts={"key": role.key})


def assign_roles(uow: UnitOfWork, member: Member, role_keys: Iterable[str]) -> None:
    """Let a locked member hold exactly these roles; the caller records.

    Taking a role away needs members:write; giving one needs every permission in it.
    """
    uow.actor.must(WRITE_MEMBERS)
    wanted = _roles_by_key(uow, role_keys)
    held = uow.session.scalars(select(MemberRole).where(MemberRole.member_id == member.id)).all()
    added = [role for role in wanted if role.id not in {each.role_id for each in held}]
    _must_hold(uow.actor, sorted({each for role in added for each in role.permissions}))
    taken = [row for row in held if row.role_id not in {role.id for role in wanted}]
    for row in taken:
        uow.session.delete(row)
    for role in added:
        uow.session.add(
            MemberRole(
                tenant_id=uow.tenant_id,
                id=uow.new_id("mrl"),
                member_id=member.id,
                role_id=role.id,
            )
        )
    if taken:
        keep_an_administrator(uow)


def add_standard_roles(uow: UnitOfWork) -> None:
    """Add the roles every tenant starts with; those that are there stay as they are."""
    known = set(uow.session.scalars(select(Role.key)))
    for template in STANDARD_ROLES:
        if template.key not in known:
            create_role(
                uow, template.key, template.name, template.description, template.permissions
            )


def roles(uow: UnitOfWork) -> Sequence[tuple[Role, int]]:
    """Return every role with how many active or invited members hold it, by name."""
    holders = (
        select(MemberRole.role_id, func.count().label("members"))
        .join(
            Member,
            (Member.tenant_id == MemberRole.tenant_id) & (Member.id == MemberRole.member_id),
        )
        .where(Member.status != "deactivated")
        .group_by(MemberRole.role_id)
        .subquery()
    )
    rows = uow.session.execute(
        select(Role, func.coalesce(holders.c.members, 0))
        .outerjoin(holders, holders.c.role_id == Role.id)
        .order_by(Role.name, Role.id)
        .limit(500)
    )
    return [(role, members) for role, members in rows]


def rights_of(uow: UnitOfWork, member_id: str) -> tuple[frozenset[str], frozenset[Permission]]:
    """Return the keys of a member's roles and every permission they give, as of now."""
    rows = uow.session.execute(
        select(Role.key, Role.permissions)
        .join(
            MemberRole, (MemberRole.tenant_id == Role.tenant_id) & (MemberRole.role_id == Role.id)
        )
        .where(MemberRole.member_id == member_id)
    ).all()
    permissions = (Permission(each) for row in rows for each in row.permissions)
    return frozenset(row.key for row in rows), frozenset(permissions)


def locked_role(uow: UnitOfWork, role_id: str) -> Role:
    """Return a role under lock; NotFound where the tenant has none by this id."""
    role = uow.session.scalar(
        select(Role)
        .where(Role.id == role_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if role is None:
        raise NotFound("role", role_id)
    return role


def _roles_by_key(uow: UnitOfWork, keys: Iterable[str]) -> list[Role]:
    wanted = sorted(set(keys))
    # Locked for reading, so that a role cannot grow between the check of rights and the commit.
    found = uow.session.scalars(
        select(Role)
        .where(Role.key.in_(wanted))
        .order_by(Role.id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).all()
    missing = sorted(set(wanted) - {role.key for role in found})
    if missing:
        raise Invalid(
            tuple(Fault("/roles", "roles.unknown", f"There is no role {key!r}.") for key in missing)
        )
    return list(found)


def _known(permissions: Iterable[str]) -> list[str]:
    wanted = sorted(set(permissions))
    unknown = [each for each in wanted if each not in PERMISSIONS]
    if unknown:
        raise Invalid(
            tuple(
                Fault("/permissions", "roles.permission_unknown", f"{each!r} is no permission.")
                for each in unknown
            )
        )
    return wanted


def _must_hold(actor: Actor, permissions: Sequence[str]) -> None:
    beyond = tuple(each for each in permissions if not actor.may(Permission(each)))
    if beyond:
        raise BeyondOwnRights(beyond)


def keep_an_administrator(uow: UnitOfWork) -> None:
    """Refuse what would leave nobody to mend it: some active member holds both permissions.

    The operator of the service may leave a tenant without one, and can invite one again.
    """
    uow.session.flush()
    # Every change of members and roles meets here: two that each remove "the other" administrator
    # at the same moment must not both see one left.
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(uow.tenant_id))))
    if uow.actor.kind in ("operator", "system"):
        return
    rows = uow.session.execute(
        select(MemberRole.member_id, Role.permissions)
        .join(Role, (Role.tenant_id == MemberRole.tenant_id) & (Role.id == MemberRole.role_id))
        .join(
            Member,
            (Member.tenant_id == MemberRole.tenant_id) & (Member.id == MemberRole.member_id),
        )
        .where(Member.status == "active")
    )
    held: dict[str, set[str]] = {}
    for member_id, permissions in rows:
        held.setdefault(member_id, set()).update(permissions)
    if not any(set(_NEEDED_BY_SOMEBODY) <= each for each in held.values()):
        raise LastAdministrator
