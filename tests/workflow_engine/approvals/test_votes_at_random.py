"""Whatever is voted by whomever, separation of duties holds and quorums are what they say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_engine.approvals import (
    Approval,
    Ballot,
    Delegation,
    People,
    Person,
    Vote,
    cast,
    decide,
    read_approval,
    shortages,
)
from workflow_engine.approvals.spec import candidates_of

NAMES = ("ann", "bob", "cat", "dan", "eve")
ROLES = ("lead", "finance")
RULES = ("not_requester", "distinct_across_stages", "not_only_reports_of_requester")

members = st.fixed_dictionaries(
    {
        name: st.tuples(st.frozensets(st.sampled_from(ROLES)), st.sampled_from((None, *NAMES)))
        for name in NAMES
    }
)
lendings = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.booleans()), max_size=4
)
stages = st.lists(
    st.tuples(st.sampled_from(ROLES), st.sampled_from((1, 2, "any", "all", "60%"))),
    min_size=1,
    max_size=3,
)


def the_people(found: dict[str, tuple[frozenset[str], str | None]], lent: list) -> People:  # type: ignore[type-arg]
    persons = {name: Person(name, roles, boss) for name, (roles, boss) in found.items()}
    return People(persons, tuple(Delegation(of, to, absence=away) for of, to, away in lent))


def the_approval(
    requester: str, chosen: list[tuple[str, int | str]], rules: frozenset[str], depth: int
) -> Approval:
    documents = [
        {"id": f"s{n}", "candidates": [{"role": role}], "quorum": {"approve": needed, "reject": 2}}
        for n, (role, needed) in enumerate(chosen)
    ]
    delegation = {"allowed": depth > 0, "max_depth": depth, "out_of_office": "auto"}
    subject = {"requester": requester, "digest": "d"}
    return read_approval(documents, subject, separation=sorted(rules), delegation=delegation)


ballots = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from(("approve", "approve", "reject")), st.sampled_from(NAMES)
    ),
    max_size=14,
)
approvals = st.builds(
    the_approval,
    st.sampled_from(NAMES),
    stages,
    st.frozensets(st.sampled_from(RULES)),
    st.integers(0, 2),
)
peoples = st.builds(the_people, members, lendings)


@settings(max_examples=150, deadline=None)
@given(approvals, peoples, ballots)
def test_separation_of_duties_holds_whoever_votes(
    approval: Approval, people: People, tried: list[tuple[int, str, str]]
) -> None:
    votes = take(approval, people, tried)

    persons = [(vote.stage, person) for vote in votes for person in vote.persons]
    assert len(persons) == len(set(persons))
    if "not_requester" in approval.separation:
        assert approval.requester not in {person for _, person in persons}
    if "distinct_across_stages" in approval.separation:
        assert len({person for _, person in persons}) == len(persons)
    for vote in votes:
        stage = approval.stage(vote.stage)
        assert stage is not None
        assert vote.candidate in candidates_of(approval, stage, people)


@settings(max_examples=150, deadline=None)
@given(approvals, peoples, ballots)
def test_what_is_approved_has_its_quorum_in_every_stage(
    approval: Approval, people: People, tried: list[tuple[int, str, str]]
) -> None:
    votes = take(approval, people, tried)

    if decide(approval, votes, people).outcome != "approved":
        return
    for stage in approval.stages:
        here = [vote for vote in votes if vote.stage == stage.id]
        least = stage.quorum.approve if isinstance(stage.quorum.approve, int) else 1
        assert len([vote for vote in here if vote.decision == "approve"]) >= least
    boss = approval.requester
    if "not_only_reports_of_requester" in approval.separation and boss is not None:
        # A stand-in is judged as both: a report's right is a report's, whoever uses it.
        assert any(
            not any(people.reports_to(person, boss) for person in vote.persons)
            for vote in votes
            if vote.decision == "approve"
        )


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
dated_lendings = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        st.booleans(),
        st.integers(-2, 2),
        st.integers(-1, 3),
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(approvals, members, dated_lendings, st.frozensets(st.sampled_from(NAMES)), ballots)
def test_no_web_of_delegations_gives_a_right_that_its_links_do_not_give(
    approval: Approval,
    found: dict[str, tuple[frozenset[str], str | None]],
    lent: list[tuple[str, str, bool, int, int]],
    gone: frozenset[str],
    tried: list[tuple[int, str, str]],
) -> None:
    """Rings, chains, dates that are not or no more, and people who left, in any order."""
    there = {name: who for name, who in found.items() if name not in gone}
    delegations = tuple(
        Delegation(of, to, NOON + timedelta(days=start), NOON + timedelta(days=end), away)
        for of, to, away, start, end in lent
    )
    persons = the_people(there, []).members
    people = People(persons, delegations, NOON)

    votes = take(approval, people, tried)

    links = {
        (each.of, each.to)
        for each in delegations
        if each.starts_at is not None
        and each.ends_at is not None
        and each.starts_at <= NOON < each.ends_at
    }
    for vote in votes:
        steps = list(pairwise(vote.chain))
        assert len(steps) <= approval.delegation_depth
        assert links.issuperset(steps)
        assert persons.keys() >= vote.persons
        assert len(set(vote.chain)) == len(vote.chain)
        stage = approval.stage(vote.stage)
        assert stage is not None
        assert vote.candidate in candidates_of(approval, stage, people)
        if "not_requester" in approval.separation:
            assert approval.requester not in vote.persons
    counted = [(vote.stage, person) for vote in votes for person in vote.persons]
    assert len(counted) == len(set(counted))


@settings(max_examples=100, deadline=None)
@given(approvals, peoples, st.permutations(NAMES))
def test_delegations_never_make_possible_what_is_impossible_without_them(
    approval: Approval, people: People, order: list[str]
) -> None:
    given_by_order = everybody_votes(approval, people, tuple(order))

    if decide(approval, given_by_order, people).outcome == "approved":
        assert shortages(approval, people) == ()


@settings(max_examples=50, deadline=None)
@given(approvals, st.builds(the_people, members, st.just([])))
def test_an_approval_is_called_satisfiable_exactly_when_some_order_of_voters_gives_it(
    approval: Approval, people: People
) -> None:
    given_by_somebody = any(
        decide(approval, everybody_votes(approval, people, order), people).outcome == "approved"
        for order in permutations(NAMES)
    )

    assert (shortages(approval, people) == ()) == given_by_somebody


def take(approval: Approval, people: People, tried: list[tuple[int, str, str]]) -> list[Vote]:
    votes: list[Vote] = []
    for position, decision, by in tried:
        stage = approval.stages[position % len(approval.stages)].id
        answer = cast(
            approval,
            votes,
            people,
            Ballot(stage, "approve" if decision == "approve" else "reject", by, approval.digest),
        )
        votes += [answer] if isinstance(answer, Vote) else []
    return votes


def everybody_votes(approval: Approval, people: People, order: tuple[str, ...]) -> list[Vote]:
    votes: list[Vote] = []
    for _ in approval.stages:
        for name in order:
            stage = decide(approval, votes, people).stage
            if stage is not None:
                answer = cast(
                    approval, votes, people, Ballot(stage, "approve", name, approval.digest)
                )
                votes += [answer] if isinstance(answer, Vote) else []
    return votes
