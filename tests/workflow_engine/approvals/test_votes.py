"""Who may vote, what a vote counts for, and when an approval is given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workflow_engine.approvals import (
    Approval,
    Ballot,
    Delegation,
    People,
    Person,
    Refusal,
    Standing,
    Vote,
    cast,
    deadlines,
    decide,
    read_approval,
    shortages,
)
from workflow_engine.approvals.deadlines import Deadline
from workflow_engine.approvals.spec import Answer

NOON = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)
ALL_RULES = ("not_requester", "distinct_across_stages", "not_only_reports_of_requester")
LEAD = {"id": "lead", "candidates": [{"role": "lead"}], "quorum": {"approve": 1, "reject": 1}}
FINANCE = {"id": "finance", "candidates": [{"role": "finance"}], "quorum": {"approve": 2}}


def somebody(name: str, *roles: str, manager: str | None = None) -> Person:
    return Person(name, frozenset(roles), manager)


def the_people(*persons: Person, delegations: Sequence[Delegation] = ()) -> People:
    return People({person.id: person for person in persons}, tuple(delegations), NOON)


PEOPLE = the_people(
    somebody("bea", "lead"),
    somebody("lou", "lead", "finance"),
    somebody("fin", "finance"),
    somebody("flo", "finance"),
)


def an_approval(*stages: dict[str, Any], requester: str = "bea", **fields: Any) -> Approval:
    subject = {"requester": requester, "digest": "d1"}
    return read_approval(stages or (LEAD, FINANCE), subject, separation=ALL_RULES, **fields)


def voted(approval: Approval, people: People, *ballots: tuple[str, Answer, str]) -> list[Vote]:
    votes: list[Vote] = []
    for stage, decision, by in ballots:
        vote = cast(approval, votes, people, Ballot(stage, decision, by, approval.digest))
        assert isinstance(vote, Vote), vote
        votes.append(vote)
    return votes


def refused(approval: Approval, votes: Sequence[Vote], people: People, stage: str, by: str) -> str:
    vote = cast(approval, votes, people, Ballot(stage, "approve", by, approval.digest))
    assert isinstance(vote, Refusal), vote
    return vote.code


def test_two_stages_are_taken_in_order_until_both_quorums_are_met() -> None:
    approval = an_approval()

    votes = voted(approval, PEOPLE, ("lead", "approve", "lou"), ("finance", "approve", "fin"))
    open_still = decide(approval, votes, PEOPLE)
    votes += voted_more(approval, votes, "finance", "flo")

    assert open_still == Standing("open", "finance", 1, ("lou", "fin"))
    assert decide(approval, votes, PEOPLE) == Standing("approved", None, 0, ("lou", "fin", "flo"))


def voted_more(approval: Approval, votes: list[Vote], stage: str, by: str) -> list[Vote]:
    vote = cast(approval, votes, PEOPLE, Ballot(stage, "approve", by, approval.digest))
    assert isinstance(vote, Vote)
    return [vote]


@pytest.mark.parametrize(
    ("stage", "by", "code"),
    [
        pytest.param("lead", "bea", "approval.requester", id="who asked cannot approve"),
        pytest.param("finance", "fin", "approval.not_open", id="a later stage takes no votes"),
        pytest.param("lead", "fin", "approval.not_a_candidate", id="only candidates may answer"),
        pytest.param("lead", "eve", "approval.unknown_person", id="strangers cannot answer"),
    ],
)
def test_a_vote_is_refused_with_its_reason(stage: str, by: str, code: str) -> None:
    assert refused(an_approval(), [], PEOPLE, stage, by) == code


def test_one_person_answers_once_and_in_one_stage_only() -> None:
    approval = an_approval()
    votes = voted(approval, PEOPLE, ("lead", "approve", "lou"))

    assert refused(approval, votes, PEOPLE, "finance", "lou") == "approval.voted_in_other_stage"

    votes += voted_more(approval, votes, "finance", "fin")

    assert refused(approval, votes, PEOPLE, "finance", "fin") == "approval.already_voted"


def test_one_rejection_ends_it() -> None:
    approval = an_approval()

    votes = voted(approval, PEOPLE, ("lead", "reject", "lou"))

    assert decide(approval, votes, PEOPLE) == Standing("rejected", "lead", 0, ())
    assert refused(approval, votes, PEOPLE, "lead", "lou") == "approval.not_open"


def test_votes_fall_when_what_they_covered_changes() -> None:
    before = an_approval()
    votes = voted(before, PEOPLE, ("lead", "approve", "lou"))
    changed = read_approval((LEAD, FINANCE), {"requester": "bea", "digest": "d2"})

    assert decide(changed, votes, PEOPLE).stage == "lead"


def test_a_stand_in_is_judged_as_both_persons() -> None:
    lent = Delegation("lou", "bea", ends_at=NOON + timedelta(days=1))
    people = the_people(*PEOPLE.members.values(), delegations=[lent])
    approval = an_approval(delegation={"allowed": True, "max_depth": 1})

    assert refused(approval, [], people, "lead", "bea") == "approval.requester"


def test_a_stand_in_uses_up_the_right_of_the_one_they_stand_for() -> None:
    lent = Delegation("lou", "eve", ends_at=NOON + timedelta(days=1))
    people = the_people(*PEOPLE.members.values(), somebody("eve"), delegations=[lent])
    approval = an_approval(delegation={"allowed": True, "max_depth": 1})

    votes = voted(approval, people, ("lead", "approve", "eve"))

    assert votes[0].chain == ("lou", "eve")
    assert refused(approval, votes, people, "finance", "lou") == "approval.voted_in_other_stage"


@pytest.mark.parametrize(
    "delegation",
    [
        pytest.param(Delegation("lou", "eve", ends_at=NOON), id="it has expired"),
        pytest.param(Delegation("lou", "eve", starts_at=NOON + timedelta(1)), id="not yet begun"),
        pytest.param(Delegation("lou", "eve", absence=True), id="absences do not count here"),
        pytest.param(Delegation("fin", "eve"), id="from somebody without the right"),
    ],
)
def test_a_delegation_that_does_not_hold_gives_no_right(delegation: Delegation) -> None:
    people = the_people(*PEOPLE.members.values(), somebody("eve"), delegations=[delegation])
    approval = an_approval(delegation={"allowed": True, "max_depth": 1})

    assert refused(approval, [], people, "lead", "eve") == "approval.not_a_candidate"


def test_a_chain_of_delegations_is_no_longer_than_allowed() -> None:
    chain = [Delegation("lou", "ann"), Delegation("ann", "eve")]
    people = the_people(
        *PEOPLE.members.values(), somebody("ann"), somebody("eve"), delegations=chain
    )
    short = an_approval(delegation={"allowed": True, "max_depth": 1})
    long = an_approval(delegation={"allowed": True, "max_depth": 2})

    assert refused(short, [], people, "lead", "eve") == "approval.not_a_candidate"
    assert voted(long, people, ("lead", "approve", "eve"))[0].chain == ("lou", "ann", "eve")


def test_reports_of_the_requester_alone_cannot_approve() -> None:
    people = the_people(
        somebody("bea"), somebody("lou", "lead", manager="bea"), somebody("max", "lead")
    )
    approval = an_approval({**LEAD, "quorum": {"approve": 1}})

    assert refused(approval, [], people, "lead", "lou") == "approval.only_reports"
    assert voted(approval, people, ("lead", "approve", "max"))


def test_a_share_of_those_who_may_answer_rounds_up() -> None:
    stage = {**FINANCE, "quorum": {"approve": "50%"}}

    standing = decide(an_approval(stage), [], PEOPLE)

    assert standing.missing == 2


def test_two_stages_that_share_their_only_candidate_cannot_both_be_satisfied() -> None:
    people = the_people(somebody("bea"), somebody("lou", "lead", "finance"))
    approval = an_approval(LEAD, {**FINANCE, "quorum": {"approve": 1}})

    [shortage] = shortages(approval, people)

    assert (shortage.code, shortage.stage) == ("approval.unsatisfiable", "finance")


def test_the_ladder_counts_from_the_due_time_where_expiry_escalates() -> None:
    stage = {
        **LEAD,
        "due": {"delay": "PT8H"},
        "on_expire": "escalate",
        "remind_every": "PT4H",
        "escalate": [{"id": "boss", "after": "PT1H", "to": {"manager_of": "candidate"}}],
    }

    found = deadlines(stage, NOON, None)

    hour = timedelta(hours=1)
    assert found == [
        Deadline(NOON + 4 * hour, "remind"),
        Deadline(NOON + 8 * hour, "expire"),
        Deadline(NOON + 9 * hour, "escalate", "boss"),
    ]


def test_a_rung_that_is_reached_adds_its_people() -> None:
    people = the_people(somebody("bea"), somebody("lou", "lead", manager="max"), somebody("max"))
    stage = {
        **LEAD,
        "escalate": [{"id": "boss", "after": "PT1H", "to": {"manager_of": "candidate"}}],
    }
    before = an_approval(stage)
    reached = an_approval(stage, escalated=[("lead", "boss")])

    assert refused(before, [], people, "lead", "max") == "approval.not_a_candidate"
    assert voted(reached, people, ("lead", "approve", "max"))
