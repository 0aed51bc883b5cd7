"""Handing a single task on: to whom its rules would let it go, and why not to others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kernel.access import Permission
from kernel.errors import Fault, Invalid
from kernel.ids import ActorId
from kernel.ports import Directory, DirectoryMember
from kernel.uow import UnitOfWork
from workflow_engine.approvals import (
    REASONS,
    Approval,
    Ballot,
    Delegation,
    People,
    Refusal,
    Vote,
    cast,
)
from workflow_engine.runtime.candidates import people
from workflow_engine.runtime.errors import HandingForbidden, NotYours
from workflow_engine.runtime.task_tables import Task
from workflow_engine.runtime.tasks import approval_of, votes_cast

WHY_NOT = {
    **REASONS,
    "delegation.candidate": "This person may answer it in their own right.",
    "delegation.stands_in": "It is handed on to this person already.",
    "delegation.too_deep": "The workflow does not let it be handed on any further.",
    "delegation.cannot_vote": "This person's roles do not include deciding (tasks:vote).",
}
"""By code, why a task cannot be handed on to somebody, in a sentence."""

_VOTE = Permission("tasks:vote")


@dataclass(frozen=True)
class Taker:
    """Somebody a task might be handed on to; `why_not` is a code of WHY_NOT, or None."""

    id: str
    name: str
    why_not: str | None


def why_not_handed_on(uow: UnitOfWork, task: Task, of_id: str) -> str | None:
    """Return in a sentence why a member cannot hand an open approval on to anybody, or None."""
    approval = approval_of(task)
    if not approval.delegation_depth:
        return str(HandingForbidden.__doc__)
    taken = _answer(approval, votes_cast(uow, task), people(uow, task), task, of_id)
    return taken.message if isinstance(taken, Refusal) else None


def takers(uow: UnitOfWork, task: Task, of_id: str) -> Sequence[Taker]:
    """Return every other active member, by name, with why an approval cannot go to them."""
    directory = uow.ports.directory
    assert directory is not None, "the front door fills the directory port"
    judge = _Judge(uow, directory, task, of_id)
    others = [each for each in directory.members(uow) if each.id != of_id]
    ordered = sorted(others, key=lambda each: (each.name.casefold(), each.id))
    return [Taker(str(each.id), each.name, judge.why_not(each)) for each in ordered]


def check_handing(uow: UnitOfWork, task: Task, of_id: str, to_id: str) -> None:
    """Refuse to hand a task on against its definition, without a right to it, or to nobody's use.

    The task must be locked.
    """
    approval = approval_of(task)
    if not approval.delegation_depth:
        raise HandingForbidden(task.id)
    taken = _answer(approval, votes_cast(uow, task), people(uow, task), task, of_id)
    if isinstance(taken, Refusal):
        raise NotYours(task.id, taken.code)
    (taker,) = (each for each in takers(uow, task, of_id) if each.id == to_id)
    if taker.why_not is not None:
        raise Invalid((Fault("/to_id", taker.why_not, WHY_NOT[taker.why_not]),))


class _Judge:
    """Asks the rules of one task, for each person, as if it had been handed on to them."""

    def __init__(self, uow: UnitOfWork, directory: Directory, task: Task, of_id: str) -> None:
        self._uow, self._directory, self._task, self._of = uow, directory, task, of_id
        self._approval, self._before = approval_of(task), votes_cast(uow, task)
        self._people = people(uow, task)
        self._may_vote: dict[frozenset[str], bool] = {}

    def why_not(self, member: DirectoryMember) -> str | None:
        if not self._votes(member):
            return "delegation.cannot_vote"
        now = _answer(self._approval, self._before, self._people, self._task, member.id)
        if isinstance(now, Vote):
            return "delegation.stands_in" if now.chain else "delegation.candidate"
        added = (*self._people.delegations, Delegation(self._of, member.id))
        after = replace(self._people, delegations=added)
        taken = _answer(self._approval, self._before, after, self._task, member.id)
        if isinstance(taken, Vote):
            return None
        is_deep = taken.code == "approval.not_a_candidate"
        return "delegation.too_deep" if is_deep else taken.code

    def _votes(self, member: DirectoryMember) -> bool:
        """Whoever has the same roles has the same permissions: asked once for each set of roles."""
        if member.roles not in self._may_vote:
            actor = self._directory.actor(self._uow, ActorId(member.id))
            self._may_vote[member.roles] = actor.may(_VOTE)
        return self._may_vote[member.roles]


def _answer(
    approval: Approval, before: Sequence[Vote], who: People, task: Task, member_id: str
) -> Vote | Refusal:
    ballot = Ballot(task.stage or "", "approve", str(member_id), task.digest)
    return cast(approval, before, who, ballot)
