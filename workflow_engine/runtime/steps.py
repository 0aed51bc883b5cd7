"""Steps: actions that runs ask for, done at once where they are local, else by a worker.

An action and the completion of its step are one transaction, so a local effect happens exactly
once. A step's id goes to the action as its idempotency key. Actions that call other systems are
in `calling`.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import func, select, update

from kernel.access import Actor, system_actor
from kernel.canonical import to_json
from kernel.errors import Refusal, Unavailable
from kernel.ids import ActorId
from kernel.uow import UnitOfWork
from kernel.work import backoff
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
        timeout_seconds=None if effect.timeout is None else int(effect.timeout.total_seconds()),
        compensates=effect.compensates,
        losses=0,
        fence=0,
        attempts=0,
    )
    if engine.catalogue[effect.action].effect == "local":
        return do_step(uow, engine, run, row)
    uow.session.add(row)
    uow.wake_workers()
    return None


def do_step(uow: UnitOfWork, engine: Engine, run: Run, row: RunStep) -> Completion | None:
    """Run a step's action in this transaction; None where it is to be tried again later.

    A refusal undoes what the action did and nothing else. `Unavailable` counts as transient. A
    row that is not written yet is written once, with what came of it.
    """
    action = engine.catalogue[row.action]
    try:
        with uow.savepoint(), uow.acting_as(worker_for(run)), uow.once_under(row.id):
            result = to_json(action.run(uow, action.input().load(row.input), row.id))
    except ValidationError as error:
        uow.session.add(row)
        return failed(uow, row, fault_of_input(row, error))
    except Refusal as refusal:
        uow.session.add(row)
        if isinstance(refusal, Unavailable) and try_again(uow, row, "transient"):
            return None
        return failed(uow, row, fault_of(refusal))
    uow.session.add(row)
    return done(uow, row, result)


def worker_for(run: Run) -> Actor:
    """Return who does a run's steps: the workflow, for whoever caused the run."""
    return system_actor("workflow").acting_for(ActorId(run.principal_id))


def withdraw_step(uow: UnitOfWork, run: Run, effect: CancelInvoke) -> None:
    """Take back a step that no worker has begun; one whose call is under way is followed to its
    end, and what it did is then undone."""
    row = uow.session.scalar(
        select(RunStep).where(
            RunStep.run_id == run.id,
            RunStep.invoke_id == effect.invoke_id,
            RunStep.epoch == effect.epoch,
            RunStep.state.in_(("waiting", "parked")),
        )
    )
    if row is None:
        return
    if row.sent_at is not None:
        row.state = "abandoned"
    else:
        row.state, row.ended_at = "withdrawn", uow.now


def done(uow: UnitOfWork, row: RunStep, result: dict[str, Any]) -> Completion:
    """Note a step's success, and return what its run is told."""
    row.state, row.ended_at, row.result, row.sent_at = "done", uow.now, result, None
    return _told(row, invoke_done(row.invoke_id, row.epoch, result))


def failed(uow: UnitOfWork, row: RunStep, fault: Mapping[str, Any]) -> Completion:
    """Note that a step certainly had no effect and is not tried again; return what is told."""
    row.state, row.ended_at, row.result, row.sent_at = "failed", uow.now, dict(fault), None
    return _told(row, invoke_failed(row.invoke_id, row.epoch, fault))


def fault_of(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal as the data of the event that tells it."""
    kind = "transient" if isinstance(refusal, Unavailable) else "refused"
    return {"code": refusal.code, "message": refusal.title, "kind": kind}


def fault_of_input(row: RunStep, error: ValidationError) -> dict[str, Any]:
    """Return what an action's own schema says against its input."""
    return {"code": "step.input", "message": f"{row.action} was given {error.messages}"}


def try_again(uow: UnitOfWork, row: RunStep, kind: str, *, anyway_times: int = 0) -> bool:
    """Leave the step for a later attempt; False where its retries for this kind are used up.

    `anyway_times` is how many attempts there are where the definition does not say.
    """
    retry, attempts = row.retry, row.attempts + 1
    if retry is not None and kind in retry["on"]:
        times, pause = retry["max"], pause_before(retry, attempts)
    else:
        times, pause = anyway_times, backoff(attempts)
    if attempts >= times:
        return False
    postpone(uow, row, func.clock_timestamp() + pause, attempts=attempts)
    return True


def postpone(uow: UnitOfWork, row: RunStep, until: Any, *, attempts: int | None = None) -> None:
    """Give the step's lease back; nobody claims it before `until`, in the database's time."""
    values = {"next_at": until, "lease_until": None}
    if attempts is not None:
        values["attempts"] = attempts
    uow.session.execute(update(RunStep).where(RunStep.id == row.id).values(**values))
    uow.session.refresh(row, ["attempts", "next_at", "lease_until"])


def pause_before(retry: Mapping[str, Any], attempts: int) -> timedelta:
    """Return the pause after the n-th failed attempt, by the step's own policy and its jitter."""
    seconds = Decimal(retry["base_seconds"])
    if retry["backoff"] == "exponential":
        seconds *= Decimal(retry["factor"]) ** (attempts - 1)
    if retry["cap_seconds"] is not None:
        seconds = min(seconds, Decimal(retry["cap_seconds"]))
    # Those that failed together must not come back together. Not a secret.
    spread = Decimal(retry.get("jitter", "0")) * Decimal(random.uniform(-1, 1))  # noqa: S311
    return timedelta(milliseconds=int(seconds * (1 + spread) * 1000))


def _told(row: RunStep, event: Event) -> Completion:
    # The claim names the attempt: a step that a person tries again may fail a second time.
    return Completion(event, f"{row.id}:{row.fence}")


def _retry_json(retry: Retry | None) -> dict[str, Any] | None:
    if retry is None:
        return None
    return {
        "max": retry.max,
        "backoff": retry.backoff,
        "base_seconds": int(retry.base.total_seconds()),
        "factor": retry.factor,
        "cap_seconds": None if retry.cap is None else int(retry.cap.total_seconds()),
        "jitter": retry.jitter,
        "on": list(retry.on),
    }
