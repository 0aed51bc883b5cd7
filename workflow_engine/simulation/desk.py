"""The people of a simulated world: open approvals and tasks, votes, forms, deadlines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workflow_engine.approvals import (
    Approval,
    Ballot,
    Deadline,
    People,
    Refusal,
    Vote,
    cast,
    check_form,
    deadlines,
    decide,
    read_approval,
    resolve,
    result_of,
    shortages,
)
from workflow_engine.approvals.spec import Answer
from workflow_engine.interpreter import (
    CancelInvoke,
    InvokeApproval,
    InvokeHuman,
    invoke_done,
    invoke_failed,
)

if TYPE_CHECKING:
    from workflow_engine.simulation.world import World


@dataclass(slots=True)
class OpenApproval:
    """An approval that waits for votes; `missed` holds deadlines that passed while parked."""

    effect: InvokeApproval
    votes: list[Vote] = field(default_factory=list)
    waiting: list[Vote] = field(default_factory=list)
    """Votes that count only when the time for undoing them is over."""
    escalated: list[tuple[str, str]] = field(default_factory=list)
    stage: str | None = None
    parked: bool = False
    missed: list[tuple[str, Deadline]] = field(default_factory=list)

    def approval(self) -> Approval:
        effect = self.effect
        return read_approval(
            effect.stages,
            effect.subject,
            separation=effect.separation,
            delegation=effect.delegation,
            escalated=self.escalated,
        )


@dataclass(slots=True)
class OpenTask:
    """A task that waits for somebody's form."""

    effect: InvokeHuman
    escalated: list[str] = field(default_factory=list)
    parked: bool = False


class Desk:
    """What people see and do."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.people = People({})
        self.approvals: dict[tuple[str, str], OpenApproval] = {}
        self.tasks: dict[tuple[str, str], OpenTask] = {}

    def open(self, run_id: str, effect: InvokeApproval | InvokeHuman) -> None:
        """Open an approval or task, or take up the parked one."""
        key = (run_id, effect.invoke_id)
        if isinstance(effect, InvokeHuman):
            self.tasks[key] = OpenTask(effect)
            self._schedule(key, effect.epoch, _document_of(effect), None)
            return
        known = self.approvals.get(key)
        if effect.reattaches is not None and known is not None:
            known.effect, known.parked = effect, False
            missed, known.missed = known.missed, []
            for stage, deadline in missed:
                self._stage_deadline(key, stage, deadline)
            return
        self.approvals[key] = OpenApproval(effect)
        if self.people.members and shortages(self.approvals[key].approval(), self.people):
            self._fail(key, effect.epoch, "approval.unsatisfiable")
            return
        self._move_on(key)

    def withdraw(self, run_id: str, effect: CancelInvoke) -> None:
        """Close what is open, or park it."""
        key = (run_id, effect.invoke_id)
        if effect.park:
            for open_one in (self.approvals.get(key), self.tasks.get(key)):
                if open_one is not None:
                    open_one.parked = True
            return
        self.approvals.pop(key, None)
        self.tasks.pop(key, None)

    def vote(self, run_id: str, document: Mapping[str, Any]) -> str | None:
        """Cast a vote; the code of the refusal, None where it was taken."""
        key = self._approval_for(run_id, document.get("invoke"))
        if key is None:
            return "approval.not_open"
        open_one = self.approvals[key]
        answer: Answer = "approve" if document["decision"] == "approve" else "reject"
        approval = open_one.approval()
        # The people of a simulation see what is there now.
        ballot = Ballot(document["stage"], answer, document["by"], approval.digest)
        vote = cast(approval, [*open_one.votes, *open_one.waiting], self.people, ballot)
        if isinstance(vote, Refusal):
            return vote.code
        stage = approval.stage(vote.stage)
        if stage is not None and stage.undo is not None:
            open_one.waiting.append(vote)
            deadline = Deadline(self.world.now + stage.undo, "count", vote.by)
            ring = self._ringer(key, open_one.effect.epoch, stage.id, deadline)
            self.world.schedule(deadline.at, ring)
            return None
        open_one.votes.append(vote)
        self._move_on(key)
        return None

    def complete(self, run_id: str, document: Mapping[str, Any]) -> str | None:
        """Send in a task's form; the code of the refusal, None where it was taken."""
        key = (run_id, document["invoke"])
        task = self.tasks.get(key)
        if task is None or task.parked:
            return "task.not_open"
        if document["by"] not in self._task_candidates(task):
            return "task.not_a_candidate"
        live = self.world.runs[run_id]
        form = document.get("form") or {}
        faults = check_form(live.compiled, live.snapshot, key[1], form, self.world.now)
        if faults:
            return faults[0].code
        del self.tasks[key]
        self.world.deliver(run_id, invoke_done(key[1], task.effect.epoch, form))
        return None

    def fault(self, run_id: str, document: Mapping[str, Any]) -> str | None:
        """Let an invoke fail, as if nobody could answer."""
        live = self.world.runs[run_id]
        epoch = live.snapshot.invokes.get(document["invoke"])
        if epoch is None:
            return "invoke.not_open"
        self._fail((run_id, document["invoke"]), epoch, document["code"])
        return None

    def _approval_for(self, run_id: str, invoke: str | None) -> tuple[str, str] | None:
        for key, open_one in self.approvals.items():
            if key[0] == run_id and not open_one.parked and invoke in (None, key[1]):
                return key
        return None

    def _task_candidates(self, task: OpenTask) -> frozenset[str]:
        found = resolve(task.effect.candidates, self.people, None, frozenset())
        for rung in task.effect.escalate:
            if rung["id"] in task.escalated:
                found |= resolve((rung["to"],), self.people, None, found)
        return found

    def _move_on(self, key: tuple[str, str]) -> None:
        """Complete a decided approval, or open the deadlines of the stage it has come to."""
        open_one = self.approvals[key]
        approval = open_one.approval()
        standing = decide(approval, open_one.votes, self.people)
        if standing.outcome != "open":
            del self.approvals[key]
            event = invoke_done(key[1], open_one.effect.epoch, result_of(approval, standing))
            self.world.deliver(key[0], event)
        elif standing.stage is not None and standing.stage != open_one.stage:
            open_one.stage = standing.stage
            stage = approval.stage(standing.stage)
            assert stage is not None
            self._schedule(key, open_one.effect.epoch, stage.document, standing.stage)

    def _schedule(
        self, key: tuple[str, str], epoch: int, document: Mapping[str, Any], stage: str | None
    ) -> None:
        for deadline in deadlines(document, self.world.now, self.world.calendars):
            if deadline.kind != "remind":
                self.world.schedule(deadline.at, self._ringer(key, epoch, stage, deadline))

    def _ringer(
        self, key: tuple[str, str], epoch: int, stage: str | None, deadline: Deadline
    ) -> Any:
        opened = self.tasks.get(key) if stage is None else self.approvals.get(key)

        def ring() -> None:
            if stage is not None and self.approvals.get(key) is opened:
                self._stage_deadline(key, stage, deadline)
            elif stage is None and self.tasks.get(key) is opened:
                self._task_deadline(key, deadline)

        del epoch
        return ring

    def _stage_deadline(self, key: tuple[str, str], stage: str, deadline: Deadline) -> None:
        open_one = self.approvals[key]
        if open_one.parked:
            open_one.missed.append((stage, deadline))
            return
        if open_one.stage != stage:
            return
        if deadline.kind == "count":
            self._count(key, lambda vote: vote.by == deadline.id)
            return
        if deadline.kind == "escalate" or deadline.decides is not None:
            self._count(key, lambda _: True)
            if self.approvals.get(key) is not open_one or open_one.stage != stage:
                return
        if deadline.kind == "escalate":
            open_one.escalated.append((stage, deadline.id))
        elif deadline.decides == "fault":
            self._fail(key, open_one.effect.epoch, "approval.expired")
        elif deadline.decides is not None:
            approval = open_one.approval()
            standing = decide(approval, open_one.votes, self.people)
            outcome = "approved" if deadline.decides == "approve" else "expired"
            del self.approvals[key]
            result = result_of(approval, standing, outcome)
            self.world.deliver(key[0], invoke_done(key[1], open_one.effect.epoch, result))

    def _count(self, key: tuple[str, str], is_due: Callable[[Vote], bool]) -> None:
        """Let votes that waited count; where they take the approval on, the others as well."""
        open_one = self.approvals[key]
        due = [vote for vote in open_one.waiting if is_due(vote)]
        if not due:
            return
        open_one.waiting = [vote for vote in open_one.waiting if vote not in due]
        open_one.votes += due
        standing = decide(open_one.approval(), open_one.votes, self.people)
        if (standing.outcome, standing.stage) != ("open", open_one.stage):
            open_one.votes, open_one.waiting = [*open_one.votes, *open_one.waiting], []
        self._move_on(key)

    def _task_deadline(self, key: tuple[str, str], deadline: Deadline) -> None:
        task = self.tasks[key]
        if deadline.kind == "escalate":
            task.escalated.append(deadline.id)
        elif deadline.decides is not None:
            self._fail(key, task.effect.epoch, "task.expired")

    def _fail(self, key: tuple[str, str], epoch: int, code: str) -> None:
        self.approvals.pop(key, None)
        self.tasks.pop(key, None)
        self.world.deliver(key[0], invoke_failed(key[1], epoch, {"code": code}))


def _document_of(effect: InvokeHuman) -> dict[str, Any]:
    return {
        "due": effect.due,
        "on_expire": effect.on_expire,
        "remind_every": effect.remind_every,
        "escalate": effect.escalate,
    }
