"""A member's password: chosen with a mailed link or by the member, stored as a hash alone."""

from kernel.errors import Invalid
from kernel.tenancy import Tenant
from kernel.uow import UnitOfWork
from tenants.identity.password_rules import faults_of
from tenants.identity.tables import Password
from tenants.tables import Member


def has_password(uow: UnitOfWork, member_id: str) -> bool:
    """Tell whether a member has ever chosen a password."""
    return uow.session.get(Password, (uow.tenant_id, member_id)) is not None


def store_hash(uow: UnitOfWork, member_id: str, encoded: str) -> None:
    """Keep a new hash for a locked member; the caller records."""
    row = uow.session.get(Password, (uow.tenant_id, member_id))
    if row is None:
        row = Password(tenant_id=uow.tenant_id, member_id=member_id)
        uow.session.add(row)
    row.hash, row.set_at = encoded, uow.real_now


def must_be_good(uow: UnitOfWork, member: Member, password: str) -> None:
    """Raise Invalid where a password breaks the rules or is made of the member's own words."""
    tenant = uow.session.get_one(Tenant, uow.tenant_id)
    faults = faults_of(password, (member.name, member.email, tenant.name, tenant.slug))
    if faults:
        raise Invalid(faults)
