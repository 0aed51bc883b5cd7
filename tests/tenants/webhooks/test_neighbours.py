"""Slow receivers, killed senders, sandboxes: what one does costs nobody else a message."""

import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import event as listening_to
from sqlalchemy import select

import wareflow
from kernel.audit import Subject
from kernel.clock import StoppedClock, monotonic_seconds
from kernel.config import Config
from tenants.webhooks.endpoints import Keeping, Wanted, add_endpoint
from tenants.webhooks.sending import Seats
from tenants.webhooks.tables import WebhookAttempt, WebhookDelivery
from tests.conftest import ACME, GLOBEX, Cluster, found_tenant
from tests.tenants.webhooks.receivers import OPERATOR, SOLD, Got, Post, Receiver


@pytest.fixture
def blackhole() -> Iterator[str]:
    """An address that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as silent:
        yield f"http://127.0.0.1:{silent.getsockname()[1]}/"


def _work(config: Config) -> None:
    """Be a worker until killed."""
    runtime = wareflow.compose(config)
    while True:
        runtime.drain_all()
        time.sleep(0.02)


def test_a_sender_killed_before_it_wrote_down_sends_the_same_message_again(
    post: Post, receiver: Receiver, clock: StoppedClock
) -> None:
    """WH-07: kill -9 between send and record: a duplicate with the same id, and never a loss."""
    post.add(receiver.url)
    victims: list[multiprocessing.process.BaseProcess] = []

    def kills_its_sender(_got: Got) -> tuple[int, dict[str, str], bytes]:
        assert victims[0].pid is not None
        os.kill(victims[0].pid, signal.SIGKILL)
        return 200, {}, b""

    receiver.script = kills_its_sender
    with post.runtime.unit_of_work(ACME, OPERATOR) as uow:
        uow.emit_named(SOLD, {"product_id": "prd_1", "code": "MUG"})
        uow.record("tests.happen", _subject())
    context = multiprocessing.get_context("spawn")
    victim = context.Process(target=_work, args=(post.runtime.config,), daemon=True)
    victims.append(victim)
    victim.start()
    victim.join(60)
    assert victim.exitcode == -signal.SIGKILL

    receiver.script = lambda _got: (200, {}, b"")
    # The killed one went by the machine's clock.
    clock.pass_time(datetime.now(UTC) - clock.now())
    post.look_again()

    first, second = receiver.messages
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    with post.runtime.unit_of_work(ACME, OPERATOR) as uow:
        assert [row.state for row in uow.session.scalars(select(WebhookDelivery))] == ["taken"]


def test_a_receiver_that_never_answers_delays_nobody_else(
    post: Post, receiver: Receiver, blackhole: str, clock: StoppedClock
) -> None:
    """WH-07: a blackhole beside a good endpoint, of the same tenant and of another."""
    post.add(receiver.url)
    post.add(receiver.url, tenant_id=GLOBEX)
    silent = [_proven(post, blackhole) for _ in range(3)]
    aside = wareflow.compose(post.runtime.config, clock=clock, aside=True)
    try:
        began = monotonic_seconds()
        for tenant_id in (ACME, GLOBEX):
            with post.runtime.unit_of_work(tenant_id, OPERATOR) as uow:
                for number in range(10):
                    uow.emit_named(SOLD, {"product_id": f"prd_{number}", "code": "MUG"})
                uow.record("tests.happen", _subject())
        while len(receiver.messages) < 20 and monotonic_seconds() - began < 12:
            aside.drain_all()
            time.sleep(0.02)
        took = monotonic_seconds() - began
    finally:
        aside.close()

    assert len(silent) == 3
    assert len(receiver.messages) == 20
    assert took < 12, "less than a single call to the one that never answers"
    with post.runtime.unit_of_work(ACME, OPERATOR) as uow:
        failed = select(WebhookAttempt).where(WebhookAttempt.verdict == "failed")
        assert uow.session.scalars(failed).all() == [], "the silent ones are still being waited for"


def test_one_tenant_has_at_most_half_of_the_threads() -> None:
    """WH-07, TEN-11: many endpoints that never answer leave room for the neighbour's."""
    seats = Seats(8, 4)

    assert [seats.take(ACME) for _ in range(5)] == [True] * 4 + [False]
    assert [seats.take(GLOBEX) for _ in range(5)] == [True] * 4 + [False]
    seats.leave(ACME)
    assert seats.take(ACME)


def test_a_sandbox_sends_nothing(
    database: Cluster, config: Config, clock: StoppedClock, receiver: Receiver
) -> None:
    """API-20: not even the challenge leaves it."""
    runtime = wareflow.compose(replace(config, webhooks_to_loopback=True), clock=clock)
    found_tenant(runtime, ACME, "Acme Mugs", starts_at=clock.now())
    post = Post(runtime, database)

    post.add(receiver.url)
    post.happen()
    post.look_again()

    assert receiver.challenges + receiver.messages == []
    runtime.close()


def test_a_suspended_tenants_messages_are_held(post: Post, receiver: Receiver) -> None:
    """TEN-13: they go out when it is resumed."""
    post.add(receiver.url)
    with post.runtime.unit_of_work(ACME, OPERATOR) as uow:
        uow.emit_named(SOLD, {"product_id": "prd_1", "code": "MUG"})
        uow.record("tests.happen", _subject())
    _set_status(post, "suspended")
    post.look_again()
    assert receiver.messages == []

    _set_status(post, "active")
    post.look_again()

    assert len(receiver.messages) == 1


def test_where_nobody_listens_an_event_costs_no_statement_more(post: Post) -> None:
    """With no endpoint registered nothing is asked about endpoints but with the event itself."""
    statements: list[str] = []
    listening_to.listen(
        post.runtime.database.engine,
        "before_cursor_execute",
        lambda _c, _cur, statement, *_rest: statements.append(statement),
    )

    post.happen()

    about = [each for each in statements if "webhook" in each]
    assert all("due_webhook_endpoint" in each or "outbox" in each for each in about)
    assert not [each for each in about if "INSERT" in each or "UPDATE" in each]


def _proven(post: Post, url: str) -> str:
    """Add an endpoint as if it had repeated its challenge."""
    with post.runtime.unit_of_work(ACME, OPERATOR) as uow:
        keeping = Keeping(post.runtime.secrets, to_loopback=True)
        endpoint = add_endpoint(uow, keeping, Wanted(url, (SOLD,)))
        endpoint.state, endpoint.proven_at = "enabled", uow.real_now
        endpoint.has_work = False
    return endpoint.id


def _set_status(post: Post, status: str) -> None:
    with psycopg.connect(post.cluster.superuser_url) as connection:
        connection.execute("UPDATE tenant SET status = %s WHERE id = %s", (status, ACME))


def _subject() -> Subject:
    return Subject("product", "prd_1")
