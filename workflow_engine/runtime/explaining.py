"""Says in words why a run stands where it stands, and what it waits for."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from kernel.uow import UnitOfWork
from workflow_engine.interpreter import Compiled, possible_events
from workflow_engine.runtime import queries
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.queries import InHand
from workflow_engine.runtime.snapshots import snapshot_of
from workflow_engine.runtime.tables import Run, RunHistory, RunStep
from workflow_engine.runtime.task_tables import Task, TaskCandidate


def explain(uow: UnitOfWork, engine: Engine, run: Run) -> list[str]:
    """Return sentences: what the run is, where it stands and why, what it waits for, what to do."""
    return [*_head(uow, run), *_standing(uow, engine, run), *_waiting(uow, engine, run)]


def _head(uow: UnitOfWork, run: Run) -> Iterator[str]:
    definition = queries.definition_of(uow, run)
    yield (
        f"Run {run.id} of “{definition.name}” ({run.key}, version {definition.number}) is about"
        f" {run.subject_kind.replace('_', ' ')} {run.subject_id}."
    )
    yield f"It started {_at(run.started_at)}, caused by {_who(uow, run.principal_id)}."
    if run.parent_id is not None:
        yield f"Run {run.parent_id} started it, and waits for its end."


def _standing(uow: UnitOfWork, engine: Engine, run: Run) -> Iterator[str]:
    if run.state == "finished":
        ended = _at(run.ended_at) if run.ended_at else "now"
        yield f"It ended {ended} as “{run.outcome}”."
        return
    compiled = engine.compiled(uow, run.definition_id)
    last = uow.session.scalars(
        select(RunHistory)
        .where(RunHistory.run_id == run.id)
        .order_by(RunHistory.number.desc())
        .limit(1)
    ).one_or_none()
    if last is not None:
        places = ", ".join(f"“{_label(compiled, state)}”" for state in last.states) or "no state"
        yield f"It stands at {places} since {_at(last.at)}, when “{last.event}” came."
        yield from _rules(compiled, last)
    if run.state == "undoing":
        yield "It was cancelled, and what it did is being undone, latest first."


def _rules(compiled: Compiled, line: RunHistory) -> Iterator[str]:
    guards = {each.id: each.guard_text for each in compiled.transitions}
    for record in line.trace:
        for name in record.get("chosen", ()):
            if guards.get(name):
                yield f"Rule {name} applied: {guards[name]}"


def _waiting(uow: UnitOfWork, engine: Engine, run: Run) -> Iterator[str]:
    left = queries.in_hand(uow, run.id)
    if run.incident is not None:
        yield f"It is an incident, {run.incident}: a person must look at it."
    for step in left.steps:
        yield _of_step(engine, step)
    for task in left.tasks:
        yield _of_task(uow, task)
    for timer in left.timers:
        given_up = " It failed too often: it waits to be tried again." * (timer.state == "parked")
        yield f"It waits for a time, {_at(timer.due_at)} ({timer.timer_id}).{given_up}"
    for child in left.children:
        yield f"It waits for run {child.id} of {child.key}, which is {child.state}."
    if run.state != "finished":
        yield from _events(uow, engine, run, left)
    if left.untaken:
        yield f"{left.untaken} events are in its inbox and not taken yet."
    yield from _advice(run, left)


def _of_step(engine: Engine, step: RunStep) -> str:
    known = step.action in engine.catalogue
    sentence = engine.catalogue[step.action].sentence if known else step.action
    name = f"“{sentence}” ({step.action}, {step.id})"
    error = f" It last failed with: {step.last_error}." if step.last_error else ""
    if step.state == "doubtful":
        return f"Nobody knows whether {name} had its effect: it was sent, and no answer came."
    if step.state == "parked":
        return f"{name} failed {step.attempts} times: it waits to be tried again.{error}"
    if step.state == "abandoned":
        return f"The run has moved on from {name}, whose call is followed to its end."
    due = f", next {_at(step.next_at)}" if step.next_at else ""
    return f"A worker is to do {name}; {step.attempts} attempts failed so far{due}.{error}"


def _of_task(uow: UnitOfWork, task: Task) -> str:
    asked = uow.session.scalars(select(TaskCandidate).where(TaskCandidate.task_id == task.id)).all()
    names = " or ".join(
        f"anybody with the role {each.name}" if each.kind == "role" else _who(uow, each.name)
        for each in asked
    )
    due = f", due {_at(task.due_at)}" if task.due_at else ""
    return f"It waits for {names or 'nobody'} to answer “{task.title}” ({task.id}){due}."


def _events(uow: UnitOfWork, engine: Engine, run: Run, left: InHand) -> Iterator[str]:
    compiled = engine.compiled(uow, run.definition_id)
    snapshot = snapshot_of(compiled, run)
    if snapshot is None:
        yield "It has not begun yet."
        return
    keys = {wait.event: wait.key for wait in left.waits}
    for event in possible_events(compiled, snapshot):
        key = f" with the key {keys[event]}" if event in keys else ""
        yield f"It would take the event {event}{key}."


def _advice(run: Run, left: InHand) -> Iterator[str]:
    if any(step.state == "doubtful" for step in left.steps):
        yield (
            "To mend it: look at the other side, then `wareflow runs retry --happened yes` with"
            " its answer, or `--happened no`."
        )
    elif run.state == "incident":
        yield "To mend it: remove the cause, then `wareflow runs retry`; or `wareflow runs cancel`."


def _label(compiled: Compiled, state_id: str) -> str:
    number = compiled.numbers.get(state_id)
    return (compiled.states[number].model.label if number is not None else "") or state_id


def _who(uow: UnitOfWork, actor_id: str) -> str:
    directory = uow.ports.directory
    assert directory is not None, "the front door fills the directory port"
    return directory.name_of(uow, actor_id)  # type: ignore[arg-type] # An id of an actor, as stored.


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
