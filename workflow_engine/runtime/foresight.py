"""What would follow from an answer to an approval, asked of the definition; nothing is changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from kernel.uow import UnitOfWork
from workflow_engine.approvals import (
    Approval,
    Ballot,
    Refusal,
    Standing,
    Vote,
    cast,
    decide,
    result_of,
)
from workflow_engine.approvals.spec import Answer
from workflow_engine.interpreter import Compiled, InvokeStep, invoke_done, step
from workflow_engine.interpreter.compiled import CompiledState
from workflow_engine.runtime.calendars import TenantCalendars
from workflow_engine.runtime.candidates import people
from workflow_engine.runtime.snapshots import snapshot_of
from workflow_engine.runtime.tables import Run
from workflow_engine.runtime.task_tables import Task
from workflow_engine.runtime.tasks import approval_of, votes_cast


@dataclass(frozen=True)
class Foreseen:
    """Where a run would stand after an answer, and which actions it would ask for at once.

    While `missing` approvals are still needed afterwards the run stays, and `states` is empty.
    `then` and `comes_to` say how it goes on by itself while every step succeeds: which actions
    follow, and in which state it waits or ends.
    """

    missing: int
    states: tuple[str, ...]
    actions: tuple[str, ...]
    ends: bool
    then: tuple[str, ...] = ()
    comes_to: str | None = None


def foresee(
    uow: UnitOfWork, compiled: Compiled, run: Run, task: Task
) -> Mapping[Answer, Foreseen] | None:
    """Say what either answer of the actor to an open approval would lead to.

    None where the actor cannot answer it. Told by the interpreter that moves the run, over where
    the run stands now: events that come in before the answer may change it.
    """
    approval, before, who = approval_of(task), votes_cast(uow, task), people(uow, task)
    answers: dict[Answer, Foreseen] = {}
    for answer in ("approve", "reject"):
        ballot = Ballot(task.stage or "", answer, uow.actor.id, task.digest)
        taken = cast(approval, before, who, ballot)
        if isinstance(taken, Refusal):
            return None
        votes: list[Vote] = [*before, taken]
        standing = decide(approval, votes, who)
        answers[answer] = _after(uow, compiled, run, task, approval, standing)
    return answers


def _after(
    uow: UnitOfWork,
    compiled: Compiled,
    run: Run,
    task: Task,
    approval: Approval,
    standing: Standing,
) -> Foreseen:
    snapshot = snapshot_of(compiled, run)
    if standing.outcome == "open" or snapshot is None:
        return Foreseen(max(standing.missing, 1), (), (), ends=False)
    done = invoke_done(task.invoke_id, task.epoch, result_of(approval, standing))
    outcome = step(compiled, snapshot, done, uow.now, calendars=TenantCalendars(uow))
    asked = [each.action for each in outcome.effects if isinstance(each, InvokeStep)]
    stands_at = compiled.leaves(outcome.snapshot.configuration)
    then, comes_to = _goes_on(compiled, stands_at)
    return Foreseen(0, stands_at, tuple(asked), outcome.snapshot.finished, then, comes_to)


def _goes_on(compiled: Compiled, stands_at: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """Follow steps whose success leads on without a condition, from the one state that is left."""
    then: list[str] = []
    if len(stands_at) != 1:
        return (), None
    at, seen = compiled.states[compiled.numbers[stands_at[0]]], set()
    while at.number not in seen:
        seen.add(at.number)
        following = _after_success(compiled, at)
        if following is None:
            break
        at = following
        then += [each.model.action for each in at.invokes if each.model.kind == "step"]
    return tuple(then), at.id if len(seen) > 1 else None


def _after_success(compiled: Compiled, state: CompiledState) -> CompiledState | None:
    """Return where the only step of a state leads when it succeeds, where one thing decides it."""
    if len(state.invokes) != 1 or state.invokes[0].model.kind != "step":
        return None
    done = f"done.invoke.{state.invokes[0].id}"
    taken = next((each for each in state.transitions if done in each.events), None)
    if taken is None or taken.guard is not None or len(taken.targets) != 1:
        return None
    return compiled.states[taken.targets[0]]
