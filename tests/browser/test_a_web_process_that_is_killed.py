"""P9 in a real browser: web processes are killed with -9 while orders come in."""

import os
import signal
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.visiting import Visitor
from tests.builder_ui.portal.stream.processes import Served
from tests.builder_ui.portal.stream.processes import served as served

ORDERS = 40
_NOTE = """() => {
  window.heard = [];
  document.addEventListener("live", ({ detail }) => {
    if (detail.kind !== "moved") window.heard.push(detail.told?.ids.order_id ?? detail.kind);
  });
}"""


def test_a_page_misses_no_order_and_counts_none_twice(
    served: Served, arrive: Callable[..., Visitor]
) -> None:
    """P9: twice in the middle; the browser comes back by itself and says where it stopped."""
    visitor = arrive(served.address)
    name, token = served.listener(1).cookie.split("=", 1)
    host = urlsplit(served.address).hostname
    visitor.context.add_cookies([{"name": name, "value": token, "domain": host, "path": "/"}])
    page = visitor.open("/t/acme/orders")
    expect(page.locator("html[data-stream=open]")).to_have_count(1)
    page.evaluate(_NOTE)

    placing = threading.Thread(target=place_slowly, args=[served])
    placing.start()
    for part in (ORDERS // 4, ORDERS // 2):
        while len(page.evaluate("window.heard")) < part:
            page.wait_for_timeout(50)
        for worker in served.workers():
            os.kill(worker, signal.SIGKILL)
    placing.join()

    told = page.get_by_role("link", name=f"{ORDERS} newer orders: show")
    expect(told).to_be_visible(timeout=20_000)
    assert page.evaluate("window.heard") == [f"ord_{number}" for number in range(ORDERS)]
    # What Chromium says of a connection that is cut, and nothing else.
    assert all("net::ERR_" in fault for fault in visitor.watch.faults), visitor.watch.faults
    visitor.watch.faults.clear()


def place_slowly(served: Served) -> None:
    for number in range(ORDERS):
        served.sell(number)
        time.sleep(0.1)
