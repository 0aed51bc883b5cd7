"""How an approval stands: a pure function of its rules, the votes, and the people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workflow_engine.approvals.people import People
from workflow_engine.approvals.spec import Approval, Stage, Vote, candidates_of

NOT_REQUESTER = "not_requester"
DISTINCT = "distinct_across_stages"
NOT_ONLY_REPORTS = "not_only_reports_of_requester"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an approval stands.

    While `open`, `stage` is the one that takes votes and `missing` how many approvals it still
    needs. `approvers` are the persons whose approvals count.
    """

    outcome: Literal["open", "approved", "rejected"]
    stage: str | None
    missing: int = 0
    approvers: tuple[str, ...] = ()


def decide(approval: Approval, votes: Sequence[Vote], people: People) -> Standing:
    """Say how an approval stands. Stages are taken in order; the first unsatisfied one is open.

    Votes for other content than today's digest have fallen. Whatever is handed in, a vote that
    breaks the separation of duties never counts, so a fault above this cannot approve anything.
    """
    counted = counting(approval, votes, people)
    for stage in approval.stages:
        here = [vote for vote in counted if vote.stage == stage.id]
        if len([vote for vote in here if vote.decision == "reject"]) >= stage.quorum.reject:
            return Standing("rejected", stage.id, 0, _approvers(counted))
        missing = missing_approvals(approval, stage, here, people)
        if missing:
            return Standing("open", stage.id, missing, _approvers(counted))
    if only_reports(approval, counted, people):
        return Standing("open", approval.stages[-1].id, 1, _approvers(counted))
    return Standing("approved", None, 0, _approvers(counted))


def counting(approval: Approval, votes: Sequence[Vote], people: People) -> list[Vote]:
    """The votes that count, in the order they were cast.

    A vote counts for the stage that was open when it was cast, for today's content, and once for
    each person.
    """
    counted: list[Vote] = []
    for vote in votes:
        stage = approval.stage(vote.stage)
        if stage is None or (approval.digest is not None and vote.digest != approval.digest):
            continue
        # Roles may have changed since and are not asked again, but nobody can have approved who
        # does not exist.
        exists = all(person in people.members for person in vote.persons)
        if exists and barred(approval, vote, counted) is None:
            counted.append(vote)
    return counted


def barred(approval: Approval, vote: Vote, before: Sequence[Vote]) -> str | None:
    """The code of the rule that keeps these persons from answering, None where none does."""
    if NOT_REQUESTER in approval.separation and approval.requester in vote.persons:
        return "approval.requester"
    for other in before:
        if not other.persons & vote.persons:
            continue
        if other.stage == vote.stage:
            return "approval.already_voted"
        if DISTINCT in approval.separation:
            return "approval.voted_in_other_stage"
    return None


def missing_approvals(
    approval: Approval, stage: Stage, here: Sequence[Vote], people: People
) -> int:
    """How many approvals a stage still needs."""
    given = len([vote for vote in here if vote.decision == "approve"])
    eligible = len(eligible_of(approval, stage, people))
    return max(stage.quorum.needed(eligible) - given, 0)


def eligible_of(approval: Approval, stage: Stage, people: People) -> frozenset[str]:
    """The candidates who may answer at all."""
    found = candidates_of(approval, stage, people)
    if NOT_REQUESTER in approval.separation and approval.requester is not None:
        return found - {approval.requester}
    return found


def only_reports(approval: Approval, counted: Sequence[Vote], people: People) -> bool:
    """Whether everybody who approved answers to the requester.

    A stand-in is judged as both: an approval in which one of its persons reports to the requester
    is a report's, whoever else stands on its chain.
    """
    boss = approval.requester
    if NOT_ONLY_REPORTS not in approval.separation or boss is None:
        return False
    approvals = [vote for vote in counted if vote.decision == "approve"]
    return bool(approvals) and all(is_of_a_report(vote, boss, people) for vote in approvals)


def is_of_a_report(vote: Vote, boss: str, people: People) -> bool:
    """Whether somebody for whom a vote stands answers to the requester."""
    return any(people.reports_to(person, boss) for person in vote.persons)


def result_of(approval: Approval, standing: Standing, outcome: str | None = None) -> dict[str, Any]:
    """The data of the approval's completion event; `outcome` overrides (expired, withdrawn)."""
    return {
        "outcome": outcome or standing.outcome,
        "digest": approval.digest,
        "stage": standing.stage,
        "approvers": list(standing.approvers),
    }


def _approvers(counted: Sequence[Vote]) -> tuple[str, ...]:
    return tuple(vote.by for vote in counted if vote.decision == "approve")
