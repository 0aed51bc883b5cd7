"""Who is told of an event, and what: from the rows as they stand when it is delivered."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from commerce.orders.events import OrderHeld
from commerce.orders.tables import SalesOrder
from kernel.audit import AuditEntry
from kernel.clock import format_instant
from kernel.events import DeliveredEvent
from kernel.exceptions import ExceptionCase, ExceptionRaised
from kernel.ids import ActorId
from kernel.uow import UnitOfWork
from tenants.notifications.tables import Notification
from tenants.tables import Member, MemberRole, Role
from workflow_engine.runtime.delegated_tasks import stand_ins_of
from workflow_engine.runtime.delegation_tables import DelegationRow
from workflow_engine.runtime.events import (
    AnsweredOnBehalf,
    DelegationBegan,
    DelegationEnded,
    TaskClosed,
    TaskEscalated,
    TaskOpened,
)
from workflow_engine.runtime.task_tables import Task, TaskCandidate, TaskVote

TEXT_MAX = 200


@dataclass(frozen=True)
class Telling:
    """What some members are to be told, if they want to hear of its kind."""

    kind: str
    subject_kind: str
    subject_id: str
    members: frozenset[str]
    facts: Mapping[str, Any] = field(default_factory=dict)


def telling_of(uow: UnitOfWork, event: DeliveredEvent) -> Telling | None:
    """Return what is to be told because of an event, or None where nothing is."""
    return _TELLINGS[event.name](uow, event)


def _asked(uow: UnitOfWork, event: DeliveredEvent) -> Telling | None:
    """Whoever may answer: when a task is opened, and who is asked besides when it escalates.

    Who stands in for one of them is told as well. The requester of an approval is not: nobody
    approves what they asked for.
    """
    task = uow.session.get(Task, (uow.tenant_id, event.data["task_id"]))
    if task is None or task.state != "open":
        return None
    rows = uow.session.scalars(select(TaskCandidate).where(TaskCandidate.task_id == task.id)).all()
    named = {row.name for row in rows if row.kind == "member"}
    by_role = _with_roles(uow, [row.name for row in rows if row.kind == "role"])
    told = select(Notification.member_id).where(
        Notification.kind == "asked", Notification.subject_id == task.id
    )
    asked = named | by_role | stand_ins_of(uow, task)
    members = asked - {task.requester_id} - set(uow.session.scalars(told))
    return Telling("asked", "task", task.id, frozenset(members), {"title": task.title[:TEXT_MAX]})


def _decided(uow: UnitOfWork, event: DeliveredEvent) -> Telling | None:
    """The requester, when others decided; a task that is no longer needed was not decided."""
    task = uow.session.get(Task, (uow.tenant_id, event.data["task_id"]))
    outcome = event.data["outcome"]
    if task is None or task.requester_id is None or outcome not in ("approved", "rejected"):
        return None
    votes = select(TaskVote.reason).where(
        TaskVote.task_id == task.id, TaskVote.decision == "reject", TaskVote.reason.is_not(None)
    )
    reason = uow.session.scalars(votes.order_by(TaskVote.voted_at).limit(1)).first()
    facts = {
        "title": task.title[:TEXT_MAX],
        "outcome": outcome,
        "reason": (reason or "")[:TEXT_MAX],
    }
    return Telling("decided", "task", task.id, frozenset({task.requester_id}), facts)


def _answered_on_behalf(uow: UnitOfWork, event: DeliveredEvent) -> Telling | None:
    """Whose right was used, and who handed it on."""
    task = uow.session.get(Task, (uow.tenant_id, event.data["task_id"]))
    if task is None:
        return None
    directory = uow.ports.directory
    assert directory is not None, "the front door fills the directory port"
    facts = {
        "what": "answered",
        "title": task.title[:TEXT_MAX],
        "by": directory.name_of(uow, event.data["voter_id"]),
        "decision": event.data["decision"],
    }
    persons = frozenset(event.data["persons"])
    return Telling("standing_in", "task", task.id, persons, facts)


def _delegation(uow: UnitOfWork, event: DeliveredEvent) -> Telling | None:
    """Both persons, without the one who began or ended it."""
    row = uow.session.get(DelegationRow, (uow.tenant_id, event.data["delegation_id"]))
    if row is None:
        return None
    directory = uow.ports.directory
    assert directory is not None, "the front door fills the directory port"
    persons = {
        name: directory.name_of(uow, ActorId(who))
        for name, who in (("of", row.of_id), ("to", row.to_id))
    }
    what = "began" if event.name == DelegationBegan.name else "ended"
    task = uow.session.get(Task, (uow.tenant_id, row.task_id)) if row.task_id else None
    title = task.title[:TEXT_MAX] if task is not None else ""
    facts = {"what": what, **persons, "title": title, "until": format_instant(row.ends_at)}
    by = {event.actor_id, event.on_behalf_of}
    members = frozenset({row.of_id, row.to_id} - by)
    about = ("task", task.id) if task is not None else ("delegation", row.id)
    return Telling("standing_in", *about, members, facts)


def _problem(uow: UnitOfWork, event: DeliveredEvent) -> Telling | None:
    """Everybody who may see exceptions, while it is open."""
    case = uow.session.get(ExceptionCase, (uow.tenant_id, event.data["exception_id"]))
    if case is None or case.state != "open":
        return None
    members = uow.session.scalars(select(Member.id).where(Member.status == "active"))
    facts = {"kind": case.kind, "cause": case.cause[:TEXT_MAX]}
    return Telling("problem", "exception", case.id, frozenset(members), facts)


def _held(uow: UnitOfWork, event: DeliveredEvent) -> Telling | None:
    """Who placed the order, unless it was they who hold it."""
    order = uow.session.get(SalesOrder, (uow.tenant_id, event.data["order_id"]))
    if order is None:
        return None
    placed = select(AuditEntry.actor_id, AuditEntry.on_behalf_of).where(
        AuditEntry.subject_kind == "order",
        AuditEntry.subject_id == order.id,
        AuditEntry.action == "orders.place",
    )
    row = uow.session.execute(placed.order_by(AuditEntry.id).limit(1)).one_or_none()
    placers = {row.on_behalf_of or row.actor_id} if row is not None else set()
    held_by = {event.actor_id, event.on_behalf_of}
    facts = {"number": order.number, "reason": str(event.data["reason"])[:TEXT_MAX]}
    return Telling("held", "order", order.id, frozenset(placers - held_by), facts)


def _with_roles(uow: UnitOfWork, keys: Iterable[str]) -> set[str]:
    joined = (MemberRole.tenant_id == Role.tenant_id) & (MemberRole.role_id == Role.id)
    query = select(MemberRole.member_id).join(Role, joined).where(Role.key.in_(list(keys)))
    return set(uow.session.scalars(query))


_TELLINGS: Mapping[str, Callable[[UnitOfWork, DeliveredEvent], Telling | None]] = {
    TaskOpened.name: _asked,
    TaskEscalated.name: _asked,
    TaskClosed.name: _decided,
    AnsweredOnBehalf.name: _answered_on_behalf,
    DelegationBegan.name: _delegation,
    DelegationEnded.name: _delegation,
    ExceptionRaised.name: _problem,
    OrderHeld.name: _held,
}

HEARD = frozenset(_TELLINGS)
