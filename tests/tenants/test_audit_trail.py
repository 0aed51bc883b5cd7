"""The audit trail as people read it."""

import pytest

from kernel.errors import NotFound, PermissionMissing
from tenants import access, members
from tenants.audit_trail import RowDifference, TrailQuery, read_trail, trail_entry
from tests.conftest import GLOBEX
from tests.tenants.conftest import House


def test_an_entry_tells_who_changed_what_from_what_to_what(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator")
    with house.open() as uow:
        role = next(role for role, _count in access.roles(uow) if role.key == "planner")
    with house.open(actor=ana) as uow:
        access.change_role(
            uow, role.id, name="Planer", description=role.description, permissions=["audit:read"]
        )

    with house.open(actor=ana) as uow:
        [entry], _more = read_trail(uow, TrailQuery(action="roles.change"))

    [change] = entry.changes
    assert (entry.actor_name, entry.subject_kind, entry.subject_id) == ("Ana", "role", role.id)
    assert (change.table, change.is_deleted) == ("role", False)
    assert ("name", "Planner", "Planer") in change.fields
    assert ("permissions", role.permissions, ["audit:read"]) in change.fields


def test_personal_values_are_not_shown(house: House) -> None:
    """AUD-12: the trail says that a name changed, not which name it was."""
    ana = house.member("ana@acme.example", "administrator")
    with house.open(actor=ana) as uow:
        members.change(uow, ana.id, name="Ana Anders", role_keys=["administrator"], manager_id=None)

    with house.open(actor=ana) as uow:
        [entry], _more = read_trail(uow, TrailQuery(action="members.change"))

    hidden = ("(not shown)", "(not shown)")
    assert entry.changes == [
        RowDifference("member", ana.id, False, [("name", *hidden), ("name_folded", *hidden)])
    ]


def test_reading_the_trail_is_written_to_it(house: House) -> None:
    """AUD-13: and needs a permission."""
    ana = house.member("ana@acme.example", "administrator")
    ben = house.member("ben@acme.example", "buyer")
    with house.open(actor=ana) as uow:
        read_trail(uow, TrailQuery(action="members"))
    with pytest.raises(PermissionMissing), house.open(actor=ben) as uow:
        read_trail(uow, TrailQuery())

    with house.open(actor=ana) as uow:
        [read], _more = read_trail(uow, TrailQuery(action="audit.read"))
        [denied], _more = read_trail(uow, TrailQuery(actor_id=ben.id, outcome="denied"))

    assert (read.actor_id, read.facts) == (ana.id, {"action": "members"})
    assert denied.action == "access.denied"


def test_the_trail_goes_on_page_by_page(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator")
    query = TrailQuery(subject_kind="role")

    seen, before, pages = [], None, 0
    while pages == 0 or before is not None:
        with house.open(actor=ana) as uow:
            entries, before = read_trail(uow, query, beyond=before, limit=4)
        seen += [entry.id for entry in entries]
        pages += 1

    assert (len(seen), len(set(seen)), pages) == (9, 9, 3)
    assert seen == sorted(seen, reverse=True)


def test_another_tenant_s_entries_are_not_there(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator")
    gus = house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)
    with house.open(actor=ana) as uow:
        entries, _more = read_trail(uow, TrailQuery(), limit=200)

    with pytest.raises(NotFound), house.open(GLOBEX, gus) as uow:
        trail_entry(uow, entries[0].id)
    with house.open(actor=ana) as uow:
        assert trail_entry(uow, entries[0].id) == entries[0]
