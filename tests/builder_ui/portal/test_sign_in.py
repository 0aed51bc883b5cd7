"""Signing in through the portal: the form, the cookie, and where it leads."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from builder_ui.portal.cookies import check_cookies_can_hold
from builder_ui.portal.visits import device_name, network_class
from builder_ui.shell.assets import Assets
from kernel.config import ConfigError
from tests.builder_ui.portal.conftest import OURS, SOURCES, Walker, compose_portal, words
from tests.conftest import GLOBEX
from tests.tenants.conftest import OTHER_PASSWORD, PASSWORD, House

Come = Callable[..., Walker]


def test_a_person_signs_in_and_is_led_to_the_first_page(house: House, walker: Come) -> None:
    house.member("ana@acme.example", "administrator")
    ana = walker()

    answer = ana.sign_in("ana@acme.example")

    assert (answer.status_code, answer.location) == (303, "/t/acme/")
    assert ana.open("").location == "/t/acme/tasks"
    assert "Ana" in words(ana.open("members"))


def test_the_cookie_over_https_is_bound_to_the_host(
    house: House, tmp_path: Path, runtime: object
) -> None:
    """ID-02: __Host-sid; Secure; HttpOnly; SameSite=Lax; Path=/."""
    house.member("ana@acme.example", "administrator")
    house.runtime.config = replace(house.runtime.config, public_url="https://shop.example")
    assets = Assets(tmp_path, {f"src/{name}": name for name in SOURCES})
    client = compose_portal(house.runtime, house, assets).test_client()

    answer = client.post(
        "/t/acme/sign-in",
        data={"email": "ana@acme.example", "password": PASSWORD},
        headers=OURS,
        base_url="https://shop.example",
    )

    [cookie] = answer.headers.getlist("Set-Cookie")
    name, _equals, rest = cookie.partition("=")
    assert name == "__Host-sid"
    assert rest.split("; ")[1:] == ["Secure", "HttpOnly", "Path=/", "SameSite=Lax"]
    assert len(rest.split("; ")[0]) == 43


def test_the_cookie_on_the_loopback_works_without_tls(house: House, walker: Come) -> None:
    """ID-02: a browser refuses the prefix over http, so there it has another name."""
    house.member("ana@acme.example", "administrator")

    [cookie] = walker().sign_in("ana@acme.example").headers.getlist("Set-Cookie")

    assert re.fullmatch(r"sid=[\w-]{43}; HttpOnly; Path=/; SameSite=Lax", cookie)


def test_sessions_without_tls_off_the_loopback_are_refused_at_start(house: House) -> None:
    config = house.runtime.config

    check_cookies_can_hold(replace(config, public_url="http://localhost:8080"))
    check_cookies_can_hold(replace(config, public_url="https://shop.example"))
    with pytest.raises(ConfigError, match=r"http://shop\.example"):
        check_cookies_can_hold(replace(config, public_url="http://shop.example"))


def test_a_new_session_has_a_new_id_and_ends_the_old(house: House, walker: Come) -> None:
    """ID-03: what was in the browser before signing in is worth nothing afterwards."""
    house.member("ana@acme.example", "administrator")
    ana = walker("ana@acme.example")
    before = ana.client.get_cookie("sid")
    assert before is not None

    ana.sign_in("ana@acme.example")

    after = ana.client.get_cookie("sid")
    assert after is not None
    assert after.value != before.value
    thief = walker()
    thief.client.set_cookie("sid", before.value)
    assert thief.open("members").location == "/t/acme/sign-in?next=%2Ft%2Facme%2Fmembers"


def test_a_wrong_password_says_so_above_the_form(house: House, walker: Come) -> None:
    """ID-10: the same page for a wrong password and an unknown address."""
    house.member("ana@acme.example", "administrator")

    wrong = walker().sign_in("ana@acme.example", "wrong")
    unknown = walker().sign_in("eve@acme.example", "wrong")

    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert "The e-mail address or the password is not right." in words(wrong)
    assert wrong.text.replace("ana@", "eve@") == unknown.text
    assert 'value="wrong"' not in wrong.text


def test_too_many_attempts_are_told_to_wait(house: House, walker: Come) -> None:
    somebody = walker()
    for _ in range(5):
        somebody.sign_in("eve@acme.example", "wrong")

    answer = somebody.sign_in("eve@acme.example", "wrong")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert "wait" in words(answer)


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        pytest.param("/t/acme/roles", "/t/acme/roles", id="a page of this tenant"),
        pytest.param("/t/acme/members?q=//x", "/t/acme/members?q=//x", id="with its filters"),
        pytest.param("https://evil.example/", "/t/acme/", id="another site"),
        pytest.param("//evil.example/t/acme/", "/t/acme/", id="another site in disguise"),
        pytest.param("/t/acme/..//evil.example", "/t/acme/", id="in another disguise"),
        pytest.param("/t/globex/members", "/t/acme/", id="another tenant"),
        pytest.param("/t/acme/\\evil.example", "/t/acme/", id="a backslash"),
    ],
)
def test_signing_in_leads_to_pages_of_this_tenant_alone(
    house: House, walker: Come, wanted: str, led_to: str
) -> None:
    house.member("ana@acme.example", "administrator")

    answer = walker().sign_in("ana@acme.example", next=wanted)

    assert answer.location == led_to


def test_a_stranger_is_led_to_sign_in_and_back(house: House, walker: Come) -> None:
    somebody = walker()

    opened = somebody.open("members?status=active")
    form = somebody.client.post("/t/acme/members", data={}, headers=OURS)
    swapped = somebody.open("members", **{"HX-Request": "true"})

    assert opened.location == "/t/acme/sign-in?next=%2Ft%2Facme%2Fmembers%3Fstatus%3Dactive"
    assert (form.status_code, swapped.status_code) == (401, 401)
    assert "Sign in" in words(form)


def test_signing_out_ends_the_session_in_every_process(
    house: House, walker: Come, app: Flask
) -> None:
    """ID-01: a second application on the same database refuses the cookie at once."""
    house.member("ana@acme.example", "administrator")
    ana = walker("ana@acme.example")
    cookie = ana.client.get_cookie("sid")
    assert cookie is not None

    answer = ana.send("sign-out")

    elsewhere = walker()
    elsewhere.client.set_cookie("sid", cookie.value)
    assert answer.location == "/t/acme/sign-in?told=signed-out"
    assert ana.client.get_cookie("sid") is None
    assert elsewhere.open("members").status_code == 303


def test_a_session_of_acme_is_none_of_globex(house: House, walker: Come) -> None:
    """TEN-01: the tenant of the address and of the session agree, or nobody is signed in."""
    house.member("ana@acme.example", "administrator")
    house.member("ana@acme.example", "administrator", tenant_id=GLOBEX)
    ana = walker("ana@acme.example")

    assert ana.open("/t/globex/members").location.startswith("/t/globex/sign-in")
    assert ana.open("/t/nobody/members").status_code == 404
    assert ana.open("members").status_code == 200
    assert walker().open("members", Authorization="Bearer x").status_code == 303


def test_an_invited_member_chooses_a_password_and_is_in(house: House, walker: Come) -> None:
    house.member("ana@acme.example", "administrator", password=None)
    token, ana = house.mailed_token(), walker()
    greeting = ana.open(f"invite/{token}")

    unequal = ana.send(f"invite/{token}", password=OTHER_PASSWORD, again="another one of mine")
    weak = ana.send(f"invite/{token}", password="password1234", again="password1234")
    good = ana.send(f"invite/{token}", password=OTHER_PASSWORD, again=OTHER_PASSWORD)

    assert "Welcome, Ana" in words(greeting)
    assert (unequal.status_code, weak.status_code) == (422, 422)
    assert "The two passwords are not the same" in words(unequal)
    assert "among what is tried first" in words(weak)
    assert (good.status_code, ana.open("members").status_code) == (303, 200)
    assert ana.open(f"invite/{token}").status_code == 409


def test_a_forgotten_password_is_replaced_by_mail(house: House, walker: Come) -> None:
    """ID-10: the answer is the same for a stranger's address."""
    house.member("ana@acme.example", "administrator")
    ana = walker()

    known = ana.send("reset", email="ana@acme.example")
    unknown = walker().send("reset", email="eve@acme.example")
    token = house.mailed_token()
    done = ana.send(f"reset/{token}", password=OTHER_PASSWORD, again=OTHER_PASSWORD)

    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert (done.status_code, ana.open("me").status_code) == (303, 200)
    assert walker().sign_in("ana@acme.example", OTHER_PASSWORD).status_code == 303


def test_a_forged_sign_in_is_refused(house: House, app: Flask) -> None:
    """ID-04: even the sign-in form is only taken from our own pages."""
    house.member("ana@acme.example", "administrator")

    answer = app.test_client().post(
        "/t/acme/sign-in",
        data={"email": "ana@acme.example", "password": PASSWORD},
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_the_front_page_asks_for_the_company(house: House, walker: Come) -> None:
    somebody = walker()

    assert somebody.open("/").status_code == 200
    assert somebody.open("/?company=ACME").location == "/t/acme/sign-in"
    assert somebody.open("/?company=nobody").status_code == 422


def test_browsers_and_networks_are_named_for_people() -> None:
    chrome = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140.0 Safari/537"

    assert device_name(chrome) == "Chrome on Windows"
    assert device_name("") == "Unknown browser"
    assert [network_class(each) for each in ("127.0.0.1", "10.1.2.3", "203.0.114.1", "x")] == [
        "loopback", "private", "public", "unknown",
    ]  # fmt: skip
