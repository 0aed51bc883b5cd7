"""Steps that call other systems: what is committed before, asked outside, concluded after.

No call is made inside a transaction. Before it, "sent" is committed with the moment after which
the call can have no effect any more; after it, its end is. Where a worker finds "sent" without an
end, another worker was lost or nobody could tell: the effect class says what may follow.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import func, select

from kernel.actions import Action, Call, EffectUnknown
from kernel.audit import Subject
from kernel.canonical import to_json
from kernel.clock import monotonic_seconds
from kernel.errors import Refusal, Unavailable
from kernel.log import without_secrets
from kernel.uow import UnitOfWork
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.runs import stop_with_incident
from workflow_engine.runtime.steps import (
    Completion,
    done,
    failed,
    fault_of,
    fault_of_input,
    postpone,
    try_again,
    worker_for,
)
from workflow_engine.runtime.tables import Run, RunStep

LOSSES_MAX = 8
"""After so many attempts whose end nobody knows, a person is asked."""

UNKNOWN = "effect.unknown"


@dataclass(frozen=True)
class Plan:
    """What is to be done outside: make the call, or ask what became of an earlier one."""

    action: Action
    call: Call
    asks: bool
    begun_seconds: float


@dataclass(frozen=True)
class Answer:
    """How it ended: what the other side said, its refusal, or neither where nobody knows.

    Of a question, `facts` of None says that the other side has certainly done nothing.
    """

    facts: Any = None
    refusal: Refusal | None = None
    doubt: str | None = None


def plan_call(uow: UnitOfWork, engine: Engine, run: Run, row: RunStep) -> Plan | Completion | None:
    """Commit to the next call of a step, under its run's lock; None where none is due now.

    A Completion says that the action refused before anything was sent.
    """
    action = engine.catalogue[row.action]
    now = _database_now(uow)
    if row.sent_at is None:
        return _send(uow, run, row, action, now)
    return _after_an_unknown_end(uow, run, row, action, now)


def make_call(plan: Plan) -> Answer:
    """Call, or ask, outside of any transaction; every way in which it ends is an answer."""
    assert plan.action.outside is not None, "plan_call plans calls of such actions only"
    if monotonic_seconds() - plan.begun_seconds >= plan.call.seconds_max:
        # This process stood still: by now others may have judged this attempt.
        return Answer(doubt="the worker was held up for too long to begin")
    try:
        if not plan.asks:
            return Answer(to_json(plan.action.outside.call(plan.call)))
        assert plan.action.outside.look_up is not None, "the catalogue refuses such an action"
        found = plan.action.outside.look_up(plan.call)
        return Answer(None if found is None else to_json(found))
    except Refusal as refusal:
        return Answer(refusal=refusal)
    except EffectUnknown as unknown:
        return Answer(doubt=f"the other side cannot say: {unknown}")
    except Exception as error:
        return Answer(doubt=without_secrets(f"{type(error).__name__}: {error}")[:300])


def conclude(
    uow: UnitOfWork, run: Run, row: RunStep, plan: Plan, answer: Answer
) -> Completion | None:
    """Write down how a call or question ended, under the run's lock; return what the run is told.

    What the other side did is taken in by the action in this very transaction.
    """
    if plan.asks:
        return _learned(uow, run, row, plan, answer)
    if answer.doubt is not None:
        _unknown(uow, run, row, plan, answer.doubt)
        return None
    if answer.refusal is not None:
        return _refused(uow, row, plan, answer.refusal)
    return _succeeded(uow, run, row, plan, answer)


def doubt(uow: UnitOfWork, run: Run, row: RunStep, why: str) -> None:
    """Stop: nobody knows whether the effect happened, so a person must say."""
    row.state = "doubtful"
    cause = f"{row.action} may have had its effect or not: {why} (step {row.id})"
    stop_with_incident(uow, run, UNKNOWN, cause)


def _after_an_unknown_end(
    uow: UnitOfWork, run: Run, row: RunStep, action: Action, now: datetime
) -> Plan | Completion | None:
    outside, ends_at, first = action.outside, row.call_ends_at, row.first_sent_at
    assert outside is not None
    assert ends_at is not None, "whoever sent it said until when"
    assert first is not None, "what was sent was sent a first time"
    if action.effect == "at_most_once":
        doubt(uow, run, row, "it was sent, and its end is not known")
        return None
    if action.effect == "reconcile" and now < ends_at:
        # Until then the earlier call may still arrive, and an answer would prove nothing.
        postpone(uow, row, ends_at)
        return None
    row.losses += 1
    if row.losses > LOSSES_MAX:
        doubt(uow, run, row, f"{LOSSES_MAX} attempts ended unknown")
        return None
    if action.effect == "reconcile":
        uow.record("step.look_up", Subject("run", run.id), facts={"step": row.id})
        return _plan(uow, row, action, asks=True)
    if now >= first + outside.key_window:
        doubt(uow, run, row, "the other side has forgotten the key by now")
        return None
    return _send(uow, run, row, action, now)


def _send(
    uow: UnitOfWork, run: Run, row: RunStep, action: Action, now: datetime
) -> Plan | Completion | None:
    assert action.outside is not None, "plan_call is for such actions only"
    if row.state == "abandoned" and row.sent_at is None:
        row.state, row.ended_at = "withdrawn", uow.now
        uow.record("step.withdraw", Subject("run", run.id), facts={"step": row.id})
        return None
    if row.request is None:
        try:
            with uow.savepoint(), uow.acting_as(worker_for(run)):
                given = action.input().load(row.input)
                row.request = dict(to_json(action.outside.prepare(uow, given, row.id)))
        except ValidationError as error:
            return failed(uow, row, fault_of_input(row, error))
        except Refusal as refusal:
            if isinstance(refusal, Unavailable) and try_again(uow, row, "transient"):
                return None
            return failed(uow, row, fault_of(refusal))
    plan = _plan(uow, row, action, asks=False)
    row.first_sent_at = row.first_sent_at or now
    row.sent_at, row.call_ends_at = now, now + timedelta(seconds=plan.call.seconds_max)
    uow.record("step.send", Subject("run", run.id), facts={"step": row.id, "action": row.action})
    return plan


def _plan(uow: UnitOfWork, row: RunStep, action: Action, *, asks: bool) -> Plan:
    assert action.outside is not None
    assert row.request is not None, "what is sent was prepared"
    seconds = action.outside.seconds_max
    if row.timeout_seconds is not None:
        seconds = max(min(seconds, row.timeout_seconds), 1)
    call = Call(uow.tenant_id, row.id, row.request, seconds)
    return Plan(action, call, asks, monotonic_seconds())


def _succeeded(
    uow: UnitOfWork, run: Run, row: RunStep, plan: Plan, answer: Answer
) -> Completion | None:
    with uow.savepoint(), uow.acting_as(worker_for(run)):
        result = dict(to_json(plan.action.run(uow, answer.facts, row.id)))
    return done(uow, row, result)


def _refused(uow: UnitOfWork, row: RunStep, plan: Plan, refusal: Refusal) -> Completion | None:
    """Nothing was done over there. What may be sent at most once is not sent again all the same."""
    row.sent_at = None
    may_repeat = plan.action.effect != "at_most_once" and isinstance(refusal, Unavailable)
    if may_repeat and try_again(uow, row, "transient"):
        return None
    return failed(uow, row, fault_of(refusal))


def _unknown(uow: UnitOfWork, run: Run, row: RunStep, plan: Plan, why: str) -> None:
    if plan.action.effect == "reconcile":
        postpone(uow, row, row.call_ends_at)
    elif plan.action.effect != "idempotent" or not try_again(
        # The effect may be there: not to try again would leave it unknown.
        uow,
        row,
        "timeout",
        anyway_times=LOSSES_MAX,
    ):
        doubt(uow, run, row, why)


def _learned(
    uow: UnitOfWork, run: Run, row: RunStep, plan: Plan, answer: Answer
) -> Completion | None:
    if answer.doubt is not None:
        doubt(uow, run, row, answer.doubt)
        return None
    if answer.refusal is not None:
        # It could not be asked, which says nothing: `losses` bounds how often that is borne.
        postpone(uow, row, func.clock_timestamp() + timedelta(seconds=2**row.losses))
        return None
    if answer.facts is not None:
        return _succeeded(uow, run, row, plan, answer)
    row.sent_at = None
    if row.state == "abandoned":
        row.state, row.ended_at = "withdrawn", uow.now
    elif not try_again(uow, row, "timeout", anyway_times=LOSSES_MAX):
        fault = {"code": "step.timeout", "message": "It was not done in time.", "kind": "timeout"}
        return failed(uow, row, fault)
    return None


def _database_now(uow: UnitOfWork) -> datetime:
    """The database's clock is the same for every worker, whatever their own clocks say."""
    now = uow.session.scalar(select(func.clock_timestamp()))
    assert isinstance(now, datetime)
    return now
