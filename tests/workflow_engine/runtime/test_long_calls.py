"""A call that takes longer than a lease: the worker keeps its claim alive meanwhile."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kernel.clock import StoppedClock
from kernel.config import Config
from tests.conftest import ACME, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.peer import Peer
from tests.workflow_engine.runtime.shop import Shop

LEASE_SECONDS = 1


class SlowPeer(Peer):
    """Takes three leases' time to answer."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()

    def call(self, call: Any) -> Any:
        self.begun.set()
        time.sleep(3 * LEASE_SECONDS)
        return super().call(call)


@pytest.fixture
def peer() -> SlowPeer:
    return SlowPeer()


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock, peer: SlowPeer) -> Iterator[Shop]:
    shop = Shop(config, clock, "at_most_once", outside=peer.outside(), lease_seconds=LEASE_SECONDS)
    found_tenant(shop.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
    shop.publish()
    yield shop
    shop.runtime.close()


def test_a_call_that_outlasts_its_lease_is_made_once(shop: Shop, peer: SlowPeer) -> None:
    """REL-05: another worker looks for work all the while, and finds none."""
    first = threading.Thread(target=shop.run_low, args=("north", 4))
    first.start()
    assert peer.begun.wait(30)

    while first.is_alive():
        shop.runtime.drain_all()
        time.sleep(0.05)
    first.join()

    assert (shop.states(), len(peer.effects), shop.run().incident) == (["waiting"], 1, None)
