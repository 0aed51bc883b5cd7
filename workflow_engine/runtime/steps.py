"""Steps: actions that runs ask for, done at once where they are local, else by a worker.

An action and the completion of its step are one transaction, so a local effect happens exactly
once. A step's id goes to the action as its idempotency key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import func, select, update

from kernel.access import system_actor
from kernel.canonical import to_json
from kernel.errors import Refusal, Unavailable
from kernel.ids import ActorId
from kernel.uow import UnitOfWork
from workflow_engine.interpreter import (
    CancelInvoke,
    Event,
    InvokeStep,
    Retry,
    invoke_done,
    invoke_failed,
)
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.tables import Run, RunStep


@dataclass(frozen=True)
class Completion:
    """An event for the run itself, and the key under which it is received once."""

    event: Event
    dedupe_key: str


def ask_step(uow: UnitOfWork, engine: Engine, run: Run, effect: InvokeStep) -> Completion | None:
    """Write a step down; a local one is done here, and its completion returned."""
    row = RunStep(
        tenant_id=uow.tenant_id,
        id=uow.new_id("stp"),
        run_id=run.id,
        invoke_id=effect.invoke_id,
        epoch=effect.epoch,
        action=effect.action,
        input=dict(to_json(effect.input)),
        retry=_retry_json(effect.retry),
        state="waiting",
        asked_at=uow.now,
        fence=0,
        attempts=0,
    )
    uow.session.add(row)
    uow.session.flush()
    if engine.catalogue[effect.action].effect == "local":
        return do_step(uow, engine, run, row)
    uow.wake_workers()
    return None


def do_step(uow: UnitOfWork, engine: Engine, run: Run, row: RunStep) -> Completion | None:
    """Run a step's action in this transaction; None where it is to be tried again later.

    A refusal undoes what the action did and nothing else. `Unavailable` counts as transient.
    """
    action = engine.catalogue[row.action]
    worker = system_actor("workflow").acting_for(ActorId(run.principal_id))
    try:
        with uow.savepoint(), uow.acting_as(worker):
            given = action.input().load(row.input)
            result = to_json(action.run(uow, given, row.id))
    except ValidationError as error:
        fault = {"code": "step.input", "message": f"{row.action} was given {error.messages}"}
        return _failed(uow, row, fault)
    except Refusal as refusal:
        if isinstance(refusal, Unavailable) and _postponed(uow, row):
            return None
        kind = "transient" if isinstance(refusal, Unavailable) else "refused"
        fault = {"code": refusal.code, "message": refusal.title, "kind": kind}
        return _failed(uow, row, fault)
    row.state, row.ended_at, row.result = "done", uow.now, result
    return Completion(invoke_done(row.invoke_id, row.epoch, result), f"{row.id}:done")


def withdraw_step(uow: UnitOfWork, run: Run, effect: CancelInvoke) -> None:
    """Take back a step that no worker has done yet; a late completion is compensated."""
    row = uow.session.scalar(
        select(RunStep).where(
            RunStep.run_id == run.id,
            RunStep.invoke_id == effect.invoke_id,
            RunStep.epoch == effect.epoch,
            RunStep.state == "waiting",
        )
    )
    if row is not None:
        row.state, row.ended_at = "withdrawn", uow.now


def _failed(uow: UnitOfWork, row: RunStep, fault: Mapping[str, Any]) -> Completion:
    row.state, row.ended_at, row.result = "failed", uow.now, dict(fault)
    return Completion(invoke_failed(row.invoke_id, row.epoch, fault), f"{row.id}:failed")


def _postponed(uow: UnitOfWork, row: RunStep) -> bool:
    """Leave the step for a later attempt; False where its retries are used up."""
    retry = row.retry or {}
    attempts = row.attempts + 1
    if "transient" not in retry.get("on", ()) or attempts >= retry["max"]:
        return False
    uow.session.execute(
        update(RunStep)
        .where(RunStep.id == row.id)
        .values(
            attempts=attempts,
            lease_until=None,
            next_at=func.clock_timestamp() + pause_before(retry, attempts),
        )
    )
    uow.session.refresh(row, ["attempts", "next_at", "lease_until"])
    return True


def pause_before(retry: Mapping[str, Any], attempts: int) -> timedelta:
    """Return the pause after the n-th failed attempt, by the step's own policy."""
    seconds = Decimal(retry["base_seconds"])
    if retry["backoff"] == "exponential":
        seconds *= Decimal(retry["factor"]) ** (attempts - 1)
    if retry["cap_seconds"] is not None:
        seconds = min(seconds, Decimal(retry["cap_seconds"]))
    return timedelta(milliseconds=int(seconds * 1000))


def _retry_json(retry: Retry | None) -> dict[str, Any] | None:
    if retry is None:
        return None
    return {
        "max": retry.max,
        "backoff": retry.backoff,
        "base_seconds": int(retry.base.total_seconds()),
        "factor": retry.factor,
        "cap_seconds": None if retry.cap is None else int(retry.cap.total_seconds()),
        "on": list(retry.on),
    }
