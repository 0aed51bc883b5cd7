"""Same key, same answer, one effect: whoever races, whatever breaks, wherever it breaks."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from kernel.access import system_actor
from kernel.clock import StoppedClock, monotonic_seconds
from kernel.config import Config
from kernel.idempotency import IdempotencyRecord
from kernel.runtime import Runtime
from kernel.settings import Setting
from tests.api.conftest import ApiClient, ask_token, compose_app, told
from tests.api.cut_wire import cut_wire
from tests.conftest import ACME, Cluster

SPOONS = {"name": "Spoons", "spoons": 12}


def add(client: ApiClient, key: str, body: Any = SPOONS) -> TestResponse:
    return client.send("POST", "/api/drawers", body, Idempotency_Key=key)


def how_many(database: Cluster, table: str) -> int:
    with psycopg.connect(database.superuser_url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def writes_wait(database: Cluster) -> Iterator[psycopg.Connection]:
    """Let nobody write a drawer until the block ends."""
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("LOCK TABLE setting IN SHARE MODE")
        yield connection


def wait_for_writer(connection: psycopg.Connection) -> int:
    """Return the backend that waits to write a drawer, once there is one."""
    query = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND state = 'active'"
    began = monotonic_seconds()
    while monotonic_seconds() - began < 5:
        connection.execute("SELECT pg_stat_clear_snapshot()")
        found = connection.execute(query).fetchone()
        if found is not None:
            return int(found[0])
    raise AssertionError("nobody came to write")


def test_sixteen_racers_have_one_effect(acme: ApiClient, database: Cluster) -> None:
    """API-11: one 201, fifteen 409, and afterwards the stored answer for everybody."""
    with ThreadPoolExecutor(16) as pool, writes_wait(database) as connection:
        racers = [pool.submit(add, acme, "key-1") for _ in range(16)]
        began = monotonic_seconds()
        while sum(each.done() for each in racers) < 15 and monotonic_seconds() - began < 10:
            wait(racers, timeout=0.01)
        connection.commit()
        answers = [each.result(timeout=10) for each in racers]

    assert sorted(each.status_code for each in answers) == [201] + [409] * 15
    assert {told(each)["code"] for each in answers if each.status_code == 409} == {
        "idempotency.still_running"
    }
    first = next(each for each in answers if each.status_code == 201)
    again = add(acme, "key-1")
    assert (again.status_code, again.text) == (201, first.text)
    assert again.headers["Idempotent-Replayed"] == "true"
    for name in ("ETag", "Location", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert "Idempotent-Replayed" not in first.headers
    assert how_many(database, "setting") == 1


def test_a_key_stands_for_one_request(acme: ApiClient, database: Cluster) -> None:
    """API-11: 422 for another payload or address under the same key; nothing happens."""
    first = add(acme, "key-1")
    other = add(acme, "key-1", SPOONS | {"spoons": 13})
    elsewhere = acme.send("POST", f"{first.headers['Location']}/count", Idempotency_Key="key-1")

    for answer in (other, elsewhere):
        assert (answer.status_code, told(answer)["code"]) == (422, "idempotency.key_reused")
    assert how_many(database, "setting") == 1


def test_a_key_belongs_to_its_client_and_tenant(
    acme: ApiClient, globex: ApiClient, sign_in: Callable[..., ApiClient], database: Cluster
) -> None:
    """API-11: the same key of somebody else is another key."""
    for client in (acme, globex, sign_in("acme")):
        assert "Idempotent-Replayed" not in add(client, "key-1").headers

    assert how_many(database, "setting") == 3


def test_what_was_refused_is_not_stored(acme: ApiClient, database: Cluster) -> None:
    """API-12: a mended request under the same key succeeds, because the first never began."""
    assert add(acme, "key-1", {}).status_code == 422
    assert add(acme, "key-1", b"{").status_code == 400
    nothing = acme.send("POST", "/api/drawers/drw_1/count", Idempotency_Key="key-2")
    assert nothing.status_code == 404
    assert how_many(database, "idempotency_record") == 0

    assert add(acme, "key-1").status_code == 201


def test_a_crash_before_the_commit_leaves_nothing(acme: ApiClient, database: Cluster) -> None:
    """API-11: the connection dies while the effect waits; the retry has the only effect."""
    with ThreadPoolExecutor(1) as pool, writes_wait(database) as connection:
        racer = pool.submit(add, acme, "key-1")
        connection.execute("SELECT pg_terminate_backend(%s)", [wait_for_writer(connection)])
        broken = racer.result(timeout=10)

    assert (broken.status_code, told(broken)["code"]) == (503, "service.unavailable")
    retried = add(acme, "key-1")
    assert (retried.status_code, retried.headers.get("Idempotent-Replayed")) == (201, None)
    assert how_many(database, "setting") == 1


def test_a_wire_cut_right_after_the_commit_is_healed_by_a_retry(
    database: Cluster, runtime: Runtime, config: Config, clock: StoppedClock, acme: ApiClient
) -> None:
    """API-11: the client is told of a failure, the row is there, and the retry says so."""
    marker = b"INSERT INTO idempotency_record"
    with cut_wire(database.app_url, marker) as wire:
        far = Runtime(replace(config, database_url=wire.url), ports=runtime.ports, clock=clock)
        over_the_wire = ApiClient(compose_app(far).test_client(), acme.secret, acme.token)

        broken = add(over_the_wire, "key-1")
        assert wire.was_cut.is_set()
        retried = add(over_the_wire, "key-1")
        far.close()

    assert (broken.status_code, told(broken)["code"]) == (503, "service.unavailable")
    assert (retried.status_code, retried.headers["Idempotent-Replayed"]) == (201, "true")
    assert how_many(database, "setting") == 1


def test_an_answer_without_a_body_is_replayed_too(acme: ApiClient) -> None:
    """API-11: the second count is not counted."""
    address = add(acme, "key-1").headers["Location"]

    counts = [acme.send("POST", f"{address}/count", Idempotency_Key="key-2") for _ in range(2)]

    assert [(each.status_code, each.data) for each in counts] == [(204, b""), (204, b"")]
    assert [each.headers.get("Idempotent-Replayed") for each in counts] == [None, "true"]
    assert json.loads(acme.send("GET", address).text)["spoons"] == 13


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "idempotency.key_missing"),
        ({"Idempotency_Key": ""}, "idempotency.key_unreadable"),
        ({"Idempotency_Key": "two words"}, "idempotency.key_unreadable"),
        ({"Idempotency_Key": "k" * 256}, "idempotency.key_unreadable"),
        ({"Idempotency_Key": "schlüssel"}, "idempotency.key_unreadable"),
    ],
)
def test_where_value_moves_a_key_is_needed(
    acme: ApiClient, headers: dict[str, str], code: str
) -> None:
    """API-11: 400 without a key that can be kept."""
    answer = acme.send("POST", "/api/drawers/drw_1/count", **headers)

    assert (answer.status_code, told(answer)["code"]) == (400, code)


def test_a_key_is_kept_for_thirty_days(
    app: Flask, acme: ApiClient, clock: StoppedClock, runtime: Runtime, database: Cluster
) -> None:
    """API-11: then it may be used again, as a new request."""
    assert add(acme, "key-1").status_code == 201

    for days, replay in ((30, "true"), (1, None)):
        clock.pass_time(timedelta(days=days))
        acme.token = json.loads(ask_token(app, "acme", acme.secret).text)["access_token"]
        assert add(acme, "key-1").headers.get("Idempotent-Replayed") == replay

    assert how_many(database, "setting") == 2
    with runtime.unit_of_work(ACME, system_actor("tests")) as uow:
        assert len(uow.session.scalars(select(IdempotencyRecord)).all()) == 1
        assert len(uow.session.scalars(select(Setting)).all()) == 2
