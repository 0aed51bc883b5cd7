"""Publishing looks whether the approvals of a definition can be given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kernel.clock import StoppedClock
from kernel.config import Config
from tests.conftest import ACME, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.buying import definition
from tests.workflow_engine.runtime.shop import Shop
from workflow_engine.runtime.errors import DefinitionRejected


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Shop]:
    composed = Shop(config, clock, "local")
    found_tenant(composed.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
    yield composed
    composed.runtime.close()


def buying(approve: int, *candidates: dict[str, str]) -> dict[str, Any]:
    """Return the definition with this quorum of these candidates."""
    document = definition()
    (approving,) = (state for state in document["states"] if state["id"] == "approving")
    lead = approving["invoke"]["stages"][0]
    lead["quorum"], lead["candidates"] = {"approve": approve, "reject": 1}, list(candidates)
    return document


def test_an_approval_that_nobody_can_ever_give_is_not_published(shop: Shop) -> None:
    """Two of one named person: a fault with its place, and how to mend it."""
    with pytest.raises(DefinitionRejected) as rejected:
        shop.publish_document(buying(2, {"person": "mem_bob"}))

    (fault,) = rejected.value.errors
    assert fault.code == "approval.unsatisfiable"
    assert fault.pointer.endswith("/invoke/stages")
    assert fault.detail.startswith("Stage lead needs 2 people, and its rules allow at most 1")


def test_an_approval_that_lacks_people_today_is_published_and_told(shop: Shop) -> None:
    """Bob and Cleo are the only leads: a third may be invited before anybody asks."""
    shop.publish_document(buying(3, {"role": "buyer_lead"}))

    ((kind, cause),) = shop.cases()
    assert kind == "approval.unsatisfiable"
    assert "stage lead needs 3 people who may approve, and there are 2" in cause


def test_an_approval_that_can_be_given_is_nobodys_concern(shop: Shop) -> None:
    shop.publish_document(buying(2, {"role": "buyer_lead"}))

    assert shop.cases() == []
