"""The stream over real connections: complete, in order, each tenant's own, for who may know."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy.pool import QueuePool

from builder_ui.portal.stream.hub import Hub
from builder_ui.portal.stream.pages import HUB
from builder_ui.portal.stream.wire import Terms
from builder_ui.shell.assets import Assets
from kernel.access import operator_actor
from kernel.audit import Subject
from kernel.ids import TenantId
from kernel.runtime import Runtime
from tenants import members
from tenants.identity import sessions
from tenants.notifications.telling import MemberNotified
from tenants.tables import Member
from tests.browser.serving import serve
from tests.builder_ui.portal.conftest import SOURCES, compose_portal
from tests.builder_ui.portal.stream.listening import Heard, Listener
from tests.conftest import ACME, GLOBEX, Cluster
from tests.tenants.conftest import House

OPERATOR = operator_actor("tests")
TERMS = Terms(
    lifetime_seconds=20, heartbeat_seconds=0.2, look_every_seconds=0.05, replayed_max=20,
    kept_max=50, streams_max=6, streams_per_person_max=2,
)  # fmt: skip

Listen = Callable[..., Listener]


def sell(runtime: Runtime, *numbers: int, tenant_id: TenantId = ACME) -> None:
    """Let orders be placed, as far as a stream sees."""
    with runtime.unit_of_work(tenant_id, OPERATOR) as uow:
        for number in numbers:
            uow.emit_named("order.placed", {"order_id": f"ord_{number}", "number": number})
        uow.record("mug.sell", Subject("mug", str(numbers)))


def orders_in(heard: list[Heard]) -> list[str]:
    return [each.content["ids"]["order_id"] for each in heard if each.name == "order.placed"]


def is_order(number: int) -> Callable[[Heard], bool]:
    return lambda heard: orders_in([heard]) == [f"ord_{number}"]


@pytest.fixture
def served(house: House, tmp_path: Path) -> Iterator[tuple[str, Flask]]:
    assets = Assets(tmp_path, {f"src/{name}": name for name in SOURCES})
    app = compose_portal(house.runtime, house, assets, streams=TERMS)
    with serve(app) as address:
        yield address, app


@pytest.fixture
def listen(served: tuple[str, Flask], house: House) -> Listen:
    def come(email: str, *roles: str, slug: str = "acme") -> Listener:
        member = house.member(email, *roles, tenant_id=TenantId(f"ten_{slug}"))
        return Listener(served[0], slug, member.id).sign_in(email)

    return come


@pytest.fixture
def lea(listen: Listen) -> Listener:
    return listen("lea@acme.example", "buyer_lead")


def test_what_happens_is_told_while_it_happens(lea: Listener, runtime: Runtime) -> None:
    """B10: under 2 s from commit to browser; only ids are told of its contents."""
    answer = lea.open()
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Cache-Control"] == "no-store"

    sell(runtime, 1)
    began = time.monotonic()
    heard = lea.hear(is_order(1))[-1]

    assert time.monotonic() - began < 2
    assert heard.content.pop("at").startswith("2026-03-02T09:00:00")
    assert heard.content == {"type": "order.placed", "ids": {"order_id": "ord_1"}}
    lea.drop()


def test_who_comes_back_misses_nothing_and_hears_nothing_twice(
    lea: Listener, runtime: Runtime
) -> None:
    """P9: the connection breaks in the middle, and again, while orders come in."""
    lea.open()
    sell(runtime, 1, 2)
    heard = lea.hear(is_order(2))
    for first in (3, 6, 9):
        lea.drop()
        sell(runtime, first, first + 1)
        lea.open()
        sell(runtime, first + 2)
        heard += lea.hear(is_order(first + 2))
    lea.drop()

    assert orders_in(heard) == [f"ord_{number}" for number in range(1, 12)]
    ids = [each.id for each in heard if each.kind == "message"]
    assert ids == sorted(set(ids))


def test_an_order_of_a_slow_transaction_is_told_in_its_place(
    lea: Listener, runtime: Runtime, cluster: Cluster
) -> None:
    """P9: what is written first and committed last is neither skipped nor told out of order."""
    lea.open()
    with runtime.unit_of_work(ACME, OPERATOR) as slow:
        slow.emit_named("order.placed", {"order_id": "ord_1"})
        slow.record("mug.sell", Subject("mug", "slow"))
        sell(runtime, 2)
        time.sleep(0.3)
    heard = lea.hear(is_order(2))

    assert orders_in(heard) == ["ord_1", "ord_2"]
    lea.drop()


def test_a_tenant_hears_nothing_of_another(lea: Listener, listen: Listen, runtime: Runtime) -> None:
    """TEN-07: neither what happens while both listen, nor by naming a place of the other."""
    gus = listen("gus@globex.example", "administrator", slug="globex")
    lea.open()
    gus.open()

    sell(runtime, 1, tenant_id=ACME)
    sell(runtime, 2, tenant_id=GLOBEX)

    theirs = lea.hear(is_order(1))
    assert orders_in(gus.hear(is_order(2))) == ["ord_2"]
    gus.drop()
    gus.last_id = theirs[-1].id
    gus.open()
    assert [each.kind for each in gus.hear(lambda heard: heard.kind != "moved")] == ["reset"]
    gus.drop()
    sell(runtime, 3, tenant_id=GLOBEX)
    sell(runtime, 4, tenant_id=ACME)
    assert orders_in(lea.hear(is_order(4))) == ["ord_4"]
    lea.drop()


def test_a_session_of_another_tenant_opens_no_stream(
    lea: Listener, listen: Listen, runtime: Runtime
) -> None:
    """TEN-07: the cookie of GLOBEX is a stranger's at ACME's address, as at every page."""
    gus = listen("gus@globex.example", "administrator", slug="globex")
    gus.slug = "acme"

    assert gus.open().status == 303
    assert gus.open(path="stream/latest").status == 303


def test_somebody_hears_only_what_they_may_read(listen: Listen, runtime: Runtime) -> None:
    """What a tenant's own workflows name is for those who may read every event."""
    cleo = listen("cleo@acme.example", "customer_service")
    cleo.open()

    with runtime.unit_of_work(ACME, OPERATOR) as uow:
        uow.emit_named("gift_card.sold", {"order_id": "ord_9"})
        uow.emit_named("order.placed", {"order_id": "ord_1"})
        uow.record("mug.sell", Subject("mug", "1"))
    heard = [each for each in cleo.hear(is_order(1)) if each.kind == "message"]

    assert [each.name for each in heard] == ["order.placed"]
    cleo.drop()


def test_what_is_told_to_one_member_reaches_their_pages_alone(
    lea: Listener, listen: Listen, runtime: Runtime
) -> None:
    """TEN-07: not even who may read every event hears that a colleague was notified."""
    ada = listen("ada@acme.example", "administrator")
    lea.open()
    ada.open()

    with runtime.unit_of_work(ACME, OPERATOR) as uow:
        uow.emit(MemberNotified("asked", (lea.member_id,)))
        uow.record("tests.tell", Subject("member", lea.member_id))
    sell(runtime, 1)

    told = [each for each in lea.hear(is_order(1)) if each.kind == "message"]
    assert [(each.name, each.content["ids"]) for each in told] == [
        ("member.notified", {}),
        ("order.placed", {"order_id": "ord_1"}),
    ]
    heard = [each for each in ada.hear(is_order(1)) if each.kind == "message"]
    assert [each.name for each in heard] == ["order.placed"]
    for each in (lea, ada):
        each.drop()


def test_a_place_too_far_back_is_reset_and_the_stream_goes_on(
    lea: Listener, runtime: Runtime
) -> None:
    lea.open()
    sell(runtime, 0)
    lea.hear(is_order(0))
    lea.drop()
    sell(runtime, *range(1, TERMS.replayed_max + 2))

    lea.open()
    heard = lea.hear(lambda each: each.kind == "reset")
    sell(runtime, 100)
    heard += lea.hear(is_order(100))

    assert orders_in(heard) == ["ord_100"]
    lea.drop()


@pytest.mark.parametrize("place", ["nonsense", "0000000000000001.evt_none", "f" * 40])
def test_a_place_that_is_none_is_reset(lea: Listener, place: str) -> None:
    lea.open(after=place)

    assert lea.hear(lambda each: each.kind == "reset")[-1].id
    lea.drop()


def test_a_revoked_session_is_told_nothing_more(
    lea: Listener, house: House, runtime: Runtime
) -> None:
    """Nothing that happens after the session was ended is told, and the stream ends."""
    lea.open()
    sell(runtime, 1)
    lea.hear(is_order(1))

    with house.open() as uow:
        sessions.end_sessions_of(uow, lea.member_id)
    sell(runtime, 2)
    heard = [each for each in lea.hear_to_its_end() if each.kind != "moved"]

    assert [(each.kind, each.content) for each in heard] == [("bye", {"why": "rights"})]
    assert lea.open().status == 303


def test_a_lost_role_ends_the_stream(lea: Listener, house: House, runtime: Runtime) -> None:
    lea.open()
    sell(runtime, 1)
    lea.hear(is_order(1))

    with house.open() as uow:
        member = uow.session.get_one(Member, (ACME, lea.member_id))
        roles = ["customer_service"]
        members.change(uow, member.id, name=member.name, role_keys=roles, manager_id=None)
    sell(runtime, 2)
    heard = [each for each in lea.hear_to_its_end() if each.kind != "moved"]

    assert [each.kind for each in heard] == ["bye"]
    lea.open()
    assert orders_in(lea.hear(is_order(2))) == ["ord_2"]
    lea.drop()


def test_a_stream_keeps_no_connection_while_it_waits(
    lea: Listener, runtime: Runtime, cluster: Cluster
) -> None:
    """Neither a transaction nor a place in the pool: only the reader takes one, for moments."""
    lea.open()
    sell(runtime, 1)
    lea.hear(is_order(1))

    pool = runtime.database.engine.pool
    assert isinstance(pool, QueuePool)
    lent = []
    for _ in range(40):
        time.sleep(0.01)
        lent.append(pool.checkedout())

    assert min(lent) == 0
    with psycopg.connect(cluster.superuser_url) as connection:
        idle = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
        ).fetchone()
    assert idle == (0,)
    lea.drop()


def test_the_oldest_stream_of_a_person_gives_way_to_the_newest(
    lea: Listener, served: tuple[str, Flask]
) -> None:
    tabs = [Listener(lea.address, cookie=lea.cookie) for _ in range(3)]
    for tab in tabs:
        tab.open()

    last = [each for each in tabs[0].hear_to_its_end() if each.kind != "moved"]

    assert [each.content for each in last] == [{"why": "replaced"}]
    for tab in tabs[1:]:
        tab.drop()


def test_a_full_process_says_when_to_come_back(
    listen: Listen, lea: Listener, served: tuple[str, Flask]
) -> None:
    """A thread is never spent on a stream beyond those that are set apart for streams."""
    others = [listen(f"m{number}@acme.example", "customer_service") for number in range(3)]
    crowd = [Listener(lea.address, cookie=each.cookie) for each in others for _ in range(2)]
    for each in crowd:
        assert each.open().status == 200

    refused = lea.open()

    assert refused.status == 503
    assert refused.headers["Retry-After"] == "30"
    assert lea.ask("stream/latest")[0] == 200
    for each in crowd:
        each.drop()
    with come_true(lambda: hub_of(served).taken == 0):
        pass


def test_an_ending_process_ends_its_streams_at_once(
    lea: Listener, served: tuple[str, Flask]
) -> None:
    lea.open()
    began = time.monotonic()

    hub_of(served).end_all()
    heard = [each for each in lea.hear_to_its_end() if each.kind != "moved"]

    assert time.monotonic() - began < 1
    assert [each.content for each in heard] == [{"why": "restart"}]
    assert lea.open().status == 503


def test_what_cannot_be_streamed_can_be_asked_for(lea: Listener, runtime: Runtime) -> None:
    """P9: the same events, by asking every now and then."""
    lea.open()
    sell(runtime, 1)
    place = lea.hear(is_order(1))[-1].id
    lea.drop()
    lea.last_id = ""
    sell(runtime, 2)

    status, told = lea.ask(f"stream/latest?after={place}")

    assert status == 200
    assert b'"ord_2"' in told
    assert b'"ord_1"' not in told


def hub_of(served: tuple[str, Flask]) -> Hub:
    hub: Hub = served[1].extensions[HUB]
    return hub


@contextmanager
def come_true(condition: Callable[[], bool]) -> Iterator[None]:
    ends_at = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends_at
        time.sleep(0.05)
    yield
