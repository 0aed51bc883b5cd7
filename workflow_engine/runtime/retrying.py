"""Trying again what failed for good, or left a doubt: a person's decision, with a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from kernel.access import Permission, system_actor
from kernel.audit import Subject
from kernel.canonical import to_json
from kernel.errors import Fault, NotFound, Refusal
from kernel.exceptions import ExceptionCase, resolve
from kernel.ids import ExceptionId
from kernel.uow import UnitOfWork
from workflow_engine.interpreter import resume
from workflow_engine.interpreter.mending import reopen
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.errors import EffectUndecided, NothingToRetry
from workflow_engine.runtime.inbox import lock_run, receive
from workflow_engine.runtime.reasons import reason_given
from workflow_engine.runtime.snapshots import keep_snapshot, snapshot_of
from workflow_engine.runtime.steps import done, worker_for
from workflow_engine.runtime.tables import Run, RunInbox, RunStep, RunTimer

MEND_RUNS = Permission("exceptions:write")


@dataclass(frozen=True)
class Verdict:
    """What a person found out about an effect of which nobody knew.

    Where it `happened`, `answer` is what the other side answered, or would have.
    `step_id` may be left out where one step is in doubt.
    """

    happened: bool
    answer: Mapping[str, Any] = field(default_factory=dict)
    step_id: str | None = None


def retry(
    uow: UnitOfWork, engine: Engine, run_id: str, reason: str, verdict: Verdict | None = None
) -> Run:
    """Let a run go on that is an incident: what failed for good is tried again by a worker.

    EffectUndecided where nobody knows whether an effect happened and the verdict is missing;
    NothingToRetry where nothing has failed. The run's open exceptions are resolved with the reason.
    """
    uow.actor.must(MEND_RUNS)
    reason = reason_given(reason)
    run = lock_run(uow, run_id)
    steps = uow.session.scalars(
        select(RunStep).where(RunStep.run_id == run_id).order_by(RunStep.id)
    ).all()
    mended = [
        *_judged(uow, engine, run, steps, verdict),
        *_unparked(uow, run, steps),
        *_reopened(uow, engine, run, steps),
    ]
    if run.state != "incident" and not mended:
        raise NothingToRetry(run.id, run.state)
    _let_go_on(uow, engine, run)
    uow.record("run.retry", Subject("run", run.id), reason=reason, facts={"mended": mended})
    _resolve_cases(uow, run, reason)
    uow.wake_workers()
    return run


def _judged(
    uow: UnitOfWork, engine: Engine, run: Run, steps: Sequence[RunStep], verdict: Verdict | None
) -> list[str]:
    doubtful = [step for step in steps if step.state == "doubtful"]
    if not doubtful:
        return []
    named = [step for step in doubtful if verdict and verdict.step_id in (None, step.id)]
    if verdict is not None and not named:
        raise NotFound("doubtful step", verdict.step_id or "")
    if verdict is None or len(named) > 1:
        raise EffectUndecided(
            tuple(
                Fault("/happened", "run.effect_undecided", f"Did {step.action} ({step.id}) happen?")
                for step in doubtful
            )
        )
    (step,) = named
    step.losses, step.sent_at = 0, None
    if verdict.happened:
        _believe(uow, engine, run, step, verdict.answer)
    elif _is_wanted(uow, engine, run, step):
        _wait_again(step)
    else:
        step.state, step.ended_at = "withdrawn", uow.now
    return [f"{step.id}: {'happened' if verdict.happened else 'did not happen'}"]


def _is_wanted(uow: UnitOfWork, engine: Engine, run: Run, step: RunStep) -> bool:
    snapshot = snapshot_of(engine.compiled(uow, run.definition_id), run)
    assert snapshot is not None, "only a run that has begun has steps"
    is_open = snapshot.invokes.get(step.invoke_id) == step.epoch and not snapshot.finished
    return is_open or step.compensates is not None


def _believe(
    uow: UnitOfWork, engine: Engine, run: Run, step: RunStep, answer: Mapping[str, Any]
) -> None:
    """Take in what a person says the other side did, as if it had answered."""
    action = engine.catalogue[step.action]
    try:
        with uow.savepoint(), uow.acting_as(worker_for(run)):
            result = dict(to_json(action.run(uow, answer, step.id)))
    except (Refusal, KeyError, TypeError, ValueError) as error:
        detail = f"{step.action} cannot take this answer in: {type(error).__name__}: {error}"
        fault = Fault("/answer", "run.answer_unusable", detail[:300])
        raise EffectUndecided((fault,)) from error
    completion = done(uow, step, result)
    receive(uow, run, completion.event, completion.dedupe_key)


def _unparked(uow: UnitOfWork, run: Run, steps: Sequence[RunStep]) -> list[str]:
    timers = uow.session.scalars(
        select(RunTimer).where(RunTimer.run_id == run.id, RunTimer.state == "parked")
    )
    failed_undoing = [each for each in steps if each.compensates and each.state == "failed"]
    parked = [each for each in steps if each.state == "parked"]
    rows: list[RunStep | RunTimer] = [*parked, *failed_undoing, *timers]
    for row in rows:
        _wait_again(row)
    return [f"{row.id}: tried again" for row in rows]


def _reopened(uow: UnitOfWork, engine: Engine, run: Run, steps: Sequence[RunStep]) -> list[str]:
    """Ask again for the failed steps of states that the run is still in: nothing took their
    failure."""
    if not (run.incident or "").startswith("unhandled:"):
        return []
    compiled = engine.compiled(uow, run.definition_id)
    before = snapshot_of(compiled, run)
    assert before is not None, "only a run that has begun has failures"
    latest = {step.invoke_id: step for step in steps if step.compensates is None}
    after, found = before, []
    for invoke_id, step in latest.items():
        if step.state != "failed":
            continue
        opened = reopen(compiled, after, invoke_id, step.epoch)
        if opened is not None:
            after = opened
            _wait_again(step)
            found.append(f"{step.id}: asked again")
    if found:
        keep_snapshot(compiled, run, after, uow.now)
    return found


def _wait_again(row: RunStep | RunTimer) -> None:
    row.state, row.attempts = "waiting", 0
    row.next_at = row.lease_until = None
    if isinstance(row, RunStep):
        row.ended_at = row.result = None


def _let_go_on(uow: UnitOfWork, engine: Engine, run: Run) -> None:
    compiled = engine.compiled(uow, run.definition_id)
    snapshot = snapshot_of(compiled, run)
    if snapshot is not None and snapshot.halted is not None:
        keep_snapshot(compiled, run, resume(snapshot), uow.now)
        _offer_again(uow, run)
    if run.state == "incident":
        run.state = "undoing" if snapshot is not None and snapshot.finished else "active"
    run.incident, run.attempts, run.next_at, run.lease_until = None, 0, None, None
    run.ready = True


def _offer_again(uow: UnitOfWork, run: Run) -> None:
    """The event that halted the run was not taken: it is the next one again."""
    halted = uow.session.scalars(
        select(RunInbox)
        .where(RunInbox.run_id == run.id, RunInbox.disposition == "halted")
        .order_by(RunInbox.number.desc())
        .limit(1)
    )
    for message in halted:
        message.disposition = None


def _resolve_cases(uow: UnitOfWork, run: Run, reason: str) -> None:
    cases = uow.session.scalars(
        select(ExceptionCase.id).where(
            ExceptionCase.subject_kind == "run",
            ExceptionCase.subject_id == run.id,
            ExceptionCase.kind.in_(("run.incident", "run.stuck")),
            ExceptionCase.state == "open",
        )
    ).all()
    with uow.acting_as(system_actor("workflow").acting_for(uow.actor.id)):
        for case_id in sorted(cases):
            resolve(uow, ExceptionId(case_id), reason)
