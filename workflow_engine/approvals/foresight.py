"""Whether an approval can be given at all, judged before anybody has asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workflow_engine.approvals.feasibility import Shortage, shortages
from workflow_engine.approvals.people import People, Person
from workflow_engine.approvals.spec import Approval, Stage, read_approval

_ANYBODY = "\0anybody"
"""The role of people whom only a case will name: a manager, somebody in a field of the subject."""
_CROWD_MAX = 200


def never_given(spec: Mapping[str, Any]) -> tuple[Shortage, ...]:
    """Return what is missing whoever is hired: every role may be held by as many as it takes.

    Empty where some people could give the approval, and where its stages come from a table.
    """
    approval = _supposed(spec)
    if approval is None:
        return ()
    persons = {rule["person"] for stage in approval.stages for rule in stage.candidates
               if "person" in rule}  # fmt: skip
    named = {person: Person(person) for person in persons}
    return shortages(approval, People(named | _crowd(approval, _roles_of(approval))))


def not_given_today(spec: Mapping[str, Any], people: People) -> tuple[Shortage, ...]:
    """Return what is missing among today's people, if nobody of them were the requester."""
    approval = _supposed(spec)
    if approval is None:
        return ()
    members = {**people.members, **_crowd(approval, frozenset({_ANYBODY}))}
    return shortages(approval, People(members))


def _supposed(spec: Mapping[str, Any]) -> Approval | None:
    """The approval without its case: whoever only the case names may be anybody."""
    stages: Sequence[Mapping[str, Any]] = spec.get("stages") or ()
    if not stages:
        return None
    approval = read_approval(stages, {}, separation=spec.get("separation") or ())
    return replace(approval, stages=tuple(_open(stage) for stage in approval.stages))


def _open(stage: Stage) -> Stage:
    known = [rule for rule in stage.candidates if "role" in rule or "person" in rule]
    if len(known) == len(stage.candidates):
        return stage
    return replace(stage, candidates=(*known, {"role": _ANYBODY}))


def _roles_of(approval: Approval) -> frozenset[str]:
    rules = [rule for stage in approval.stages for rule in stage.candidates]
    return frozenset(rule["role"] for rule in rules if "role" in rule)


def _crowd(approval: Approval, roles: frozenset[str]) -> dict[str, Person]:
    """As many people of each role as all the stages together could need."""
    counts = [stage.quorum.approve for stage in approval.stages]
    size = min(sum(each if isinstance(each, int) else 1 for each in counts), _CROWD_MAX)
    return {
        identity: Person(identity, frozenset({role}))
        for role in roles
        for identity in (f"\0{role} {number}" for number in range(size))
    }
