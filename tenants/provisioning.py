"""A tenant's life: provisioned step by step, active, suspended, resumed.

Each step of provisioning is a transaction and safe to repeat, so a provisioning that was killed
anywhere is finished by asking for it again.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import available_timezones

from sqlalchemy import select

from kernel.access import Actor
from kernel.audit import Subject
from kernel.clock import Clock
from kernel.errors import Fault, Invalid, NotFound
from kernel.ids import TenantId, new_id
from kernel.runtime import Runtime
from kernel.tenancy import Tenant, found, tenant_id_of
from kernel.uow import UnitOfWork
from tenants import access, members
from tenants.errors import SlugTaken, StatusForbids
from tenants.organisation import tree
from tenants.organisation.tables import OrganisationUnit
from tenants.permissions import ADMINISTRATOR
from tenants.tables import Member

_SLUG = re.compile(r"^[a-z][a-z0-9-]{1,38}[a-z0-9]$")
_CURRENCY = re.compile(r"^[A-Z]{3}$")

Moves = Literal["suspended", "active"]


@dataclass(frozen=True)
class NewTenant:
    """What is said of a tenant when it is provisioned."""

    slug: str
    name: str
    currency: str
    time_zone: str
    administrator_email: str
    administrator_name: str
    starts_at: datetime | None = None
    """Makes it a sandbox, whose business time begins here and moves when told to."""


def provision(runtime: Runtime, wanted: NewTenant, actor: Actor) -> TenantId:
    """Found a tenant, give it roles, a company and an invited administrator, and activate it.

    Asked again, it goes on where it stopped; for a finished tenant of the same name it changes
    nothing. SlugTaken where the slug belongs to somebody else.
    """
    _check(wanted)
    tenant_id = _founded(runtime, wanted, actor)
    for step in _STEPS:
        with runtime.unit_of_work(tenant_id, actor, standing="any") as uow:
            if _locked_tenant(uow).status == "provisioning":
                step(uow, wanted)
    return tenant_id


def suspend(uow: UnitOfWork, reason: str) -> None:
    """Let a tenant's people look and nobody change anything; its work waits. Repeatable.

    The unit of work is the operator's, with the standing `any`.
    """
    _move(uow, "active", "suspended", reason)


def resume(uow: UnitOfWork, reason: str) -> None:
    """Let a suspended tenant work again; what waited goes on. Repeatable."""
    _move(uow, "suspended", "active", reason)
    uow.wake_workers()


def tenants(runtime: Runtime) -> list[Tenant]:
    """Return every tenant of this installation by slug, for its operator."""
    with runtime.database.engine.begin() as connection:
        rows = connection.execute(select(Tenant.__table__).order_by(Tenant.slug))
        return [Tenant(**row._mapping) for row in rows]


def tenant_called(runtime: Runtime, slug: str) -> TenantId:
    """Return the id of a tenant; NotFound where there is none by this slug."""
    tenant_id = tenant_id_of(runtime.database, slug)
    if tenant_id is None:
        raise NotFound("tenant", slug)
    return tenant_id


def _founded(runtime: Runtime, wanted: NewTenant, actor: Actor) -> TenantId:
    known = tenant_id_of(runtime.database, wanted.slug)
    if known is not None:
        return _same(runtime, known, wanted, actor)
    tenant_id = TenantId(new_id("ten", runtime.clock.now()))
    with runtime.unit_of_work(tenant_id, actor, standing="founding") as uow:
        found(uow, _tenant(tenant_id, wanted, runtime.clock), starts_at=wanted.starts_at)
    return tenant_id


def _same(runtime: Runtime, known: TenantId, wanted: NewTenant, actor: Actor) -> TenantId:
    with runtime.unit_of_work(known, actor, standing="any") as uow:
        if uow.session.get_one(Tenant, known).name != wanted.name:
            raise SlugTaken(wanted.slug)
    return known


def _tenant(tenant_id: TenantId, wanted: NewTenant, clock: Clock) -> Tenant:
    return Tenant(
        id=tenant_id,
        slug=wanted.slug,
        name=wanted.name,
        status="provisioning",
        mode="live" if wanted.starts_at is None else "sandbox",
        time_zone=wanted.time_zone,
        currency=wanted.currency,
        created_at=clock.now(),
    )


def _give_roles(uow: UnitOfWork, _wanted: NewTenant) -> None:
    access.add_standard_roles(uow)


def _give_company(uow: UnitOfWork, wanted: NewTenant) -> None:
    if uow.session.scalar(select(OrganisationUnit.id).limit(1)) is None:
        tree.add_unit(uow, "company", wanted.slug, wanted.name)


def _invite_administrator(uow: UnitOfWork, wanted: NewTenant) -> None:
    folded = wanted.administrator_email.casefold()
    if uow.session.scalar(select(Member.id).where(Member.email_folded == folded)) is None:
        members.invite(uow, wanted.administrator_email, wanted.administrator_name, [ADMINISTRATOR])


def _activate(uow: UnitOfWork, _wanted: NewTenant) -> None:
    _move(uow, "provisioning", "active", "provisioned")


_STEPS: tuple[Callable[[UnitOfWork, NewTenant], None], ...] = (
    _give_roles,
    _give_company,
    _invite_administrator,
    _activate,
)


def _move(uow: UnitOfWork, source: str, target: Moves, reason: str) -> None:
    assert uow.actor.kind in ("operator", "system"), "a tenant does not change its own standing"
    tenant = _locked_tenant(uow)
    if tenant.status == target:
        return
    if tenant.status != source:
        raise StatusForbids(tenant.status)
    tenant.status = target
    uow.record(
        f"tenant.{'suspend' if target == 'suspended' else 'activate'}",
        Subject("tenant", uow.tenant_id),
        reason=reason,
        facts={"from": source, "to": target},
    )


def _locked_tenant(uow: UnitOfWork) -> Tenant:
    return uow.session.scalars(
        select(Tenant)
        .where(Tenant.id == uow.tenant_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def _check(wanted: NewTenant) -> None:
    faults = []
    if not _SLUG.match(wanted.slug):
        sentence = "A slug has 3 to 40 small letters, digits and -, and starts with a letter."
        faults.append(Fault("/slug", "tenant.slug", sentence))
    if not 1 <= len(wanted.name.strip()) <= 100:
        faults.append(Fault("/name", "tenant.name", "A name has 1 to 100 characters."))
    if not _CURRENCY.match(wanted.currency):
        faults.append(Fault("/currency", "tenant.currency", "A currency is three capitals: EUR."))
    if wanted.time_zone not in available_timezones():
        sentence = "A time zone has a name such as Europe/Berlin."
        faults.append(Fault("/time_zone", "tenant.time_zone", sentence))
    if faults:
        raise Invalid(tuple(faults))
    members.read_email(wanted.administrator_email)
    members.read_name(wanted.administrator_name)
