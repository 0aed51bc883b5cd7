"""An operation moves forward only, and stays as it ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel import operations
from kernel.access import Actor, Permission, operator_actor, system_actor
from kernel.audit import Subject
from kernel.clock import StoppedClock
from kernel.errors import NotFound, PermissionMissing
from kernel.ids import ActorId
from kernel.operations import KEPT_FOR, MOVES, Operation, OperationEnded, OperationKind
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from kernel.verification import verify
from tests.conftest import ACME, GLOBEX

SHOP = system_actor("shop")
KIND = "tests.bake"
READ, WRITE = Permission("cakes:read"), Permission("cakes:write")
given_up: list[str] = []

operations.declare(
    OperationKind(KIND, READ, WRITE, lambda _uow, subject_id: given_up.append(subject_id))
)


def begin(runtime: Runtime, subject_id: str = "cake_1") -> str:
    with runtime.unit_of_work(ACME, SHOP) as uow:
        return operations.begin(uow, KIND, Subject("cake", subject_id), total=3).id


def shown(runtime: Runtime, operation_id: str) -> dict[str, Any]:
    with runtime.unit_of_work(ACME, SHOP) as uow:
        row = operations.read(uow, operation_id)
        names = ("status", "done", "total", "result", "error", "expires_at", "version")
        return {name: getattr(row, name) for name in names}


@pytest.fixture(autouse=True)
def _nothing_given_up() -> None:
    given_up.clear()


def act(uow: UnitOfWork, deed: str, subject_id: str, operation_id: str) -> None:
    """Do one thing to an operation, as the jobs and people do who may come late."""
    if deed == "cancel":
        operations.cancel(uow, operation_id)
        return
    found = operations.open_operation_about(uow, KIND, subject_id)
    row = found or uow.session.get_one(Operation, (ACME, operation_id))
    if deed == "advance":
        operations.advance(uow, row, row.done + 1)
    elif deed == "go back":
        operations.advance(uow, row, 0)
    elif deed == "succeed":
        operations.succeed(uow, row, {"cakes": 1})
    else:
        operations.fail(uow, row, {"code": "cake.burnt"})
    uow.record("tests.move", Subject("operation", operation_id))


DEEDS = ("advance", "go back", "succeed", "fail", "cancel")
AFTER = {"advance": "running", "go back": "running", "succeed": "succeeded", "fail": "failed",
         "cancel": "cancelled"}  # fmt: skip


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(st.lists(st.sampled_from(DEEDS), max_size=7))
def test_only_legal_moves_are_made_and_an_end_never_changes(
    runtime: Runtime, deeds: list[str]
) -> None:
    """API-19: against a model of four lines."""
    operation_id = begin(runtime, f"cake_{'_'.join(deeds)}"[:70])
    subject_id = f"cake_{'_'.join(deeds)}"[:70]
    status = "queued"
    for deed in deeds:
        before = shown(runtime, operation_id)
        is_legal = AFTER[deed] in MOVES[status] or (status == "running" == AFTER[deed])
        is_twice = deed == "cancel" and status == "cancelled"
        # Good news about something queued passes through running.
        is_legal = is_legal or (deed == "succeed" and status == "queued")
        try:
            with runtime.unit_of_work(ACME, SHOP) as uow:
                act(uow, deed, subject_id, operation_id)
            is_done = True
        except OperationEnded:
            is_done = False
        after = shown(runtime, operation_id)
        if is_legal:
            assert is_done
            status = AFTER[deed]
        elif status in ("succeeded", "failed", "cancelled") and deed not in ("advance", "go back"):
            assert is_done == is_twice
        assert after["status"] == status
        assert after["done"] >= before["done"]
        if not MOVES[before["status"]]:
            assert after == before, "what has ended stays as it is"
    assert (shown(runtime, operation_id)["expires_at"] is None) == bool(MOVES[status])


def test_its_outcome_can_be_read_for_a_week(runtime: Runtime, clock: StoppedClock) -> None:
    operation_id = begin(runtime)
    with runtime.unit_of_work(ACME, SHOP) as uow:
        act(uow, "succeed", "cake_1", operation_id)
    assert shown(runtime, operation_id)["result"] == {"cakes": 1}

    clock.pass_time(KEPT_FOR + timedelta(seconds=1))

    with pytest.raises(NotFound), runtime.unit_of_work(ACME, SHOP) as uow:
        operations.read(uow, operation_id)


def test_cancelling_gives_its_subject_up_and_needs_the_kinds_own_permission(
    runtime: Runtime,
) -> None:
    operation_id = begin(runtime)
    reader = Actor(ActorId("mem_ana"), "member", "Ana", frozenset({READ}))
    with pytest.raises(PermissionMissing), runtime.unit_of_work(ACME, reader) as uow:
        operations.cancel(uow, operation_id)

    for _ in range(2):
        with runtime.unit_of_work(ACME, SHOP) as uow:
            operations.cancel(uow, operation_id)

    assert given_up == ["cake_1"]
    with runtime.unit_of_work(ACME, operator_actor("tests"), work_class="batch") as uow:
        assert verify(uow, runtime.seal).faults == []


def test_another_tenants_operation_is_not_there(runtime: Runtime) -> None:
    operation_id = begin(runtime)

    with pytest.raises(NotFound), runtime.unit_of_work(GLOBEX, SHOP) as uow:
        operations.read(uow, operation_id)
