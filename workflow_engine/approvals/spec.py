"""An approval as values: its stages, who may answer, how many must."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any, Literal

from workflow_engine.approvals.people import People
from workflow_engine.definition.durations import parse_duration

Answer = Literal["approve", "reject"]
Candidates = tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many approvals a stage needs, and how many rejections end it."""

    approve: int | str
    reject: int = 1

    def needed(self, eligible: int) -> int:
        """The number of approvals; with a share or `all`, of those who may answer at all."""
        if isinstance(self.approve, int):
            return self.approve
        if self.approve == "any":
            return 1
        if self.approve == "all":
            return max(eligible, 1)
        return max(ceil(eligible * int(self.approve.removesuffix("%")) / 100), 1)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage; `document` keeps due time, reminders and the escalation ladder."""

    id: str
    candidates: Candidates
    quorum: Quorum
    document: Mapping[str, Any]

    @property
    def undo(self) -> timedelta | None:
        """How long a vote waits before it counts, and may be taken back; None: not at all."""
        span = self.document.get("undo")
        return None if span is None else parse_duration(span)


@dataclass(frozen=True, slots=True)
class Approval:
    """What is to be approved, and by which rules.

    `escalated` names the rungs (stage id, escalation id) that have been reached; their people
    join the candidates. `subject` may hold fields that candidates are named by.
    """

    requester: str | None
    digest: str | None
    stages: tuple[Stage, ...]
    separation: frozenset[str] = frozenset()
    delegation_depth: int = 0
    absence_counts: bool = False
    subject: Mapping[str, Any] | None = None
    escalated: frozenset[tuple[str, str]] = frozenset()

    def stage(self, stage_id: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.id == stage_id), None)


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's answer in one stage, for the content with this digest.

    `chain` names everybody the answer stands for: the voter alone, or the candidate, those who
    handed it on, and the voter.
    """

    stage: str
    decision: Answer
    by: str
    digest: str | None = None
    chain: tuple[str, ...] = ()

    @property
    def persons(self) -> frozenset[str]:
        return frozenset((*self.chain, self.by))

    @property
    def candidate(self) -> str:
        """Whose right to answer was used."""
        return self.chain[0] if self.chain else self.by


def read_approval(
    stages: Sequence[Mapping[str, Any]],
    subject: Mapping[str, Any],
    *,
    separation: Sequence[str] = (),
    delegation: Mapping[str, Any] | None = None,
    escalated: Sequence[tuple[str, str]] = (),
) -> Approval:
    """An approval from the fields of an `InvokeApproval` effect."""
    delegation = delegation or {}
    allowed = bool(delegation.get("allowed"))
    return Approval(
        requester=subject.get("requester"),
        digest=subject.get("digest"),
        stages=tuple(read_stage(stage) for stage in stages),
        separation=frozenset(separation),
        delegation_depth=int(delegation.get("max_depth", 1)) if allowed else 0,
        absence_counts=delegation.get("out_of_office") == "auto",
        subject=subject,
        escalated=frozenset(escalated),
    )


def read_stage(document: Mapping[str, Any]) -> Stage:
    """A stage from its document."""
    quorum = document["quorum"]
    return Stage(
        id=document["id"],
        candidates=tuple(document["candidates"]),
        quorum=Quorum(quorum["approve"], int(quorum.get("reject", 1))),
        document=document,
    )


def candidates_of(approval: Approval, stage: Stage, people: People) -> frozenset[str]:
    """Everybody a stage names today, those of the rungs reached included."""
    found = resolve(stage.candidates, people, approval, frozenset())
    for rung in stage.document.get("escalate") or ():
        if (stage.id, rung["id"]) in approval.escalated:
            found |= resolve((rung["to"],), people, approval, found)
    return found


def resolve(
    candidates: Sequence[Mapping[str, str]],
    people: People,
    approval: Approval | None,
    named: frozenset[str],
) -> frozenset[str]:
    """The people that rules name: by role, by id, as a manager, or in a field of the subject."""
    found: set[str] = set()
    for rule in candidates:
        if "role" in rule:
            found |= people.with_role(rule["role"])
        elif "person" in rule:
            found.add(rule["person"])
        elif "manager_of" in rule:
            found |= _managers(rule["manager_of"], people, approval, named)
        elif "field" in rule:
            found |= _in_field(rule["field"], approval)
    return frozenset(person for person in found if person in people.members)


def _managers(
    whom: str, people: People, approval: Approval | None, named: frozenset[str]
) -> set[str]:
    if whom == "requester":
        persons = {approval.requester} if approval and approval.requester else set()
    else:
        persons = set(named) if whom == "candidate" else {whom}
    managers = {people.manager_of(person) for person in persons if person}
    return {manager for manager in managers if manager}


def _in_field(name: str, approval: Approval | None) -> set[str]:
    value = ((approval.subject if approval else None) or {}).get(name)
    if isinstance(value, str):
        return {value}
    return {one for one in value if isinstance(one, str)} if isinstance(value, list) else set()
