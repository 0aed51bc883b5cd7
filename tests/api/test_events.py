"""`/api/events`: the union of all pages is the committed outbox, in an order without holes."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import psycopg
from flask import Flask
from sqlalchemy import select

from kernel.access import operator_actor
from kernel.audit import Subject
from kernel.events import Event
from kernel.ids import TenantId
from kernel.money import Money
from kernel.outbox import OutboxEvent
from kernel.runtime import Runtime
from tests.api.conftest import ApiClient, told
from tests.conftest import ACME, GLOBEX, Cluster

OPERATOR = operator_actor("tests")
PRICE = Money(250, "EUR")


@dataclass(frozen=True)
class MugSold(Event):
    """A mug was sold."""

    name: ClassVar[str] = "mug.sold"
    number: int
    price: Money


def sell(runtime: Runtime, tenant_id: TenantId, *numbers: int) -> None:
    with runtime.unit_of_work(tenant_id, OPERATOR) as uow:
        for number in numbers:
            uow.emit(MugSold(number, PRICE))
        uow.record("mug.sell", Subject("mug", str(numbers)))


def read(client: ApiClient, address: str = "/api/events") -> dict[str, Any]:
    answer = client.send("GET", address)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = json.loads(answer.text)
    return document


def numbers_of(client: ApiClient, after: str | None = None, limit: int = 200) -> Iterator[int]:
    """Read the stream to its end, page by page."""
    while True:
        address = f"/api/events?limit={limit}" + (f"&after={after}" if after else "")
        found = read(client, address)
        if not found["data"]:
            return
        yield from (each["data"]["number"] for each in found["data"])
        after = found["after"]


def test_an_event_is_told_in_an_envelope_of_cloudevents(runtime: Runtime, acme: ApiClient) -> None:
    """API-24: thin: ids, numbers and money as the outbox holds them."""
    sell(runtime, ACME, 7)

    (event,) = read(acme)["data"]

    with runtime.unit_of_work(ACME, OPERATOR) as uow:
        row = uow.session.scalars(select(OutboxEvent)).one()
    assert event == {
        "specversion": "1.0",
        "id": row.id,
        "source": "http://127.0.0.1:8080/t/acme",
        "type": "mug.sold",
        "time": "2026-03-02T09:00:00Z",
        "datacontenttype": "application/json",
        "data": {"number": 7, "price": {"amount": "2.50", "currency": "EUR"}},
        "actorid": "operator:tests",
    }


def test_a_stream_without_events_is_empty_and_can_be_asked_again(
    runtime: Runtime, acme: ApiClient
) -> None:
    """API-23: `after` of the last answer goes on where it ended."""
    assert read(acme) == {"data": [], "after": None}

    sell(runtime, ACME, 1, 2)
    first = read(acme)
    again = read(acme, f"/api/events?after={first['after']}")
    sell(runtime, ACME, 3)
    later = read(acme, f"/api/events?after={again['after']}")

    assert (again["data"], again["after"]) == ([], first["after"])
    assert [each["data"]["number"] for each in later["data"]] == [3]


def test_a_tenant_reads_its_own_events_with_its_own_place(
    runtime: Runtime, acme: ApiClient, globex: ApiClient
) -> None:
    """TEN-07: nothing of ACME's is in GLOBEX's stream, nor is its place in it."""
    sell(runtime, ACME, 1)
    sell(runtime, GLOBEX, 2)

    assert list(numbers_of(globex)) == [2]
    answer = globex.send("GET", f"/api/events?after={read(acme)['after']}")
    assert told(answer)["code"] == "paging.cursor_invalid"


def test_an_event_of_a_slow_transaction_is_never_skipped(runtime: Runtime, acme: ApiClient) -> None:
    """API-23: while an older transaction is in flight the stream ends below it."""
    sell(runtime, ACME, 1)
    slow = runtime.unit_of_work(ACME, OPERATOR)
    with slow as uow:
        uow.emit(MugSold(2, PRICE))
        uow.session.flush()
        sell(runtime, ACME, 3)

        seen = read(acme)
        assert [each["data"]["number"] for each in seen["data"]] == [1]
        uow.record("mug.sell", Subject("mug", "2"))

    assert list(numbers_of(acme, after=seen["after"])) == [2, 3]


def test_a_reader_among_writers_sees_every_event_once(
    app: Flask, runtime: Runtime, acme: ApiClient, database: Cluster
) -> None:
    """API-23: property: with four writers, some of whom fail, the union is the outbox."""
    done = threading.Event()
    seen: list[int] = []

    def follow() -> None:
        after = None
        while True:
            was_done = done.is_set()
            address = "/api/events?limit=3" + (f"&after={after}" if after else "")
            found = read(acme, address)
            seen.extend(each["data"]["number"] for each in found["data"])
            after = found["after"]
            if was_done and not found["data"]:
                return

    def write(writer: int) -> None:
        for round_ in range(15):
            number = writer * 1000 + round_ * 10
            if round_ % 5 == 4:
                _fail(runtime, number)
            else:
                sell(runtime, ACME, number, number + 1)

    reader = threading.Thread(target=follow)
    writers = [threading.Thread(target=write, args=(number,)) for number in range(1, 5)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join(60)

    with psycopg.connect(database.superuser_url) as connection:
        rows = connection.execute("SELECT (data->>'number')::int FROM outbox").fetchall()
    assert len(rows) == 4 * 12 * 2
    assert sorted(seen) == sorted(row[0] for row in rows)


def _fail(runtime: Runtime, number: int) -> None:
    try:
        with runtime.unit_of_work(ACME, OPERATOR) as uow:
            uow.emit(MugSold(number, PRICE))
            uow.session.flush()
            raise RuntimeError("the till is broken")
    except RuntimeError:
        pass
