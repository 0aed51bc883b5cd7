"""A tenant's life, killed between any two steps and asked for again."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from kernel.audit import AuditEntry, Subject
from kernel.errors import Invalid, NotFound
from kernel.runtime import Runtime
from kernel.tenancy import Tenant, tenant_id_of
from kernel.uow import TenantSuspended, UnitOfWork
from kernel.verification import verify
from tenants import access, members, provisioning, seeds
from tenants.errors import SlugTaken, StatusForbids
from tenants.identity import signing_in
from tenants.member_queries import MemberQuery, find_members
from tenants.organisation import tree
from tenants.permissions import STANDARD_ROLES
from tenants.provisioning import NewTenant, provision, resume, suspend
from tests.conftest import ACME
from tests.tenants.conftest import FROM_HOME, OPERATOR, House

INITECH = NewTenant(
    "initech", "Initech", "EUR", "Europe/Oslo", "ida@initech.example", "Ida Iversen"
)


class Killed(BaseException):
    """The process died here."""


def portrait(runtime: Runtime) -> tuple[str, list[str], list[str], list[str]]:
    tenant_id = tenant_id_of(runtime.database, "initech")
    assert tenant_id is not None
    with runtime.unit_of_work(tenant_id, OPERATOR, standing="any") as uow:
        return (
            uow.session.get_one(Tenant, tenant_id).status,
            [role.key for role, _count in access.roles(uow)],
            [branch.name for branch in tree.tree(uow)],
            [f"{each.email} {each.status}" for each in find_members(uow, MemberQuery())[0]],
        )


def _name_of(key: str) -> str:
    return next(role.name for role in STANDARD_ROLES if role.key == key)


WHOLE = (
    "active",
    sorted((role.key for role in STANDARD_ROLES), key=lambda key: _name_of(key)),
    ["Initech"],
    ["ida@initech.example invited"],
)


@pytest.mark.parametrize("survived", range(5))
def test_provisioning_that_was_killed_is_finished_by_asking_again(
    house: House, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    """TEN-13: resumable after any step, and repeating it changes nothing."""

    def die(_uow: UnitOfWork, _wanted: NewTenant) -> None:
        raise Killed

    steps = provisioning._STEPS
    monkeypatch.setattr(provisioning, "_STEPS", (*steps[:survived], die)[:5])
    if survived < len(steps):
        with pytest.raises(Killed):
            provision(house.runtime, INITECH, OPERATOR)
    monkeypatch.undo()

    for _again in range(2):
        provision(house.runtime, INITECH, OPERATOR)

    assert portrait(house.runtime) == WHOLE


def test_two_provisionings_at_once_make_one_tenant(house: House) -> None:
    start, outcomes = Barrier(3), []

    def race() -> None:
        start.wait(timeout=20)
        try:
            outcomes.append(provision(house.runtime, INITECH, OPERATOR))
        except Exception as error:
            outcomes.append(type(error).__name__)  # type: ignore[arg-type] # Shown on failure.

    racers = [Thread(target=race) for _ in range(3)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(timeout=30)
    provision(house.runtime, INITECH, OPERATOR)

    assert portrait(house.runtime) == WHOLE
    assert any(str(outcome).startswith("ten_") for outcome in outcomes)


def test_a_slug_belongs_to_whom_it_was_given(house: House) -> None:
    taken = NewTenant("acme", "Another Acme", "EUR", "Europe/Oslo", "a@b.example", "A")

    with pytest.raises(SlugTaken):
        provision(house.runtime, taken, OPERATOR)


def test_all_faults_of_a_new_tenant_are_told_at_once(house: House) -> None:
    wrong = NewTenant("A!", "", "euro", "Mars/Olympus", "a@b.example", "A")

    with pytest.raises(Invalid) as refused:
        provision(house.runtime, wrong, OPERATOR)

    pointers = [fault.pointer for fault in refused.value.errors]
    assert pointers == ["/slug", "/name", "/currency", "/time_zone"]


def test_a_suspended_tenant_is_read_only_until_it_is_resumed(house: House) -> None:
    """TEN-13: suspended; each transition is repeatable and audited."""
    house.member("ana@acme.example", "administrator")
    for _again in range(2):
        with house.opens()(OPERATOR) as uow:
            suspend(uow, "unpaid")

    with pytest.raises(TenantSuspended), house.open() as uow:
        members.invite(uow, "ben@acme.example", "Ben", [])
    with house.open() as uow:
        assert [each.name for each in find_members(uow, MemberQuery())[0]] == ["Ana"]
    for _again in range(2):
        with house.opens()(OPERATOR) as uow:
            resume(uow, "paid")
    with house.open() as uow:
        members.invite(uow, "ben@acme.example", "Ben", [])
        actions = [
            entry.action
            for entry in uow.session.scalars(
                select(AuditEntry).where(
                    AuditEntry.subject_kind == "tenant", AuditEntry.subject_id == ACME
                )
            )
        ]
    assert sorted(actions) == ["tenant.activate", "tenant.found", "tenant.suspend"]


def test_only_what_was_suspended_is_resumed(house: House) -> None:
    provision(house.runtime, INITECH, OPERATOR)
    tenant_id = provisioning.tenant_called(house.runtime, "initech")
    with house.opens(tenant_id)(OPERATOR) as uow:
        uow.session.get_one(Tenant, tenant_id).status = "closing"
        uow.record("tests.close", Subject("tenant", tenant_id))

    with pytest.raises(StatusForbids), house.opens(tenant_id)(OPERATOR) as uow:
        suspend(uow, "unpaid")
    with pytest.raises(NotFound):
        provisioning.tenant_called(house.runtime, "nobody")


def test_seeding_twice_seeds_once_and_everybody_can_sign_in(
    database: object, runtime: Runtime, house: House
) -> None:
    # The seeds bring tenants of their own; those of the test would hold their slugs.
    for slug in ("acme", "globex"):
        _rename(runtime, slug)
    env = {"WAREFLOW_SEED_PASSWORD": "nine purple lamps on a shelf"}

    first = seeds.seed(runtime, house.hasher, env)
    again = seeds.seed(runtime, house.hasher, env)

    assert again == first == seeds.seeded_sign_ins(runtime, env)
    assert len(first.sign_ins) == 10
    for each in first.sign_ins:
        tenant_id = provisioning.tenant_called(runtime, each.slug)
        assert signing_in.sign_in(
            house.opens(tenant_id), house.hasher, each.email, first.password, FROM_HOME
        )
    for slug in ("acme", "globex"):
        with house.open(provisioning.tenant_called(runtime, slug)) as uow:
            assert verify(uow, runtime.seal).faults == []


def test_a_seed_password_is_made_once_per_installation(house: House) -> None:
    first = seeds.seeded_sign_ins(house.runtime, {}).password

    assert seeds.seeded_sign_ins(house.runtime, {}).password == first
    assert len(first) >= 32


def _rename(runtime: Runtime, slug: str) -> None:
    tenant_id = provisioning.tenant_called(runtime, slug)
    with runtime.unit_of_work(tenant_id, OPERATOR) as uow:
        uow.session.get_one(Tenant, tenant_id).slug = f"old-{slug}"
