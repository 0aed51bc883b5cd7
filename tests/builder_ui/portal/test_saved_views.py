"""Views of lists are kept for oneself or for everybody, and taken away by who may."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from kernel.audit import AuditEntry
from tests.builder_ui.portal.conftest import Walker, words
from tests.conftest import GLOBEX
from tests.tenants.conftest import House

Come = Callable[..., Walker]


@pytest.fixture
def ana(house: House, walker: Come) -> Walker:
    house.member("ana@acme.example", "administrator")
    return walker("ana@acme.example")


@pytest.fixture
def bob(house: House, walker: Come) -> Walker:
    house.member("bob@acme.example", "customer_service")
    return walker("bob@acme.example")


def deletion_on(page: str) -> str:
    found = re.search(r'action="([^"]*/views/viw_\w+/deletion)"', page)
    assert found is not None
    return found[1]


def test_a_private_view_is_its_owner_s_and_a_shared_one_everybody_s(
    ana: Walker, bob: Walker, house: House
) -> None:
    """P5: private, shared, another user."""
    bob.send("orders/views?phase=held&columns=country", name="Held abroad")
    bob.send("orders/views?phase=placed", name="Fresh", shared="yes")

    own, others = bob.open("orders"), ana.open("orders")

    assert 'href="/t/acme/orders?phase=held&amp;columns=country"' in own.text
    assert "Held abroad" in words(own)
    assert "Held abroad" not in others.text
    assert "Fresh shared" in words(others)
    with house.open() as uow:
        kept = uow.session.scalars(select(AuditEntry).where(AuditEntry.action == "views.save"))
        assert len(list(kept)) == 2


def test_the_view_of_the_address_is_marked_and_may_be_deleted(ana: Walker, bob: Walker) -> None:
    bob.send("orders/views?phase=held", name="Held", shared="yes")
    shown = bob.open("orders?phase=held").text
    assert '<a href="/t/acme/orders?phase=held" aria-current="page">Held' in shown

    told = bob.open(bob.send(deletion_on(shown)).location)

    assert "The view was deleted." in words(told)
    assert "Held shared" not in words(ana.open("orders"))


def test_a_shared_view_is_taken_away_by_its_owner_or_who_sets_up(
    ana: Walker, bob: Walker, house: House, walker: Come
) -> None:
    house.member("cleo@acme.example", "customer_service")
    bob.send("orders/views?phase=held", name="Held", shared="yes")
    address = deletion_on(bob.open("orders?phase=held").text)

    refused = walker("cleo@acme.example").send(address)
    done = ana.send(address)

    assert refused.status_code == 404
    assert done.status_code == 303


def test_the_same_name_takes_the_place_of_the_old_view(bob: Walker) -> None:
    bob.send("orders/views?phase=held", name="Mine")
    bob.send("orders/views?phase=placed", name=" Mine ")

    page = bob.open("orders").text

    assert page.count(">Mine</a>") == 1
    assert "phase=placed" in page


def test_a_view_without_a_name_is_refused(bob: Walker) -> None:
    answer = bob.send("orders/views?phase=held", name=" ")

    assert answer.status_code == 422
    assert "Give the view a name" in words(answer)


def test_views_stay_in_their_tenant_and_their_list(bob: Walker, house: House, walker: Come) -> None:
    """TEN-05: another tenant sees none, and another list cannot delete it."""
    bob.send("orders/views?phase=held", name="Held", shared="yes")
    address = deletion_on(bob.open("orders?phase=held").text)
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)

    seen = walker("gus@globex.example", "globex").open("orders")

    assert "Held shared" not in words(seen)
    assert bob.send(address.replace("/orders/", "/purchasing/")).status_code == 404
