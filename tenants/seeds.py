"""Acme Mugs and Globex Grocery with their people, for a first look and for the demonstration.

Seeding again adds what is missing and leaves the rest: nobody's changes are undone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from kernel.access import operator_actor
from kernel.audit import Subject
from kernel.embedded.kept import kept_secret
from kernel.ids import TenantId
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from tenants import members
from tenants.identity import credentials, links
from tenants.identity.hashing import Hasher
from tenants.provisioning import NewTenant, provision
from tenants.tables import Member

SEEDER = operator_actor("seed")
PASSWORD_VARIABLE = "WAREFLOW_SEED_PASSWORD"  # noqa: S105 - The name of a variable.

ACME = NewTenant("acme", "Acme Mugs", "EUR", "Europe/Berlin", "ana@acme.example", "Ana Anders")
GLOBEX = NewTenant(
    "globex", "Globex Grocery", "EUR", "Europe/Berlin", "gus@globex.example", "Gus Grant"
)


@dataclass(frozen=True)
class Person:
    """Somebody who works for a seeded tenant, and whom they report to, by local part."""

    local_part: str
    name: str
    role: str
    reports_to: str | None = None


_ACME_PEOPLE = (
    Person("leo", "Leo Lind", "buyer_lead", "ana"),
    Person("ben", "Ben Bauer", "buyer", "leo"),
    Person("fay", "Fay Fischer", "finance_approver", "ana"),
    Person("wim", "Wim Weber", "warehouse_lead", "ana"),
)
_GLOBEX_PEOPLE = (
    Person("lia", "Lia Lorenz", "buyer_lead", "gus"),
    Person("bo", "Bo Brandt", "buyer", "lia"),
    Person("finn", "Finn Faber", "finance_approver", "gus"),
    Person("wanda", "Wanda Wolf", "warehouse_lead", "gus"),
)


@dataclass(frozen=True)
class SeededSignIn:
    """How somebody of a seeded tenant signs in."""

    slug: str
    email: str
    role: str


@dataclass(frozen=True)
class Seeded:
    """What was seeded: the people, and the one password of all of them."""

    sign_ins: Sequence[SeededSignIn]
    password: str


def seed(runtime: Runtime, hasher: Hasher, env: Mapping[str, str]) -> Seeded:
    """Provision both tenants and let their people sign in.

    The password is WAREFLOW_SEED_PASSWORD, else one made for this installation and kept in its
    secrets. Who has chosen a password since keeps it.
    """
    password = env.get(PASSWORD_VARIABLE) or kept_secret(
        runtime.config.var_dir / "secrets" / "seed_password"
    )
    sign_ins = []
    for wanted, people in ((ACME, _ACME_PEOPLE), (GLOBEX, _GLOBEX_PEOPLE)):
        tenant_id = provision(runtime, wanted, SEEDER)
        sign_ins += seed_people(runtime, hasher, tenant_id, (wanted, people), password)
    return Seeded(sign_ins, password)


def seeded_sign_ins(runtime: Runtime, env: Mapping[str, str]) -> Seeded:
    """Return how the seeded people sign in, without looking whether they are there."""
    password = env.get(PASSWORD_VARIABLE) or kept_secret(
        runtime.config.var_dir / "secrets" / "seed_password"
    )
    sign_ins = [
        SeededSignIn(wanted.slug, _email(wanted, person.local_part), person.role)
        for wanted, people in ((ACME, _ACME_PEOPLE), (GLOBEX, _GLOBEX_PEOPLE))
        for person in (_administrator(wanted), *people)
    ]
    return Seeded(sign_ins, password)


def seed_people(
    runtime: Runtime,
    hasher: Hasher,
    tenant_id: TenantId,
    who: tuple[NewTenant, Sequence[Person]],
    password: str,
) -> list[SeededSignIn]:
    """Let a tenant's administrator and these people sign in, adding who is missing."""
    wanted, people = who
    ids: dict[str, str] = {}
    seeded = []
    for person in (_administrator(wanted), *people):
        email = _email(wanted, person.local_part)
        with runtime.unit_of_work(tenant_id, SEEDER) as uow:
            member = _member(uow, person, email, ids.get(person.reports_to or ""))
            ids[person.local_part] = member.id
            needs_password = not credentials.has_password(uow, member.id)
        if needs_password:
            encoded = hasher.hash(password)
            with runtime.unit_of_work(tenant_id, SEEDER) as uow:
                _let_in(uow, member.id, encoded)
        seeded.append(SeededSignIn(wanted.slug, email, person.role))
    return seeded


def _member(uow: UnitOfWork, person: Person, email: str, manager_id: str | None) -> Member:
    known = uow.session.scalar(select(Member).where(Member.email_folded == email.casefold()))
    return known or members.invite(uow, email, person.name, [person.role], manager_id)


def _let_in(uow: UnitOfWork, member_id: str, encoded: str) -> None:
    member = members.locked_member(uow, member_id)
    if member.status != "invited" or credentials.has_password(uow, member_id):
        return
    links.spend_all(uow, member_id)
    credentials.store_hash(uow, member_id, encoded)
    member.status = "active"
    uow.record("members.seed", Subject("member", member_id, member.version))


def _administrator(wanted: NewTenant) -> Person:
    local_part = wanted.administrator_email.split("@")[0]
    return Person(local_part, wanted.administrator_name, "administrator")


def _email(wanted: NewTenant, local_part: str) -> str:
    return f"{local_part}@{wanted.slug}.example"
