"""Everything composed, and webhooks that may go to this machine."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

import wareflow
from kernel.access import operator_actor
from kernel.clock import StoppedClock
from kernel.config import Config
from tenants.access import add_standard_roles
from tests.conftest import ACME, GLOBEX, Cluster, found_tenant
from tests.tenants.webhooks.receivers import Post, Receiver, receiving


@pytest.fixture
def post(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Post]:
    """ACME and GLOBEX, live, with everything that works for them."""
    composed = wareflow.compose(replace(config, webhooks_to_loopback=True), clock=clock)
    for tenant_id, name in ((ACME, "Acme Mugs"), (GLOBEX, "Globex Grocery")):
        found_tenant(composed, tenant_id, name)
        with composed.unit_of_work(tenant_id, operator_actor("tests")) as uow:
            add_standard_roles(uow)
    yield Post(composed, database)
    composed.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Another system on this machine."""
    with receiving() as server:
        yield server
