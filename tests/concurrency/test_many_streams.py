"""Streams of web processes as an operator runs them: many at once, killed, and told to stop."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import pytest

from kernel.access import operator_actor
from kernel.audit import Subject
from kernel.config import Config
from kernel.embedded.kept import free_port
from kernel.runtime import Runtime
from tenants import access, members
from tenants.identity import sessions
from tests.builder_ui.portal.stream.listening import Heard, Listener
from tests.conftest import ACME, Cluster, found_tenant
from wareflow import compose

ROOT = Path(__file__).resolve().parents[2]
OPERATOR = operator_actor("tests")
STREAMS = 50
PAGES = 40
ORDERS = 60


@dataclass
class Served:
    """Web processes under gunicorn, and the database behind them."""

    runtime: Runtime
    address: str
    child: "subprocess.Popen[bytes]"
    log: Path

    def listener(self, number: int) -> Listener:
        """Return a new member, signed in."""
        with self.runtime.unit_of_work(ACME, OPERATOR) as uow:
            member = members.invite(uow, f"m{number}@acme.example", f"M{number}", ["buyer_lead"])
            member.status = "active"
            token = sessions.start(
                uow, member, strength="password", device="Firefox", network="loopback"
            )
            uow.record("tests.let_in", Subject("member", member.id))
        return Listener(self.address, cookie=f"sid={token}")

    def sell(self, number: int) -> None:
        """Let an order be placed, as far as a stream sees."""
        with self.runtime.unit_of_work(ACME, OPERATOR) as uow:
            uow.emit_named("order.placed", {"order_id": f"ord_{number}"})
            uow.record("mug.sell", Subject("mug", str(number)))

    def workers(self) -> list[int]:
        """Return the processes that answer requests."""
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text()
        return [int(each) for each in children.split()]

    def wait_until_ready(self) -> None:
        """Return once pages are answered."""
        ends_at = time.monotonic() + 60
        while True:
            with suppress(OSError), urllib.request.urlopen(f"{self.address}/livez", timeout=5):
                return
            assert self.child.poll() is None, self.log.read_text()
            assert time.monotonic() < ends_at, self.log.read_text()
            time.sleep(0.1)


@pytest.fixture
def served(database: Cluster, config: Config, tmp_path: Path) -> Iterator[Served]:
    port = free_port()
    environment = {
        **os.environ,
        "WAREFLOW_VAR": str(config.var_dir),
        "WAREFLOW_PORT": str(port),
        "DATABASE_URL": database.app_url,
        "DATABASE_OWNER_URL": database.owner_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "a-key-for-tests-that-is-long-enough-by-far",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
    }
    runtime = compose(Config.from_env(environment))
    found_tenant(runtime, ACME, "Acme Mugs")
    with runtime.unit_of_work(ACME, OPERATOR) as uow:
        access.add_standard_roles(uow)
    log = tmp_path / "web.log"
    with log.open("wb") as output:
        command = [sys.executable, "-P", "-m", "wareflow", "web"]
        child = subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=ROOT)
        made = Served(runtime, f"http://127.0.0.1:{port}", child, log)
        try:
            made.wait_until_ready()
            yield made
        finally:
            child.terminate()
            try:
                child.wait(timeout=20)
            finally:
                child.kill()
                child.wait()
                runtime.close()


def orders_in(heard: list[Heard]) -> list[str]:
    return [each.content["ids"]["order_id"] for each in heard if each.name == "order.placed"]


def test_pages_answer_while_fifty_people_listen(served: Served) -> None:
    """B10: all of them hear of an order within 2 s, and ordinary pages go on as before."""
    crowd = [served.listener(number) for number in range(STREAMS)]
    quiet = seconds_of_pages(crowd[0])
    for each in crowd:
        assert each.open().status == 200

    busy = seconds_of_pages(crowd[0])
    began = time.monotonic()
    served.sell(1)
    heard = [each.hear(lambda found: found.name == "order.placed")[-1] for each in crowd]
    told_within = time.monotonic() - began

    assert orders_in(heard) == ["ord_1"] * STREAMS
    print(
        f"page median {quiet[PAGES // 2] * 1000:.0f} ms alone, {busy[PAGES // 2] * 1000:.0f} ms"
        f" beside {STREAMS} streams; all told within {told_within * 1000:.0f} ms"
    )
    for each in crowd:
        each.drop()


def test_a_killed_web_process_loses_no_event_and_repeats_none(served: Served) -> None:
    """P9: kill -9 in the middle, while orders are placed; the listener comes back by itself."""
    listener, heard = served.listener(1), list[Heard]()
    listener.open()
    served.sell(-1)
    listener.hear(lambda each: each.name == "order.placed")
    placing = threading.Thread(target=place_slowly, args=[served])
    placing.start()
    killed = 0
    while f"ord_{ORDERS - 1}" not in orders_in(heard):
        with suppress(OSError, HTTPException):
            served.wait_until_ready()
            listener.open()
            for each in listener.messages():
                heard.append(each)
                if orders_in([each]) == [f"ord_{ORDERS - 1}"]:
                    break
                if killed < 2 and len(orders_in(heard)) > (killed + 1) * ORDERS // 4:
                    killed += 1
                    for worker in served.workers():
                        os.kill(worker, signal.SIGKILL)
    placing.join()
    listener.drop()

    assert killed == 2
    assert orders_in(heard) == [f"ord_{number}" for number in range(ORDERS)]


def test_a_web_process_that_is_told_to_stop_ends_its_streams_at_once(served: Served) -> None:
    listener = served.listener(1)
    listener.open()
    began = time.monotonic()

    served.child.terminate()
    last = [each for each in listener.hear_to_its_end() if each.kind != "moved"]
    ended_within = time.monotonic() - began
    served.child.wait(timeout=20)

    assert [each.content for each in last] == [{"why": "restart"}]
    assert ended_within < 3
    assert time.monotonic() - began < 10, "gunicorn waits 12 s for what does not end"


def place_slowly(served: Served) -> None:
    for number in range(ORDERS):
        served.sell(number)
        time.sleep(0.05)


def seconds_of_pages(listener: Listener) -> list[float]:
    """Open a page many times and return how long each took, the quickest first."""
    taken = []
    for _ in range(PAGES):
        began = time.monotonic()
        assert Listener(listener.address, cookie=listener.cookie).ask("me")[0] == 200
        taken.append(time.monotonic() - began)
    return sorted(taken)
