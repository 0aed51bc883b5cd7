"""Runs that start runs: they talk in the commits of their own, end with each other, and undo."""

from collections.abc import Iterator
from typing import Any

import pytest

from kernel.audit import Subject
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.verification import verify
from tests.conftest import ACME, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.buying import definition, member, undoable
from tests.workflow_engine.runtime.shop import SHOP, Shop
from workflow_engine.runtime import queries
from workflow_engine.runtime.cancelling import cancel
from workflow_engine.runtime.errors import DefinitionRejected
from workflow_engine.runtime.explaining import explain
from workflow_engine.runtime.stuck import find_stuck_runs
from workflow_engine.runtime.tables import Run

MENDER = member("mem_ana", "exceptions:write")


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Shop]:
    """A shop in which buying mugs is the child of a run that restocks a shelf."""
    shop = Shop(config, clock, "local")
    found_tenant(shop.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
    shop.publish_document(child())
    shop.publish_document(parent())
    yield shop
    with shop.runtime.unit_of_work(ACME, SHOP, work_class="batch") as uow:
        sound = verify(uow, shop.runtime.seal).faults
    shop.runtime.close()
    assert sound == []


def child() -> dict[str, Any]:
    """Buying mugs, started by nobody but its parent."""
    document = undoable()
    del document["start"]
    return document


def parent(flow: str = "buy-mugs", **more: Any) -> dict[str, Any]:
    """Restock a shelf: buy mugs, and hear of a stop or a letter from the child."""
    shelf, quantity = [{"id": name, "value": f"input.{name}"} for name in ("shelf", "quantity")]
    base = definition()
    start = {**base["start"][0], "one_active_per": "subject"}
    waiting = {
        "id": "buying",
        "invoke": {
            "id": "buy", "kind": "flow", "flow": flow, "input": [shelf, quantity], **more,
        },
        "transitions": [
            {"id": "t_ok", "event": "done.invoke.buy",
             "guard": "event.data.outcome == 'stocked'", "target": "restocked"},
            {"id": "t_else", "event": "done.invoke.buy", "target": "empty"},
            {"id": "t_failed", "event": "error.invoke.buy", "target": "failed"},
            {"id": "t_stop", "event": "shelf.removed", "target": "empty"},
        ],
    }  # fmt: skip
    ends = [
        {"id": end, "type": "final", "outcome": end} for end in ("restocked", "empty", "failed")
    ]
    removed = {**base["correlate"][0], "id": "c_removed", "event": "shelf.removed"}
    return {
        **{key: base[key] for key in ("format", "semantics", "expressions", "subject", "input")},
        "key": "restock", "name": "Restock", "start": [start], "correlate": [removed],
        "initial": "buying", "states": [waiting, *ends],
    }  # fmt: skip


def family(shop: Shop) -> dict[str, tuple[str, str | None]]:
    return {run.key: (run.state, run.outcome) for run in shop.runs()}


def run_of(shop: Shop, key: str) -> Run:
    (found,) = [run for run in shop.runs() if run.key == key]
    return found


def remove(shop: Shop, shelf: str) -> None:
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        uow.emit_named("shelf.removed", {"shelf": shelf})
        uow.record("shelf.remove", Subject("shelf", shelf))
    shop.runtime.drain_all()


def call_off(shop: Shop, key: str) -> None:
    with shop.runtime.unit_of_work(ACME, MENDER) as uow:
        cancel(uow, shop.engine, run_of(shop, key).id, "Enough.")
    shop.runtime.drain_all()


def test_a_child_ends_and_its_parent_goes_on_by_its_outcome(shop: Shop) -> None:
    shop.run_low("north", 4)
    assert family(shop) == {"restock": ("active", None), "buy-mugs": ("active", None)}
    assert find_stuck_runs(shop.runtime) == 0

    shop.arrive("north")

    assert family(shop) == {
        "restock": ("finished", "restocked"),
        "buy-mugs": ("finished", "stocked"),
    }


def test_parent_and_child_know_each_other(shop: Shop) -> None:
    shop.run_low("north", 4)
    elder, younger = run_of(shop, "restock"), run_of(shop, "buy-mugs")

    assert (younger.parent_id, younger.root_id, younger.subject_id) == (elder.id, elder.id, "north")
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        said = "\n".join(explain(uow, shop.engine, queries.run(uow, elder.id)))
    assert f"It waits for run {younger.id} of buy-mugs, which is active." in said


def test_who_caused_the_parent_cannot_approve_in_the_child(shop: Shop) -> None:
    """The principal goes with the family: no detour makes the requester somebody else."""
    shop.run_low("north", 40)

    assert shop.task().requester_id == "mem_ana"


def test_leaving_the_state_cancels_the_child_and_keeps_its_effects(shop: Shop) -> None:
    shop.run_low("north", 4)

    remove(shop, "north")

    assert family(shop) == {
        "restock": ("finished", "empty"),
        "buy-mugs": ("finished", "cancelled"),
    }
    assert shop.pottery.undone == []


def test_cancelling_the_parent_undoes_what_its_child_did(shop: Shop) -> None:
    shop.run_low("north", 4)

    call_off(shop, "restock")

    assert family(shop) == {
        "restock": ("finished", "cancelled"),
        "buy-mugs": ("finished", "cancelled"),
    }
    assert shop.pottery.undone == ["send", "draft"]


def test_cancelling_the_child_is_told_to_its_parent(shop: Shop) -> None:
    shop.run_low("north", 4)

    call_off(shop, "buy-mugs")

    assert family(shop) == {
        "restock": ("finished", "failed"),
        "buy-mugs": ("finished", "cancelled"),
    }


def test_a_child_writes_to_its_parent_and_the_parent_to_its_child(shop: Shop) -> None:
    document = child()
    for state in document["states"]:
        if state["id"] == "waiting":
            state["entry"] = [{"do": "send", "to": "parent", "event": "shelf.sent"}]
            state["transitions"].append(
                {"id": "t_thanks", "event": "shelf.thanks", "target": "stocked"}
            )
    shop.publish_document(document)
    elder = parent()
    elder["states"][0]["transitions"].append(
        {
            "id": "t_sent", "event": "shelf.sent",
            "actions": [{"do": "send", "to": "invoke:buy", "event": "shelf.thanks"}],
        }
    )  # fmt: skip
    shop.publish_document(elder)

    shop.run_low("north", 4)

    assert family(shop) == {
        "restock": ("finished", "restocked"),
        "buy-mugs": ("finished", "stocked"),
    }


def test_a_flow_that_is_not_published_is_refused_before_publishing(shop: Shop) -> None:
    with pytest.raises(DefinitionRejected) as refusal:
        shop.publish_document(parent("buy-moons"))

    assert [fault.code for fault in refusal.value.errors] == ["flow.unknown"]


def test_a_flow_that_starts_itself_ends_at_the_depth_that_is_allowed(shop: Shop) -> None:
    """REL-24: a poisonous definition stops itself."""
    shop.publish_document(parent("restock"))

    shop.run_low("north", 4)
    for _ in range(12):
        shop.runtime.drain_all()

    assert len(shop.runs()) == 10
    assert {(run.state, run.outcome) for run in shop.runs()} == {
        ("finished", "failed"),
        ("finished", "empty"),
    }
