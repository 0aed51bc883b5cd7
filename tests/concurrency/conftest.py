"""A merchant who is served by several processes, with a connection for every buyer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from itertools import count

import pytest

from kernel.access import Actor
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.ports import Ports
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from tests.commerce.stock_builders import SHOP_SYSTEM, Merchant, a_merchant
from tests.conftest import ACME, Cluster, found_tenant

PROCESSES = 4
"""Each has a pool of ten connections: together enough for 32 buyers at once."""

_turn = count()


@dataclass(frozen=True)
class BusyMerchant(Merchant):
    """A merchant whose units of work are opened by one process after the other."""

    processes: tuple[Runtime, ...]

    @contextmanager
    def work(self, actor: Actor = SHOP_SYSTEM) -> Iterator[UnitOfWork]:
        """Open a unit of work in the next process."""
        served_by = self.processes[next(_turn) % len(self.processes)]
        # A batch waits for locks longer: what is proved here is what happens, not how fast.
        with served_by.unit_of_work(self.tenant_id, actor, work_class="batch") as uow:
            yield uow


@pytest.fixture
def acme(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Merchant]:
    """Acme, with MUG and LAMP, BERLIN and OSLO, served by several processes."""
    processes = tuple(Runtime(config, ports=Ports(), clock=clock) for _ in range(PROCESSES))
    found_tenant(processes[0], ACME, "Acme Mugs")
    plain = a_merchant(processes[0], ACME)
    named = {each.name: getattr(plain, each.name) for each in fields(plain)}
    yield BusyMerchant(**named, processes=processes)
    for each in processes:
        each.close()
