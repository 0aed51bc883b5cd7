"""Runs that start runs: parent and child talk through their inboxes, in the commit of the one
that speaks."""

from typing import Any

from sqlalchemy import select

from kernel.uow import UnitOfWork
from workflow_engine.interpreter import (
    ContentFault,
    Event,
    InputRefused,
    InvokeFlow,
    Send,
    invoke_done,
    invoke_failed,
    subject_key,
)
from workflow_engine.runtime.beginning import Birth, begin_with, create_run
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.inbox import append, lock_run, receive_for_worker
from workflow_engine.runtime.steps import Completion
from workflow_engine.runtime.tables import DefinitionVersion, Run

DEPTH_MAX = 10


def start_child(uow: UnitOfWork, engine: Engine, run: Run, effect: InvokeFlow) -> list[Completion]:
    """Write a child down, to be begun by a worker; what it cannot start with is answered at once.

    The child is pinned to the version that is published now.
    """
    version = published_version(uow, effect.flow)
    if version is None:
        return _failed(effect, "flow.unknown", f"No definition “{effect.flow}” is published.")
    if _depth(uow, run) >= DEPTH_MAX:
        return _failed(effect, "flow.depth", f"Runs start runs at most {DEPTH_MAX} deep.")
    compiled = engine.compiled(uow, version.id)
    try:
        with uow.savepoint():
            birth = Birth(
                f"flow:{run.id}:{effect.epoch}",
                subject_key(compiled, effect.input, uow.now) or run.subject_id,
                run.principal_id,
                parent=run,
                parent_invoke_id=effect.invoke_id,
                parent_epoch=effect.epoch,
            )
            child = create_run(uow, version.id, compiled, effect.input, birth)
            begin = begin_with(effect.input)
            append(uow, child, begin.event, begin.dedupe_key)
    except (InputRefused, ContentFault) as fault:
        return _failed(effect, "flow.input", str(fault)[:300])
    uow.wake_workers()
    return []


def published_version(uow: UnitOfWork, key: str) -> DefinitionVersion | None:
    """Return the version of a definition that new runs start with."""
    query = select(DefinitionVersion).filter_by(key=key, state="published")
    return uow.session.scalar(query)


def child_of(uow: UnitOfWork, run: Run, invoke_id: str, epoch: int | None = None) -> Run | None:
    """Return the living child that an invocation of a locked run has started."""
    query = select(Run).where(
        Run.parent_id == run.id, Run.parent_invoke_id == invoke_id, Run.state != "finished"
    )
    if epoch is not None:
        query = query.where(Run.parent_epoch == epoch)
    found = uow.session.scalar(query.order_by(Run.id.desc()).limit(1))
    return None if found is None else lock_run(uow, found.id)


def send_within_family(uow: UnitOfWork, run: Run, effect: Send, identity: str) -> bool:
    """Bring an event to the parent or a child; False where that run is not there."""
    fields: dict[str, Any] = {"sendid": effect.send_id, "origin": effect.origin}
    if effect.target == "parent":
        target = _parent_of(uow, run)
        fields |= {"invokeid": run.parent_invoke_id, "epoch": run.parent_epoch}
    else:
        target = child_of(uow, run, effect.target.removeprefix("invoke:"))
    if target is None:
        return False
    event = Event(effect.event, data=effect.data, origintype="run", **fields)
    receive_for_worker(uow, target, event, identity)
    return True


def tell_end(uow: UnitOfWork, run: Run, outcome: str, donedata: Any) -> None:
    """Tell the parent, if there is one, that its child has reached its end."""
    payload = donedata if donedata is not None else {"outcome": outcome}
    _answer(uow, run, invoke_done(*_invocation(run), payload))


def tell_cancelled(uow: UnitOfWork, run: Run) -> None:
    """Tell the parent, if there is one, that people have cancelled its child."""
    fault = {"code": "flow.cancelled", "message": f"Run {run.id} was cancelled."}
    _answer(uow, run, invoke_failed(*_invocation(run), fault))


def _answer(uow: UnitOfWork, run: Run, event: Event) -> None:
    parent = _parent_of(uow, run)
    if parent is not None:
        receive_for_worker(uow, parent, event, f"{run.id}:ended")


def _invocation(run: Run) -> tuple[str, int]:
    return run.parent_invoke_id or "", run.parent_epoch or 0


def _parent_of(uow: UnitOfWork, run: Run) -> Run | None:
    return None if run.parent_id is None else lock_run(uow, run.parent_id)


def _depth(uow: UnitOfWork, run: Run) -> int:
    depth, parent_id = 1, run.parent_id
    while parent_id is not None:
        depth += 1
        parent_id = uow.session.get_one(Run, (uow.tenant_id, parent_id)).parent_id
    return depth


def _failed(effect: InvokeFlow, code: str, message: str) -> list[Completion]:
    event = invoke_failed(effect.invoke_id, effect.epoch, {"code": code, "message": message})
    return [Completion(event, f"flow:{effect.epoch}")]
