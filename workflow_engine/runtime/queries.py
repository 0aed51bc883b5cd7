"""Reads for faces: my tasks, a task with its votes, a run with its timeline, runs of a subject."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from kernel.access import Actor
from kernel.errors import NotFound
from kernel.uow import UnitOfWork
from workflow_engine.runtime.standing import stands_in
from workflow_engine.runtime.tables import (
    DefinitionVersion,
    Run,
    RunHistory,
    RunInbox,
    RunStep,
    RunTimer,
    RunWait,
)
from workflow_engine.runtime.task_tables import (
    Task,
    TaskCandidate,
    TaskComment,
    TaskVote,
    WaitingVote,
)

TASKS_MAX = 200
COMMENTS_MAX = 500
RUNS_MAX = 200
OPEN_STEPS = ("waiting", "abandoned", "doubtful", "parked")


def is_asked(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which a task is put to an actor: by role or by name."""
    by_role = and_(TaskCandidate.kind == "role", TaskCandidate.name.in_(sorted(actor.roles)))
    by_name = and_(TaskCandidate.kind == "member", TaskCandidate.name == actor.id)
    return exists().where(
        TaskCandidate.tenant_id == Task.tenant_id,
        TaskCandidate.task_id == Task.id,
        or_(by_role, by_name),
    )


def tasks_for(
    uow: UnitOfWork,
    *,
    limit: int = 50,
    after: tuple[datetime, str] | None = None,
    everybody: bool = False,
    due_before: datetime | None = None,
) -> Sequence[Task]:
    """Return the open tasks put to the actor, oldest first, without those the actor answered.

    `after` is the (opened_at, id) of the last task of the page before. For a client, which is
    nobody's candidate, these are all open tasks: it may show them, only people decide them.
    With `everybody`, all open tasks, whoever is asked and has answered.
    """
    query = select(Task).where(Task.state == "open")
    if not everybody:
        query = query.where(~_has_answered(uow.actor))
        if uow.actor.kind != "client":
            query = query.where(is_asked(uow.actor))
    if due_before is not None:
        query = query.where(Task.due_at < due_before)
    if after is not None:
        query = query.where(
            or_(Task.opened_at > after[0], and_(Task.opened_at == after[0], Task.id > after[1]))
        )
    query = query.order_by(Task.opened_at, Task.id).limit(min(limit, TASKS_MAX))
    return uow.session.scalars(query).all()


def asked_for(uow: UnitOfWork, tasks: Sequence[Task]) -> dict[str, list[TaskCandidate]]:
    """Return who is asked now, role by role and person by person, for each of some tasks."""
    found: dict[str, list[TaskCandidate]] = {each.id: [] for each in tasks}
    rows = select(TaskCandidate).where(TaskCandidate.task_id.in_(sorted(found)))
    ordered = rows.order_by(TaskCandidate.task_id, TaskCandidate.kind, TaskCandidate.name)
    for row in uow.session.scalars(ordered):
        found[row.task_id].append(row)
    return found


def open_task_count(uow: UnitOfWork) -> int:
    """Count the open tasks put to the actor that the actor has not answered, up to two hundred."""
    waits = (Task.state == "open", is_asked(uow.actor), ~_has_answered(uow.actor))
    waiting = select(Task.id).where(*waits).limit(TASKS_MAX)
    return uow.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def open_approvals(uow: UnitOfWork) -> tuple[int, datetime | None]:
    """Count the approvals that wait for anybody, and say since when the oldest does."""
    waiting = select(func.count(), func.min(Task.opened_at)).where(
        Task.state == "open", Task.kind == "approval"
    )
    count, oldest = uow.session.execute(waiting).one()
    return int(count), oldest


def tasks_about(uow: UnitOfWork, subject_kind: str, subject_id: str) -> Sequence[Task]:
    """Return what people were asked about a subject, oldest first."""
    query = select(Task).where(Task.subject_kind == subject_kind, Task.subject_id == subject_id)
    return uow.session.scalars(query.order_by(Task.opened_at, Task.id)).all()


def tasks_of_run(uow: UnitOfWork, run_id: str) -> Sequence[Task]:
    """Return what a run asked people, oldest first."""
    query = select(Task).where(Task.run_id == run_id)
    return uow.session.scalars(query.order_by(Task.opened_at, Task.id)).all()


def task(uow: UnitOfWork, task_id: str) -> Task:
    """Return a task, or NotFound."""
    found = uow.session.get(Task, (uow.tenant_id, task_id))
    if found is None:
        raise NotFound("task", task_id)
    return found


def votes(uow: UnitOfWork, task_id: str) -> Sequence[TaskVote]:
    """Return a task's votes in the order they were cast."""
    query = select(TaskVote).where(TaskVote.task_id == task_id)
    return uow.session.scalars(query.order_by(TaskVote.voted_at, TaskVote.voter_id)).all()


def waiting_votes(uow: UnitOfWork, task_id: str) -> Sequence[WaitingVote]:
    """Return a task's votes that do not count yet, or never will as it was closed before."""
    query = select(WaitingVote).where(WaitingVote.task_id == task_id)
    return uow.session.scalars(query.order_by(WaitingVote.voted_at, WaitingVote.voter_id)).all()


def comments(uow: UnitOfWork, task_id: str) -> Sequence[TaskComment]:
    """Return what was written about a task, the oldest first; of very much, the newest."""
    newest = (
        select(TaskComment)
        .where(TaskComment.task_id == task_id)
        .order_by(TaskComment.written_at.desc(), TaskComment.id.desc())
        .limit(COMMENTS_MAX)
    )
    return uow.session.scalars(newest).all()[::-1]


def run(uow: UnitOfWork, run_id: str) -> Run:
    """Return a run, or NotFound."""
    found = uow.session.get(Run, (uow.tenant_id, run_id))
    if found is None:
        raise NotFound("run", run_id)
    return found


@dataclass(frozen=True)
class RunFilter:
    """Narrows a list of runs; None leaves a question open."""

    state: str | None = None
    key: str | None = None
    subject_id: str | None = None
    has_incident: bool = False
    definition_id: str | None = None
    is_open: bool = False
    standing_in: Sequence[str] | None = None
    """Innermost states; only open runs stand anywhere."""


def runs_like(only: RunFilter) -> Select[Run]:
    """Return the query for runs that a filter lets through, in no order."""
    query = select(Run)
    if only.state is not None:
        query = query.where(Run.state == only.state)
    if only.key is not None:
        query = query.where(Run.key == only.key)
    if only.subject_id is not None:
        query = query.where(Run.subject_id == only.subject_id)
    if only.has_incident:
        query = query.where(Run.incident.is_not(None))
    if only.definition_id is not None:
        query = query.where(Run.definition_id == only.definition_id)
    if only.is_open:
        query = query.where(Run.state != "finished")
    if only.standing_in is not None:
        query = query.where(stands_in(only.standing_in))
    return query


def runs(
    uow: UnitOfWork, only: RunFilter, *, limit: int = 50, before: str | None = None
) -> Sequence[Run]:
    """Return runs, the newest first, going on before the id of the last one of a page."""
    query = runs_like(only)
    if before is not None:
        query = query.where(Run.id < before)
    return uow.session.scalars(query.order_by(Run.id.desc()).limit(min(limit, RUNS_MAX))).all()


def keys_of_runs(uow: UnitOfWork) -> Sequence[str]:
    """Return the keys of the definitions that were ever published, in their order."""
    query = select(DefinitionVersion.key).distinct().order_by(DefinitionVersion.key)
    return uow.session.scalars(query).all()


def runs_of(uow: UnitOfWork, subject_kind: str, subject_ids: Sequence[str]) -> Sequence[Run]:
    """Return the runs about some subjects, oldest first."""
    query = select(Run).where(Run.subject_kind == subject_kind, Run.subject_id.in_(subject_ids))
    return uow.session.scalars(query.order_by(Run.started_at, Run.id)).all()


def timeline(
    uow: UnitOfWork, run_id: str, *, after: int = 0, limit: int = 200
) -> Sequence[RunHistory]:
    """Return what a run did, event by event, going on after the number of a line."""
    query = select(RunHistory).where(RunHistory.run_id == run_id, RunHistory.number > after)
    return uow.session.scalars(query.order_by(RunHistory.number).limit(limit)).all()


def definition_of(uow: UnitOfWork, run: Run) -> DefinitionVersion:
    """Return the version that a run is pinned to."""
    return uow.session.get_one(DefinitionVersion, (uow.tenant_id, run.definition_id))


@dataclass(frozen=True)
class InHand:
    """What a run is waiting for."""

    steps: Sequence[RunStep]
    timers: Sequence[RunTimer]
    tasks: Sequence[Task]
    waits: Sequence[RunWait]
    children: Sequence[Run]
    untaken: int


def in_hand(uow: UnitOfWork, run_id: str) -> InHand:
    """Return what a run has open, what failed and is a person's, and how many events wait."""
    of_run = {"run_id": run_id}
    is_open = RunStep.state.in_(OPEN_STEPS)
    steps = select(RunStep).filter_by(**of_run).where(is_open).order_by(RunStep.id)
    timers = (
        select(RunTimer)
        .filter_by(**of_run)
        .where(RunTimer.state.in_(("waiting", "parked")))
        .order_by(RunTimer.due_at)
    )
    waits = select(RunWait).filter_by(**of_run).order_by(RunWait.correlation_id)
    children = select(Run).where(Run.parent_id == run_id, Run.state != "finished").order_by(Run.id)
    tasks = select(Task).filter_by(**of_run, state="open").order_by(Task.id)
    untaken = select(func.count()).where(RunInbox.run_id == run_id, RunInbox.disposition.is_(None))
    return InHand(
        uow.session.scalars(steps).all(),
        uow.session.scalars(timers).all(),
        uow.session.scalars(tasks).all(),
        uow.session.scalars(waits).all(),
        uow.session.scalars(children).all(),
        uow.session.scalar(untaken) or 0,
    )


def _has_answered(actor: Actor) -> ColumnElement[bool]:
    return or_(
        *(
            exists().where(
                table.tenant_id == Task.tenant_id,
                table.task_id == Task.id,
                table.stage == Task.stage,
                table.voter_id == actor.id,
            )
            for table in (TaskVote, WaitingVote)
        )
    )
