"""From an event to a receiver on loopback, over the whole table of retries."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import psycopg
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook

from kernel.clock import StoppedClock
from kernel.exceptions import ExceptionCase
from kernel.ids import TenantId
from tenants.webhooks import deliveries, endpoints
from tenants.webhooks.bodies import BODY_BYTES_MAX
from tenants.webhooks.retrying import PAUSES
from tenants.webhooks.signing import spelled
from tenants.webhooks.tables import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.conftest import ACME, GLOBEX
from tests.tenants.webhooks.receivers import OPERATOR, SOLD, Got, Post, Receiver, receiving


def refuses(status: int, **headers: str) -> object:
    return lambda _got: (status, headers, b"no room for mugs")


def state_of(post: Post, endpoint_id: str) -> WebhookEndpoint:
    with post.runtime.unit_of_work(ACME, OPERATOR) as uow:
        return uow.session.get_one(WebhookEndpoint, (ACME, endpoint_id))


def sent(post: Post, tenant_id: TenantId = ACME) -> Sequence[WebhookDelivery]:
    with post.runtime.unit_of_work(tenant_id, OPERATOR) as uow:
        return uow.session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.made_at)).all()


def keys_of(post: Post, endpoint_id: str) -> list[bytes]:
    with post.runtime.unit_of_work(ACME, OPERATOR) as uow:
        return endpoints.keys_of(uow, post.runtime.secrets, endpoint_id)


def test_an_endpoint_gets_a_signed_challenge_before_its_first_event(
    post: Post, receiver: Receiver, clock: StoppedClock
) -> None:
    """WH-08: nothing is sent to who did not repeat it; then every event that was chosen is."""
    receiver.repeats = False
    endpoint_id = post.add(receiver.url)
    post.happen()
    assert (state_of(post, endpoint_id).state, receiver.messages) == ("unproven", [])

    receiver.repeats = True
    clock.pass_time(timedelta(seconds=6))
    post.look_again()
    post.happen()

    assert state_of(post, endpoint_id).state == "enabled"
    assert (len(receiver.challenges), len(receiver.messages)) == (2, 1)
    (key,) = keys_of(post, endpoint_id)
    clock.pass_time(datetime.now(UTC) - clock.now())
    post.happen()
    got = receiver.messages[-1]
    assert Webhook(spelled(key)).verify(got.body, got.headers) == got.told


def test_a_message_is_the_event_as_the_events_api_shows_it(post: Post, receiver: Receiver) -> None:
    """WH-12, API-24: CloudEvents, thin; only the kinds that were chosen."""
    post.add(receiver.url)

    event_id = post.happen(product_id="prd_mug", code="MUG")
    post.happen("product.retired", product_id="prd_mug", code="MUG")

    (got,) = receiver.messages
    assert got.told == {
        "specversion": "1.0",
        "id": event_id,
        "source": "http://127.0.0.1:8080/t/acme",
        "type": SOLD,
        "time": "2026-03-02T09:00:00Z",
        "datacontenttype": "application/json",
        "data": {"product_id": "prd_mug", "code": "MUG"},
        "actorid": "operator:tests",
    }
    assert got.path == "/hook"
    assert got.headers["host"] == receiver.url.split("/")[2]


def test_a_payload_that_is_too_large_keeps_its_ids_alone(post: Post, receiver: Receiver) -> None:
    """WH-12: at most 20 KiB."""
    post.add(receiver.url)

    post.happen(product_id="prd_mug", code="M" * 30_000)

    (got,) = receiver.messages
    assert len(got.body) <= BODY_BYTES_MAX
    assert (got.told["data"], got.told["datatruncated"]) == ({"product_id": "prd_mug"}, True)


def test_a_message_is_tried_ten_times_under_one_id_and_then_given_up(
    post: Post, receiver: Receiver, clock: StoppedClock
) -> None:
    """WH-04, WH-05: the whole table by a clock that is moved, one id, a time for each attempt."""
    endpoint_id = post.add(receiver.url)
    receiver.script = refuses(500)  # type: ignore[assignment] # A script of one answer.
    post.happen()

    for pause in PAUSES[1:]:
        made = len(receiver.messages)
        clock.pass_time(pause - timedelta(seconds=1))
        post.look_again()
        assert len(receiver.messages) == made
        clock.pass_time(pause * 0.1 + timedelta(seconds=1))
        post.look_again()
        assert len(receiver.messages) == made + 1
    clock.pass_time(timedelta(days=1))
    post.look_again()

    assert len(receiver.messages) == len(PAUSES)
    assert len({got.headers["webhook-id"] for got in receiver.messages}) == 1
    assert len({got.headers["webhook-timestamp"] for got in receiver.messages}) == len(PAUSES)
    assert len({got.body for got in receiver.messages}) == 1
    (delivery,) = sent(post)
    assert (delivery.state, delivery.attempts) == ("given_up", 10)
    assert state_of(post, endpoint_id).state == "enabled"


def test_an_endpoint_that_fails_for_five_days_is_switched_off_and_people_are_told(
    post: Post, receiver: Receiver, clock: StoppedClock
) -> None:
    """WH-06: then enabled again, and what it missed is replayed under the ids it had."""
    endpoint_id = post.add(receiver.url)
    receiver.script = refuses(500)  # type: ignore[assignment] # A script of one answer.
    post.happen()
    for day in range(1, 6):
        assert state_of(post, endpoint_id).state == "enabled", day
        clock.pass_time(timedelta(days=1))
        post.happen()
        post.look_again()

    off = state_of(post, endpoint_id)
    assert (off.state, off.disabled_because) == ("disabled", "failing")
    with post.runtime.unit_of_work(ACME, OPERATOR) as uow:
        case = uow.session.scalars(
            select(ExceptionCase).where(ExceptionCase.kind == "webhook.disabled")
        ).one()
    assert case.subject_id == endpoint_id

    missed = post.happen()
    receiver.script = lambda _got: (200, {}, b"")
    tried = {got.headers["webhook-id"] for got in receiver.messages}
    receiver.messages.clear()
    with post.runtime.unit_of_work(ACME, OPERATOR) as uow:
        endpoints.enable(uow, endpoint_id)
        deliveries.replay_span(
            uow, endpoint_id, clock.now() - timedelta(days=7), clock.now() + timedelta(hours=1),
            with_taken=False,
        )  # fmt: skip
    post.runtime.drain_all()

    again = [got.headers["webhook-id"] for got in receiver.messages]
    assert tried < set(again)
    assert len(again) == len(set(again)) == 7
    assert missed in [got.told["id"] for got in receiver.messages]


def test_an_endpoint_that_says_it_is_gone_is_switched_off_at_once(
    post: Post, receiver: Receiver
) -> None:
    """WH-05: 410."""
    endpoint_id = post.add(receiver.url)
    receiver.script = refuses(410)  # type: ignore[assignment] # A script of one answer.

    post.happen()
    post.happen()

    assert len(receiver.messages) == 1
    assert state_of(post, endpoint_id).disabled_because == "gone"


def test_a_redirect_is_a_failure_and_nobody_follows_it(post: Post, receiver: Receiver) -> None:
    """WH-05, WH-09: the place it names is never asked."""
    with receiving() as elsewhere:
        post.add(receiver.url)
        receiver.script = refuses(307, Location=elsewhere.url)  # type: ignore[assignment] # As above.

        post.happen()

        assert elsewhere.messages + elsewhere.challenges == []
    (delivery,) = sent(post)
    assert (delivery.state, delivery.attempts) == ("waiting", 1)


def test_an_endpoint_that_asks_for_time_gets_it(
    post: Post, receiver: Receiver, clock: StoppedClock
) -> None:
    """WH-05: 429 with Retry-After holds every message to it."""
    post.add(receiver.url)
    receiver.script = refuses(429, **{"Retry-After": "600"})  # type: ignore[assignment] # As above.
    post.happen()
    receiver.script = lambda _got: (200, {}, b"")
    post.happen()
    clock.pass_time(timedelta(seconds=599))
    post.look_again()
    assert len(receiver.messages) == 1

    clock.pass_time(timedelta(seconds=2))
    post.look_again()

    assert len(receiver.messages) == 3


def test_both_secrets_sign_for_a_day_after_a_rotation(
    post: Post, receiver: Receiver, clock: StoppedClock
) -> None:
    """WH-03: afterwards the old one no longer does."""
    clock.pass_time(datetime.now(UTC) - clock.now())
    endpoint_id = post.add(receiver.url)
    (old,) = keys_of(post, endpoint_id)
    with post.runtime.unit_of_work(ACME, OPERATOR) as uow:
        new = endpoints.rotate_secret(uow, post.runtime.secrets, endpoint_id)

    post.happen()
    clock.pass_time(timedelta(hours=24, seconds=1))
    post.happen()

    during, after = receiver.messages
    for secret in (spelled(old), new):
        assert Webhook(secret).verify(during.body, during.headers) == during.told
    assert len(after.headers["webhook-signature"].split(" ")) == 1


def test_one_message_is_replayed_under_its_id(post: Post, receiver: Receiver) -> None:
    """WH-06: a single one, that was taken before."""
    endpoint_id = post.add(receiver.url)
    post.happen()
    (delivery,) = sent(post)

    with post.runtime.unit_of_work(ACME, OPERATOR) as uow:
        deliveries.replay_one(uow, endpoint_id, delivery.id)
    post.runtime.drain_all()

    assert [got.headers["webhook-id"] for got in receiver.messages] == [delivery.id] * 2


def test_a_test_message_goes_to_one_endpoint_alone(post: Post, receiver: Receiver) -> None:
    endpoint_id = post.add(receiver.url)
    with receiving() as other:
        post.add(other.url)
        with post.runtime.unit_of_work(ACME, OPERATOR) as uow:
            deliveries.send_test(uow, endpoint_id)
        post.runtime.drain_all()

        assert [got.told["type"] for got in receiver.messages] == ["webhook.tested"]
        assert other.messages == []


def test_an_event_is_delivered_to_its_own_tenant_alone(post: Post, receiver: Receiver) -> None:
    """TEN-07: GLOBEX chose the same kind of event, and hears nothing of ACME."""
    with receiving() as of_globex:
        post.add(receiver.url)
        post.add(of_globex.url, tenant_id=GLOBEX)

        post.happen()

        assert (len(receiver.messages), of_globex.messages) == (1, [])
        assert sent(post, GLOBEX) == []


def test_what_came_of_each_attempt_is_kept(post: Post, receiver: Receiver) -> None:
    """WH-05: status, and how the answer begins."""
    post.add(receiver.url)
    receiver.script = lambda _got: (500, {}, b"out of mugs\0" + b"x" * 100_000)

    post.happen()

    with post.runtime.unit_of_work(ACME, OPERATOR) as uow:
        rows = uow.session.scalars(select(WebhookAttempt).order_by(WebhookAttempt.status)).all()
    assert [(row.status, row.verdict) for row in rows] == [(200, "taken"), (500, "failed")]
    assert rows[1].answer.startswith("out of mugs�xx")
    assert len(rows[1].answer) == 500


def test_an_event_is_one_message_however_often_it_is_delivered(
    post: Post, receiver: Receiver
) -> None:
    """WH-07: the message is a row of the transaction that settles the event."""
    post.add(receiver.url)
    post.happen()
    with psycopg.connect(post.cluster.superuser_url) as connection:
        connection.execute("DELETE FROM inbox")
        connection.execute("UPDATE outbox SET settled_at = NULL, next_at = now()")
    post.runtime.drain_all()

    assert len(sent(post)) == len(receiver.messages) == 1
    assert isinstance(receiver.messages[0], Got)
