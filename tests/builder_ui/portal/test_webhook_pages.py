"""Webhooks in the portal: a secret is shown once, what was sent is told, wrong input in words."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from kernel.audit import Subject
from kernel.clock import StoppedClock
from tenants.webhooks.endpoints import keys_of
from tenants.webhooks.signing import spelled
from tenants.webhooks.tables import WebhookDelivery, WebhookEndpoint
from tests.builder_ui.portal.conftest import Walker, words
from tests.conftest import ACME, GLOBEX
from tests.tenants.conftest import House

Come = Callable[..., Walker]
URL = "https://shop.invalid/hook"


@pytest.fixture
def ada(house: House, walker: Come) -> Walker:
    """An administrator of ACME."""
    house.member("ada@acme.example", "administrator")
    return walker("ada@acme.example")


def made(ada: Walker, house: House, *, is_proven: bool = True) -> tuple[str, str]:
    """Add an endpoint and return its id and the secret that the page showed."""
    answer = ada.send("admin/webhooks", url=URL, event_types=["order.placed", "order.held"])
    assert answer.status_code == 201, words(answer)
    secret = re.search(r'id="webhook-secret" class="id">([^<]+)<', answer.text)
    assert secret is not None
    assert answer.headers["Cache-Control"] == "no-store"
    with house.open() as uow:
        endpoint = uow.session.scalars(select(WebhookEndpoint)).one()
        if is_proven:
            endpoint.state, endpoint.proven_at, endpoint.has_work = "enabled", uow.real_now, False
            uow.record("tests.prove", Subject("webhook", endpoint.id))
    return endpoint.id, secret[1]


def test_there_are_no_webhooks_at_first(ada: Walker) -> None:
    assert "No webhooks yet" in words(ada.open("admin/webhooks"))


def test_a_webhook_is_added_and_its_secret_shown_this_once(ada: Walker, house: House) -> None:
    """WH-01: what the page shows is what signs; no later page shows it again."""
    webhook_id, secret = made(ada, house)

    with house.open() as uow:
        (key,) = keys_of(uow, house.runtime.secrets, webhook_id)
    assert spelled(key) == secret
    for page in ("admin/webhooks", f"admin/webhooks/{webhook_id}", "audit"):
        assert secret not in ada.open(page).text


def test_wrong_input_is_told_in_words_beside_its_field(ada: Walker) -> None:
    """WH-09: http, a private address, and no kind of event."""
    for url, told in (
        ("http://shop.example/", "must start with https://"),
        ("https://10.0.0.1/", "one of the public internet"),
        ("https://shop.example:22/", "port 443 or 8443"),
    ):
        refused = ada.send("admin/webhooks", url=url, description="Orders")

        assert refused.status_code == 422
        assert told in words(refused)
        assert "Choose at least one kind of event." in words(refused)
        assert f'value="{url}"' in refused.text


def test_a_webhook_is_changed_once_from_what_was_seen(ada: Walker, house: House) -> None:
    webhook_id, _secret = made(ada, house)
    with house.open() as uow:
        version = str(uow.session.get_one(WebhookEndpoint, (ACME, webhook_id)).version)
    wanted: dict[str, str | list[str]] = {
        "url": "https://other.invalid/",
        "event_types": ["order.placed"],
    }

    first = ada.send(f"admin/webhooks/{webhook_id}", version=version, **wanted)
    late = ada.send(f"admin/webhooks/{webhook_id}", version=version, **wanted)

    assert (first.status_code, late.status_code) == (303, 412)
    assert "Not proven yet" in words(ada.open(f"admin/webhooks/{webhook_id}"))


def test_a_rotation_shows_another_secret_and_says_until_when_the_first_signs(
    ada: Walker, house: House
) -> None:
    """WH-03."""
    webhook_id, secret = made(ada, house)

    answer = ada.send(f"admin/webhooks/{webhook_id}/rotation")

    assert answer.status_code == 201
    assert "whsec_" in answer.text
    assert secret not in answer.text
    assert "Older secret signs until 3 Mar 2026" in words(ada.open(f"admin/webhooks/{webhook_id}"))


def test_a_webhook_is_switched_off_and_on_and_removed(ada: Walker, house: House) -> None:
    webhook_id, _secret = made(ada, house)
    page = f"admin/webhooks/{webhook_id}"

    ada.send(f"{page}/suspension")
    assert "Somebody disabled it." in words(ada.open(page))
    ada.send(f"{page}/activation")
    assert "Enabled" in words(ada.open(page))
    ada.send(f"{page}/removal")

    assert ada.open(page).status_code == 404
    assert "No webhooks yet" in words(ada.open("admin/webhooks"))


def test_a_test_message_is_sent_and_each_attempt_is_shown(
    ada: Walker, house: House, clock: StoppedClock
) -> None:
    """WH-05, WH-09: a name that nobody has is a failed attempt, with the next one's time."""
    webhook_id, _secret = made(ada, house)

    answer = ada.send(f"admin/webhooks/{webhook_id}/test")
    house.runtime.drain_all()
    clock.pass_time(timedelta(seconds=1))

    told = words(ada.open(answer.headers["Location"]))
    assert "A test message is on its way." in told
    assert "The host's name was not found." in told
    assert "webhook.tested" in words(ada.open(f"admin/webhooks/{webhook_id}"))
    assert "Failing since" in words(ada.open("admin/webhooks"))


def test_days_are_replayed_and_nonsense_is_told(ada: Walker, house: House) -> None:
    """WH-06."""
    webhook_id, _secret = made(ada, house)
    with house.open() as uow:
        uow.emit_named("order.placed", {"order_id": "ord_1"})
        uow.record("tests.happen", Subject("order", "ord_1"))
    page = f"admin/webhooks/{webhook_id}"

    refused = ada.send(f"{page}/replays", since="", until="mug")
    backwards = ada.send(f"{page}/replays", since="2026-03-03", until="2026-03-01")
    done = ada.send(f"{page}/replays", since="2026-03-01", until="2026-03-02")

    assert (refused.status_code, backwards.status_code) == (422, 422)
    assert "Choose a day." in words(refused)
    assert done.headers["Location"].endswith("told=replayed")
    with house.open() as uow:
        (row,) = uow.session.scalars(select(WebhookDelivery))
    assert (row.event_type, row.state) == ("order.placed", "waiting")


def test_another_tenants_webhook_is_a_page_that_does_not_exist(
    ada: Walker, house: House, walker: Come
) -> None:
    webhook_id, _secret = made(ada, house)
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)
    gus = walker("gus@globex.example", slug="globex")

    assert gus.open(f"admin/webhooks/{webhook_id}").status_code == 404
    assert gus.send(f"admin/webhooks/{webhook_id}/rotation").status_code == 404
    assert "No webhooks yet" in words(gus.open("admin/webhooks"))
