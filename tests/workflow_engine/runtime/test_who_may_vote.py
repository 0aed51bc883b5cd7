"""Who caused a run does not approve it, whatever roles they hold."""

from collections.abc import Iterator

import pytest

from kernel.audit import Subject
from kernel.clock import StoppedClock
from kernel.config import Config
from tests.conftest import ACME, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.buying import MugsRunLow, member
from tests.workflow_engine.runtime.shop import Shop
from workflow_engine.runtime.errors import NotYours
from workflow_engine.runtime.voting import Decision

BOB, CLEO = member("mem_bob"), member("mem_cleo")
APPROVE = Decision("approve")


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Shop]:
    """Bob, one of two who may approve, has himself asked for a large order."""
    composed = Shop(config, clock, "local")
    found_tenant(composed.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
    composed.publish()
    with composed.runtime.unit_of_work(ACME, BOB) as uow:
        uow.emit(MugsRunLow("north", 40))
        uow.record("mugs.count", Subject("shelf", "north"))
    composed.runtime.drain_all()
    yield composed
    composed.runtime.close()


def test_a_lead_who_asked_cannot_approve_and_another_lead_can(shop: Shop) -> None:
    with pytest.raises(NotYours) as refusal:
        shop.vote(BOB, APPROVE)
    assert (refusal.value.reason, shop.states()) == ("approval.requester", ["approving"])

    shop.vote(CLEO, APPROVE)

    assert (shop.states(), len(shop.pottery.calls)) == (["waiting"], 1)
