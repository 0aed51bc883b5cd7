"""API clients in the portal: a secret is shown once, scopes are those that people hold."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from kernel.clock import StoppedClock
from tenants import access
from tenants.identity.client_queries import client_view
from tenants.identity.clients import authenticated_client
from tests.builder_ui.portal.conftest import Walker, words
from tests.tenants.conftest import House

Come = Callable[..., Walker]


@pytest.fixture
def ada(house: House, walker: Come) -> Walker:
    """An administrator of ACME."""
    house.member("ada@acme.example", "administrator")
    return walker("ada@acme.example")


def made(ada: Walker, name: str = "Shop connector", *scopes: str) -> tuple[str, str]:
    """Create a client, and return its id and the secret that the page showed."""
    answer = ada.send("api-clients", name=name, scopes=list(scopes or ("catalog:read",)))
    assert answer.status_code == 201, words(answer)
    found = re.findall(r'id="client-(?:id|secret)" class="id">([^<]+)<', answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    return found[0], found[1]


def test_there_are_no_clients_at_first(ada: Walker) -> None:
    assert "No API clients yet" in words(ada.open("api-clients"))


def test_a_client_is_created_and_its_secret_shown_this_once(ada: Walker, house: House) -> None:
    """OA-12: what the page shows proves the client; no later page shows it again."""
    client_id, secret = made(ada)

    with house.open() as uow:
        assert authenticated_client(uow, client_id, secret) is not None
    for page in ("api-clients", f"api-clients/{client_id}", "audit"):
        assert secret not in ada.open(page).text


def test_it_is_told_when_a_client_was_last_used(
    ada: Walker, house: House, clock: StoppedClock
) -> None:
    client_id, secret = made(ada)
    assert "Never" in words(ada.open("api-clients"))
    clock.pass_time(timedelta(minutes=5))

    with house.open() as uow:
        assert authenticated_client(uow, client_id, secret) is not None
        used_at = uow.real_now

    with house.open() as uow:
        assert client_view(uow, client_id).used_at == used_at
    assert "Never" not in words(ada.open("api-clients"))
    assert "last used" in words(ada.open(f"api-clients/{client_id}"))


def test_a_secret_is_changed_without_standing_still(
    ada: Walker, house: House, clock: StoppedClock
) -> None:
    """OA-12: both secrets work until the older one is revoked; there are never three."""
    client_id, first = made(ada)
    clock.pass_time(timedelta(minutes=5))

    answer = ada.send(f"api-clients/{client_id}/secrets")
    second = re.findall(r'id="client-secret" class="id">([^<]+)<', answer.text)[0]
    third = ada.send(f"api-clients/{client_id}/secrets")
    revoked = ada.send(f"api-clients/{client_id}/older-secret/revocation")
    last = ada.send(f"api-clients/{client_id}/older-secret/revocation")

    assert (answer.status_code, revoked.status_code) == (201, 303)
    assert (third.status_code, last.status_code) == (409, 409)
    with house.open() as uow:
        assert authenticated_client(uow, client_id, first) is None
        assert authenticated_client(uow, client_id, second) is not None


def test_a_client_is_suspended_and_resumed(ada: Walker, house: House) -> None:
    client_id, secret = made(ada)

    ada.send(f"api-clients/{client_id}/suspension")
    suspended = words(ada.open(f"api-clients/{client_id}?told=suspended"))
    with house.open() as uow:
        assert authenticated_client(uow, client_id, secret) is None
    ada.send(f"api-clients/{client_id}/resumption")

    assert "its tokens are refused from now on" in suspended
    with house.open() as uow:
        assert authenticated_client(uow, client_id, secret) is not None


def test_scopes_are_replaced_unless_somebody_else_was_faster(ada: Walker, house: House) -> None:
    client_id, _secret = made(ada)
    with house.open() as uow:
        grant = client_view(uow, client_id).grant_id

    wanted = ["catalog:write", "orders:read"]
    changed = ada.send(f"api-clients/{client_id}/scopes", grant=grant, scopes=wanted)
    late = ada.send(f"api-clients/{client_id}/scopes", grant=grant, scopes=["audit:read"])

    assert (changed.status_code, late.status_code) == (303, 409)
    assert "Somebody changed the scopes since you looked" in words(late)
    with house.open() as uow:
        assert client_view(uow, client_id).scopes == ("catalog:write", "orders:read")


def test_nobody_gives_a_client_what_they_do_not_hold(house: House, walker: Come) -> None:
    """OA-24: the box cannot be ticked, and a form sent by hand is refused."""
    with house.open() as uow:
        rights = ["settings:read", "settings:write", "catalog:read"]
        access.create_role(uow, "integrator", "Integrator", "Connects systems.", rights)
    house.member("ivo@acme.example", "integrator")
    ivo = walker("ivo@acme.example")

    page = ivo.open("api-clients/new").text
    refused = ivo.send("api-clients", name="Shop", scopes=["orders:write"])

    box = re.search(r'<input[^>]*value="orders:write"[^>]*>', page)
    assert box is not None
    assert "disabled" in box[0]
    assert refused.status_code == 403
    assert ivo.send("api-clients", name="Shop", scopes=["catalog:read"]).status_code == 201


def test_a_form_without_name_or_scopes_comes_back_with_every_word(ada: Walker) -> None:
    nameless = ada.send("api-clients", name=" ", scopes=["catalog:read"])
    idle = ada.send("api-clients", name="Shop connector")

    assert (nameless.status_code, idle.status_code) == (422, 422)
    assert "Give a name of 1 to 200 characters." in words(nameless)
    assert "Name at least one scope." in words(idle)
    assert 'value="Shop connector"' in idle.text


def test_who_may_only_look_sees_no_button(
    house: House, walker: Come, app: Flask, ada: Walker
) -> None:
    client_id, _secret = made(ada)
    with house.open() as uow:
        access.create_role(uow, "looker", "Looker", "Looks.", ["settings:read"])
    house.member("lou@acme.example", "looker")
    lou = walker("lou@acme.example")

    page = lou.open(f"api-clients/{client_id}")

    assert page.status_code == 200
    assert "Suspend" not in words(page)
    assert lou.open("api-clients/new").status_code == 403


def test_the_thousandth_client_is_on_a_later_page(ada: Walker, house: House) -> None:
    for number in range(60):
        made(ada, f"Client {number}")

    first = ada.open("api-clients").text
    following = re.search(r'href="(/t/acme/api-clients\?[^"]*cursor=[^"]+)"', first)
    assert following is not None
    second = ada.open(following[1].replace("&amp;", "&")).text

    shown = [re.findall(r">(Client \d+)</a>", page) for page in (first, second)]
    assert [len(each) for each in shown] == [50, 10]
    assert {*shown[0], *shown[1]} == {f"Client {number}" for number in range(60)}
