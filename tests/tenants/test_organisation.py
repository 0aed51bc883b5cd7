"""The organisation tree: who stands under whom, since when, and the path of a scope."""

from datetime import date, timedelta

import psycopg
import pytest
from psycopg import errors as postgres

from kernel.clock import StoppedClock
from kernel.errors import Invalid, NotFound, PermissionMissing
from tenants.organisation import tree
from tenants.organisation.errors import CodeTaken, MovesBackInTime, WrongLevel
from tests.conftest import GLOBEX, Cluster
from tests.tenants.conftest import House

TODAY = date(2026, 3, 2)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def ids(house: House) -> dict[str, str]:
    """Acme with two brands; a shop in Berlin stands under Mugs."""
    with house.open() as uow:
        company = tree.add_unit(uow, "company", "acme", "Acme").id
        mugs = tree.add_unit(uow, "brand", "mugs", "Mugs", parent_id=company).id
        lamps = tree.add_unit(uow, "brand", "lamps", "Lamps", parent_id=company).id
        berlin = tree.add_unit(uow, "node", "berlin", "Berlin", parent_id=mugs).id
    return {"acme": company, "mugs": mugs, "lamps": lamps, "berlin": berlin}


def test_a_path_leads_from_the_company_down(house: House, ids: dict[str, str]) -> None:
    with house.open() as uow:
        path = tree.path_of(uow, ids["berlin"])

    assert path == (ids["acme"], ids["mugs"], ids["berlin"])


def test_a_move_holds_from_its_day_on_and_leaves_the_past(
    house: House, ids: dict[str, str]
) -> None:
    with house.open() as uow:
        tree.move_unit(uow, ids["berlin"], ids["lamps"], TOMORROW)

    with house.open() as uow:
        before = tree.path_of(uow, ids["berlin"], TODAY)
        after = tree.path_of(uow, ids["berlin"], TOMORROW)
        places = [(p.valid_from, p.valid_until) for p in tree.places_of(uow, ids["berlin"])]
    assert before == (ids["acme"], ids["mugs"], ids["berlin"])
    assert after == (ids["acme"], ids["lamps"], ids["berlin"])
    assert places == [(TOMORROW, None), (TODAY, TOMORROW)]


def test_a_planned_move_is_replaced_by_the_next(house: House, ids: dict[str, str]) -> None:
    with house.open() as uow:
        tree.move_unit(uow, ids["berlin"], ids["lamps"], TOMORROW)
    with house.open() as uow:
        tree.move_unit(uow, ids["berlin"], ids["acme"], TOMORROW)
        tree.move_unit(uow, ids["berlin"], ids["acme"], TOMORROW)

    with house.open() as uow:
        assert tree.path_of(uow, ids["berlin"], TOMORROW) == (ids["acme"], ids["berlin"])
        assert len(tree.places_of(uow, ids["berlin"])) == 2


def test_nothing_moves_before_it_stood_anywhere(house: House, ids: dict[str, str]) -> None:
    with pytest.raises(MovesBackInTime), house.open() as uow:
        tree.move_unit(uow, ids["berlin"], ids["lamps"], TODAY - timedelta(days=1))
    with pytest.raises(NotFound), house.open() as uow:
        tree.path_of(uow, ids["berlin"], TODAY - timedelta(days=1))


@pytest.mark.parametrize(
    ("kind", "parent", "refusal"),
    [
        pytest.param("company", "mugs", WrongLevel, id="a company stands under nothing narrower"),
        pytest.param("brand", "mugs", WrongLevel, id="a brand does not stand under a brand"),
        pytest.param("node", None, Invalid, id="a node stands under something"),
        pytest.param("node", "nowhere", Invalid, id="under something that is there"),
        pytest.param("planet", "mugs", Invalid, id="there are five kinds"),
    ],
)
def test_a_unit_stands_under_a_broader_one(
    house: House, ids: dict[str, str], kind: str, parent: str | None, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal), house.open() as uow:
        parent_id = ids.get(parent, parent) if parent else None
        tree.add_unit(uow, kind, "new", "New", parent_id=parent_id)


def test_a_code_is_taken_once_in_a_tenant(house: House, ids: dict[str, str]) -> None:
    with pytest.raises(CodeTaken), house.open() as uow:
        tree.add_unit(uow, "company", "mugs", "Mugs again")
    with house.open(GLOBEX) as uow:
        tree.add_unit(uow, "company", "mugs", "Mugs of Globex")


def test_another_tenant_s_units_are_not_there(house: House, ids: dict[str, str]) -> None:
    with house.open(GLOBEX) as uow:
        assert tree.tree(uow) == []
        with pytest.raises(NotFound):
            tree.path_of(uow, ids["berlin"])
        with pytest.raises(Invalid):
            tree.add_unit(uow, "node", "oslo", "Oslo", parent_id=ids["mugs"])


def test_a_tree_holds_every_unit_under_its_parent(house: House, ids: dict[str, str]) -> None:
    with house.open() as uow:
        [company] = tree.tree(uow)

    lamps, mugs = company.branches
    assert (company.name, lamps.name, mugs.name) == ("Acme", "Lamps", "Mugs")
    assert [branch.name for branch in mugs.branches] == ["Berlin"]


def test_who_may_not_write_the_organisation_does_not(house: House) -> None:
    ben = house.member("ben@acme.example", "buyer")

    with pytest.raises(PermissionMissing), house.open(actor=ben) as uow:
        tree.add_unit(uow, "company", "acme", "Acme")


def test_the_day_is_the_tenant_s_own(house: House, clock: StoppedClock) -> None:
    """At 23:30 UTC it is tomorrow in Berlin already."""
    clock.pass_time(timedelta(hours=14, minutes=30))

    with house.open() as uow:
        assert tree.today(uow) == TOMORROW


def test_the_database_itself_keeps_a_unit_in_one_place(
    house: House, ids: dict[str, str], database: Cluster
) -> None:
    copied = (
        "INSERT INTO organisation_place (tenant_id, version, id, unit_id, parent_id, valid_from)"
        " SELECT tenant_id, 1, 'plc_second', unit_id, parent_id, valid_from"
        " FROM organisation_place WHERE unit_id = %s"
    )
    with (
        pytest.raises(postgres.ExclusionViolation),
        psycopg.connect(database.superuser_url) as connection,
    ):
        connection.execute(copied, [ids["berlin"]])
