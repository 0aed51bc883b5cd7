"""Tasks that a member may answer for somebody else, and who may so answer a task."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select

from kernel.uow import UnitOfWork
from workflow_engine.approvals import Ballot, People, Vote, cast
from workflow_engine.runtime import queries
from workflow_engine.runtime.candidates import people
from workflow_engine.runtime.standing_in import Lending, lendings, lent
from workflow_engine.runtime.task_tables import Task, TaskCandidate, TaskVote, WaitingVote
from workflow_engine.runtime.tasks import approval_of, votes_cast

READ_AT_ONCE = 100
READ_MAX = 1000
"""So many open approvals of principals are looked through for one answer, the oldest first."""

Place = tuple[datetime, str]


def tasks_on_behalf(
    uow: UnitOfWork, *, limit: int = 50, after: Place | None = None,
    due_before: datetime | None = None,
) -> Sequence[Task]:  # fmt: skip
    """Return the open approvals that the actor may answer for others alone, oldest first.

    Judged by the rules of each; pages as `queries.tasks_for` does.
    """
    found = lendings(uow)
    principals = _principals(found, str(uow.actor.id))
    if not principals:
        return []
    who, asked = people(uow), _asked_of(uow, principals)
    waiting: list[Task] = []
    for _ in range(READ_MAX // READ_AT_ONCE):
        rows = _read(uow, asked, after, due_before)
        chains = _chains(uow, rows, found, who, str(uow.actor.id))
        waiting += [task for task in rows if chains.get(task.id)]
        if len(waiting) >= limit or len(rows) < READ_AT_ONCE:
            break
        after = (rows[-1].opened_at, rows[-1].id)
    return waiting[:limit]


def tasks_waiting(
    uow: UnitOfWork, *, limit: int = 50, after: Place | None = None,
    due_before: datetime | None = None,
) -> Sequence[Task]:  # fmt: skip
    """Return the open tasks put to the actor, and those to answer for others, oldest first."""
    own = queries.tasks_for(uow, limit=limit, after=after, due_before=due_before)
    others = tasks_on_behalf(uow, limit=limit, after=after, due_before=due_before)
    every = {task.id: task for task in (*own, *others)}
    return sorted(every.values(), key=lambda task: (task.opened_at, task.id))[:limit]


def waiting_count(uow: UnitOfWork) -> int:
    """Count the open tasks that the actor may answer, up to two hundred of either kind."""
    own = queries.open_task_count(uow)
    others = {task.id for task in tasks_on_behalf(uow, limit=queries.TASKS_MAX)}
    if not others:
        return own
    both = queries.tasks_for(uow, limit=queries.TASKS_MAX)
    return own + len(others - {task.id for task in both})


def chains_of(uow: UnitOfWork, tasks: Sequence[Task]) -> Mapping[str, tuple[str, ...]]:
    """Return for whom the actor would answer each of some tasks, candidate first.

    Only tasks that the actor may answer through delegations alone are named.
    """
    found, actor = lendings(uow), str(uow.actor.id)
    if not _principals(found, actor):
        return {}
    chains = _chains(uow, tasks, found, people(uow), actor)
    return {task_id: tuple(p for p in chain if p != actor) for task_id, chain in chains.items()}


def stand_ins_of(uow: UnitOfWork, task: Task) -> frozenset[str]:
    """Return who may answer an open approval for others alone."""
    found = lendings(uow)
    if not found or task.kind != "approval" or task.state != "open":
        return frozenset()
    who = lent(people(uow), found, task.id)
    approval, before = approval_of(task), votes_cast(uow, task)
    able = set()
    for member_id in {each.delegation.to for each in found}:
        ballot = Ballot(task.stage or "", "approve", member_id, task.digest)
        taken = cast(approval, before, who, ballot)
        if isinstance(taken, Vote) and taken.chain:
            able.add(member_id)
    return frozenset(able)


def _principals(found: Sequence[Lending], member_id: str) -> Collection[str]:
    """Return everybody from whom delegations lead to a member, whatever they are for."""
    leading: dict[str, set[str]] = {}
    for each in found:
        leading.setdefault(each.delegation.to, set()).add(each.delegation.of)
    reached: set[str] = set()
    fresh = {member_id}
    while fresh:
        fresh = set().union(*(leading.get(each, ()) for each in fresh)) - reached - {member_id}
        reached |= fresh
    return reached


def _asked_of(uow: UnitOfWork, principals: Collection[str]) -> ColumnElement[bool]:
    members = people(uow).members
    roles = {role for each in principals if each in members for role in members[each].roles}
    by_role = and_(TaskCandidate.kind == "role", TaskCandidate.name.in_(sorted(roles)))
    by_name = and_(TaskCandidate.kind == "member", TaskCandidate.name.in_(sorted(principals)))
    return exists().where(
        TaskCandidate.tenant_id == Task.tenant_id,
        TaskCandidate.task_id == Task.id,
        or_(by_role, by_name),
    )


def _read(
    uow: UnitOfWork, asked: ColumnElement[bool], after: Place | None, due_before: datetime | None
) -> Sequence[Task]:
    query = select(Task).where(Task.state == "open", Task.kind == "approval", asked)
    if due_before is not None:
        query = query.where(Task.due_at < due_before)
    if after is not None:
        query = query.where(
            or_(Task.opened_at > after[0], and_(Task.opened_at == after[0], Task.id > after[1]))
        )
    return uow.session.scalars(query.order_by(Task.opened_at, Task.id).limit(READ_AT_ONCE)).all()


def _chains(
    uow: UnitOfWork, tasks: Sequence[Task], found: Sequence[Lending], who: People, member_id: str
) -> dict[str, tuple[str, ...]]:
    """Return by task the chain by which a member may answer it, where that takes one."""
    approvals = [task for task in tasks if task.kind == "approval" and task.state == "open"]
    ids = [task.id for task in approvals]
    tables = (TaskVote, WaitingVote)
    voted = {
        each
        for table in tables
        for each in uow.session.scalars(select(table.task_id).where(table.task_id.in_(ids)))
    }
    chains = {}
    for task in approvals:
        before = votes_cast(uow, task) if task.id in voted else []
        ballot = Ballot(task.stage or "", "approve", member_id, task.digest)
        taken = cast(approval_of(task), before, lent(who, found, task.id), ballot)
        if isinstance(taken, Vote) and taken.chain:
            chains[task.id] = taken.chain
    return chains
