"""Whether this person may vote here and now, and if not, why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflow_engine.approvals.deciding import (
    barred,
    counting,
    decide,
    missing_approvals,
    only_reports,
)
from workflow_engine.approvals.people import People
from workflow_engine.approvals.spec import Answer, Approval, Stage, Vote, candidates_of

REASONS = {
    "approval.not_open": "This stage does not take votes now.",
    "approval.vote_waits": "An answer that can still be taken back already decides this stage.",
    "approval.requester": "Whoever asked for it cannot approve it, nor can their stand-in.",
    "approval.already_voted": "This person has already answered in this stage.",
    "approval.voted_in_other_stage": "This person has already answered in another stage.",
    "approval.not_a_candidate": "This person is not among those who may answer.",
    "approval.changed": "What is to be approved has changed since it was shown.",
    "approval.digest_missing": "Send the digest of the content that was shown to this person.",
    "approval.only_reports": "Somebody who does not report to the requester must approve as well.",
    "approval.unknown_person": "This person does not exist.",
}


@dataclass(frozen=True, slots=True)
class Ballot:
    """What a person wants to cast, for the content whose digest they were shown."""

    stage: str
    decision: Answer
    by: str
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a ballot is not taken: a stable code and a sentence."""

    code: str
    message: str


def cast(
    approval: Approval, votes: Sequence[Vote], people: People, ballot: Ballot
) -> Vote | Refusal:
    """The vote this ballot becomes, or the reason why it is refused.

    A stand-in votes for a candidate through a chain of delegations; everybody on the chain is
    judged as if they voted themselves. The first right that holds is used, one's own first.
    """
    standing = decide(approval, votes, people)
    stage = approval.stage(ballot.stage)
    if stage is None or standing.outcome != "open" or standing.stage != stage.id:
        return _refusal("approval.not_open")
    if ballot.by not in people.members:
        return _refusal("approval.unknown_person")
    if approval.digest is not None and ballot.digest not in (None, approval.digest):
        return _refusal("approval.changed")
    judged = _judged(approval, votes, people, stage, ballot)
    if isinstance(judged, Vote) and approval.digest is not None and ballot.digest is None:
        # Nobody decides on content without saying which.
        return _refusal("approval.digest_missing")
    return judged


def _judged(
    approval: Approval, votes: Sequence[Vote], people: People, stage: Stage, ballot: Ballot
) -> Vote | Refusal:
    counted = counting(approval, votes, people)
    refused: str | None = None
    for chain in _rights(approval, stage, people, ballot.by):
        vote = Vote(stage.id, ballot.decision, ballot.by, approval.digest, tuple(chain))
        code = barred(approval, vote, counted)
        if code is None and _completes_with_reports(approval, stage, people, [*counted, vote]):
            code = "approval.only_reports"
        if code is None:
            return vote
        refused = refused or code
    return _refusal(refused or _outsider(approval, stage, ballot, counted))


def _outsider(approval: Approval, stage: Stage, ballot: Ballot, counted: Sequence[Vote]) -> str:
    """For somebody without a right, say first what would bar them anyway."""
    vote = Vote(stage.id, "approve", ballot.by)
    code = barred(approval, vote, counted)
    return code if code == "approval.requester" else "approval.not_a_candidate"


def _rights(approval: Approval, stage: Stage, people: People, by: str) -> list[list[str]]:
    """The chains by which a person may answer: the empty one where they are a candidate."""
    candidates = candidates_of(approval, stage, people)
    rights: list[list[str]] = [[]] if by in candidates else []
    depth = approval.delegation_depth
    if depth:
        for candidate in sorted(candidates - {by}):
            rights += people.chains(candidate, by, depth, absence=approval.absence_counts)
    return rights


def _completes_with_reports(
    approval: Approval, stage: Stage, people: People, votes: Sequence[Vote]
) -> bool:
    """Whether this vote would end the last stage with nobody but reports of the requester."""
    if stage.id != approval.stages[-1].id or not only_reports(approval, votes, people):
        return False
    here = [vote for vote in votes if vote.stage == stage.id]
    last = votes[-1]
    return last.decision == "approve" and not missing_approvals(approval, stage, here, people)


def _refusal(code: str) -> Refusal:
    return Refusal(code, REASONS[code])
