"""Streams of web processes as an operator runs them: many at once, killed, and told to stop."""

import os
import signal
import threading
import time
from contextlib import suppress
from http.client import HTTPException

from tests.builder_ui.portal.stream.listening import Heard, Listener
from tests.builder_ui.portal.stream.processes import Served
from tests.builder_ui.portal.stream.processes import served as served

STREAMS = 50
PAGES = 40
ORDERS = 60


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
