"""Who may invite, change and shut out whom, and what follows."""

import pytest

from kernel.audit import Subject
from kernel.errors import Invalid, NotFound, PermissionMissing, StaleWrite
from kernel.ids import ActorId
from kernel.ports import DirectoryMember
from tenants import access, members
from tenants.errors import (
    AlreadyMember,
    BeyondOwnRights,
    LastAdministrator,
    NotInThatState,
    ReportsInACircle,
    RoleInUse,
)
from tenants.identity import clients, sessions
from tenants.member_queries import MemberQuery, find_members, member_view
from tests.conftest import ACME, GLOBEX
from tests.tenants.conftest import House


def test_an_invited_member_is_told_by_mail_where_to_begin(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator")

    with house.open(actor=ana) as uow:
        ben = members.invite(uow, " Ben@Acme.example ", "Ben  Bauer", ["buyer"], ana.id)

    with house.open(actor=ana) as uow:
        view = member_view(uow, ben.id)
    mail = house.mail()[0]
    assert (view.name, view.email, view.status) == ("Ben Bauer", "Ben@Acme.example", "invited")
    assert (view.roles, view.manager_id) == (("buyer",), ana.id)
    assert (mail.to_address, mail.state) == ("Ben@Acme.example", "kept")
    assert "Ana invites you to work with Acme Mugs" in mail.body
    assert "/t/acme/invite/" in mail.body


def test_the_same_address_in_other_letters_is_the_same_member(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator")

    with pytest.raises(AlreadyMember) as refused, house.open() as uow:
        members.invite(uow, "ANA@acme.EXAMPLE", "Another Ana", [])

    assert refused.value.member_id == ana.id


def test_one_address_may_be_a_member_of_two_tenants(house: House) -> None:
    """TEN-19: that somebody is known to another tenant shows nowhere."""
    house.member("ana@acme.example", "administrator")

    in_globex = house.member("ana@acme.example", "buyer", tenant_id=GLOBEX)

    with house.open(GLOBEX) as uow:
        assert member_view(uow, in_globex.id).roles == ("buyer",)
    with pytest.raises(NotFound), house.open(ACME) as uow:
        member_view(uow, in_globex.id)


@pytest.mark.parametrize(
    "email", ["", "ana", "ana@", "@acme.example", "ana@acme", "a b@c.de", "a@b.de\r\nBcc: x@y.de"]
)
def test_what_is_no_address_is_refused(house: House, email: str) -> None:
    with pytest.raises(Invalid), house.open() as uow:
        members.invite(uow, email, "Ana", [])


def test_who_may_not_write_members_invites_nobody(house: House) -> None:
    ben = house.member("ben@acme.example", "buyer")

    with pytest.raises(PermissionMissing), house.open(actor=ben) as uow:
        members.invite(uow, "cleo@acme.example", "Cleo", [])


def test_nobody_gives_away_rights_they_do_not_have(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator")
    with house.open(actor=ana) as uow:
        access.create_role(uow, "host", "Host", "Welcomes people.", ["members:write"])
    host = house.member("hal@acme.example", "host")

    with pytest.raises(BeyondOwnRights), house.open(actor=host) as uow:
        members.invite(uow, "mallory@acme.example", "Mallory", ["administrator"])
    with pytest.raises(BeyondOwnRights), house.open(actor=host) as uow:
        members.change(uow, host.id, name="Hal", role_keys=["administrator"], manager_id=None)
    with pytest.raises(PermissionMissing), house.open(actor=host) as uow:
        access.create_role(uow, "mine", "Mine", "", ["members:write"])


def test_an_unknown_role_is_named(house: House) -> None:
    with pytest.raises(Invalid, match="pirate"), house.open() as uow:
        members.invite(uow, "ben@acme.example", "Ben", ["pirate"])


def test_somebody_must_remain_who_can_administer(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator")
    house.member("ben@acme.example", "buyer")

    with pytest.raises(LastAdministrator), house.open(actor=ana) as uow:
        members.deactivate(uow, ana.id)
    with pytest.raises(LastAdministrator), house.open(actor=ana) as uow:
        members.change(uow, ana.id, name="Ana", role_keys=["buyer"], manager_id=None)
    with pytest.raises(LastAdministrator), house.open(actor=ana) as uow:
        role = next(role for role, _count in access.roles(uow) if role.key == "administrator")
        access.change_role(uow, role.id, name="A", description="", permissions=["audit:read"])


def test_a_changed_role_holds_from_the_next_look(house: House) -> None:
    """ID-01: rights are read with every request."""
    house.member("ana@acme.example", "administrator")
    ben = house.member("ben@acme.example", "buyer")

    with house.open() as uow:
        role = next(role for role, _count in access.roles(uow) if role.key == "buyer")
        access.change_role(uow, role.id, name="Buyer", description="", permissions=["audit:read"])

    directory = house.runtime.ports.directory
    assert directory is not None
    with house.open() as uow:
        assert directory.actor(uow, ben.id).permissions == frozenset({"audit:read"})


def test_a_role_that_somebody_holds_is_not_deleted(house: House) -> None:
    house.member("ben@acme.example", "buyer")

    with pytest.raises(RoleInUse), house.open() as uow:
        role = next(role for role, _count in access.roles(uow) if role.key == "buyer")
        access.delete_role(uow, role.id)
    with house.open() as uow:
        role = next(role for role, _count in access.roles(uow) if role.key == "planner")
        access.delete_role(uow, role.id)
    with house.open() as uow:
        assert "planner" not in [role.key for role, _count in access.roles(uow)]


def test_nobody_reports_in_a_circle(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator")
    ben = house.member("ben@acme.example", "buyer", manager_id=ana.id)
    cleo = house.member("cleo@acme.example", "buyer", manager_id=ben.id)

    for manager in (ana, cleo):
        with pytest.raises(ReportsInACircle), house.open() as uow:
            members.change(
                uow, ana.id, name="Ana", role_keys=["administrator"], manager_id=manager.id
            )
    directory = house.runtime.ports.directory
    assert directory is not None
    with house.open() as uow:
        assert directory.manager_of(uow, ActorId(cleo.id)) == ben.id


def test_a_deactivated_member_is_out_at_once(house: House) -> None:
    house.member("ana@acme.example", "administrator")
    ben = house.member("ben@acme.example", "buyer")
    with house.open() as uow:
        member = members.locked_member(uow, ben.id)
        token = sessions.start(uow, member, strength="password", device="", network="")
        uow.record("tests.start", Subject("member", ben.id))

    with house.open() as uow:
        members.deactivate(uow, ben.id, "left the company")
        members.deactivate(uow, ben.id)

    directory = house.runtime.ports.directory
    assert directory is not None
    with house.open() as uow:
        assert sessions.actor_of_session(uow, token) is None
        assert directory.members_with_role(uow, "buyer") == []
        assert directory.name_of(uow, ben.id) == "Ben"
        with pytest.raises(NotFound):
            directory.actor(uow, ben.id)
    with house.open() as uow:
        assert members.reactivate(uow, ben.id).status == "active"
        assert sessions.actor_of_session(uow, token) is None
    with pytest.raises(NotInThatState), house.open() as uow:
        members.reactivate(uow, ben.id)


def test_a_change_of_what_somebody_else_changed_is_refused(house: House) -> None:
    house.member("ana@acme.example", "administrator")
    ben = house.member("ben@acme.example", "buyer")
    with house.open() as uow:
        version = member_view(uow, ben.id).version
        members.change(uow, ben.id, name="Ben B", role_keys=["buyer"], manager_id=None)

    with pytest.raises(StaleWrite), house.open() as uow:
        members.change(
            uow, ben.id, name="B", role_keys=[], manager_id=None, expected_version=version
        )


def test_a_list_of_members_goes_on_where_a_page_ended(house: House) -> None:
    for name in ("cleo", "ana", "dora", "ben", "eve"):
        house.member(f"{name}@acme.example", "buyer", password=None)
    house.member("gus@globex.example", tenant_id=GLOBEX, password=None)

    seen: dict[str, list[str]] = {}
    for sort in ("name", "-name", "created_at", "-created_at"):
        after = None
        while True:
            with house.open() as uow:
                page, after = find_members(uow, MemberQuery(sort=sort), after=after, limit=2)
            seen.setdefault(sort, []).extend(member.name for member in page)
            if after is None:
                break

    by_name = ["Ana", "Ben", "Cleo", "Dora", "Eve"]
    by_age = ["Cleo", "Ana", "Dora", "Ben", "Eve"]
    assert seen == {
        "name": by_name,
        "-name": by_name[::-1],
        "created_at": by_age,
        "-created_at": by_age[::-1],
    }


def test_members_are_found_by_a_part_of_name_or_address(house: House) -> None:
    house.member("ana@acme.example", "administrator")
    house.member("ben@acme.example", "buyer", password=None)

    with house.open() as uow:
        found = {
            "by text": find_members(uow, MemberQuery(text="EN@ac"))[0],
            "by role": find_members(uow, MemberQuery(role="administrator"))[0],
            "by status": find_members(uow, MemberQuery(status="invited"))[0],
            "nobody": find_members(uow, MemberQuery(text="%"))[0],
        }

    names = {why: [member.name for member in page] for why, page in found.items()}
    assert names == {"by text": ["Ben"], "by role": ["Ana"], "by status": ["Ben"], "nobody": []}


def test_the_directory_knows_people_clients_and_the_system(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator")
    ben = house.member("ben@acme.example", "buyer", "planner", manager_id=ana.id)
    house.member("gus@globex.example", "buyer", tenant_id=GLOBEX)
    with house.open(actor=ana) as uow:
        till = ActorId(clients.create_client(uow, "Till", ["orders:read"]).client_id)
    directory = house.runtime.ports.directory
    assert directory is not None

    with house.open() as uow:
        known = directory.members(uow)
        names = [
            directory.name_of(uow, actor_id)
            for actor_id in (ben.id, till, ActorId("system:relay"), ActorId("mem_nobody"))
        ]
        may = directory.actor(uow, till).permissions

    assert known == [
        DirectoryMember(ana.id, "Ana", frozenset({"administrator"})),
        DirectoryMember(ben.id, "Ben", frozenset({"buyer", "planner"}), ana.id),
    ]
    assert names == ["Ben", "Till", "Wareflow (relay)", "mem_nobody"]
    assert may == {"orders:read"}
    assert (directory.tenant_of("acme"), directory.tenant_of("globex")) == (ACME, GLOBEX)
    with pytest.raises(NotFound):
        directory.tenant_of("nobody")
    with pytest.raises(NotFound), house.open(GLOBEX) as uow:
        directory.actor(uow, ana.id)
