"""Whether the people who exist can satisfy an approval at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflow_engine.approvals.deciding import (
    DISTINCT,
    NOT_ONLY_REPORTS,
    counting,
    eligible_of,
    is_of_a_report,
    missing_approvals,
)
from workflow_engine.approvals.people import People
from workflow_engine.approvals.spec import Approval, Vote


@dataclass(frozen=True, slots=True)
class Shortage:
    """A stage that cannot get its approvals: how many it needs, and how many could come."""

    code: str
    stage: str
    needed: int
    available: int


def shortages(
    approval: Approval, people: People, votes: Sequence[Vote] = ()
) -> tuple[Shortage, ...]:
    """The stages that cannot be satisfied; empty where the approval can still be given.

    With distinct persons across stages this is a matching of people to open places, so two
    stages that share their only candidate are found. Delegation adds nobody: a stand-in uses
    somebody else's right and is judged as both.
    """
    counted = counting(approval, votes, people)
    used = {person for vote in counted for person in vote.persons}
    places: list[tuple[str, frozenset[str]]] = []
    for stage in approval.stages:
        here = [vote for vote in counted if vote.stage == stage.id]
        voted = {person for vote in here for person in vote.persons}
        taken = used if DISTINCT in approval.separation else voted
        free = eligible_of(approval, stage, people) - taken
        missing = missing_approvals(approval, stage, here, people)
        if missing > len(free):
            return (Shortage("approval.unsatisfiable", stage.id, missing, len(free)),)
        places += [(stage.id, free)] * missing
    if DISTINCT in approval.separation and (found := _unmatched(places)):
        return found
    return _reports_only(approval, people, counted, places)


def _unmatched(places: Sequence[tuple[str, frozenset[str]]]) -> tuple[Shortage, ...]:
    """Match every place to a person of its own by augmenting paths."""
    holder: dict[str, int] = {}

    def seat(place: int, tried: set[str]) -> bool:
        for person in sorted(places[place][1] - tried):
            tried.add(person)
            if person not in holder or seat(holder[person], tried):
                holder[person] = place
                return True
        return False

    for place, (stage, _) in enumerate(places):
        if not seat(place, set()):
            needed = len([one for one, _ in places if one == stage])
            seated = len([held for held in holder.values() if places[held][0] == stage])
            return (Shortage("approval.unsatisfiable", stage, needed, seated),)
    return ()


def _reports_only(
    approval: Approval,
    people: People,
    counted: Sequence[Vote],
    places: Sequence[tuple[str, frozenset[str]]],
) -> tuple[Shortage, ...]:
    boss = approval.requester
    if NOT_ONLY_REPORTS not in approval.separation or boss is None:
        return ()
    given = [vote for vote in counted if vote.decision == "approve"]
    if any(not is_of_a_report(vote, boss, people) for vote in given):
        return ()
    able = {person for _, free in places for person in free}
    if (able or given) and all(people.reports_to(person, boss) for person in able):
        return (Shortage("approval.only_reports", approval.stages[-1].id, 1, 0),)
    return ()
