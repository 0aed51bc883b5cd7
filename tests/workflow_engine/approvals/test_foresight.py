"""An approval that cannot be given is found before anybody asks for it."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_engine.approvals import People, Person
from workflow_engine.approvals.foresight import never_given, not_given_today

DISTINCT = "distinct_across_stages"


def stage(name: str, approve: Any, *candidates: dict[str, str]) -> dict[str, Any]:
    return {"id": name, "candidates": list(candidates), "quorum": {"approve": approve}}


def spec(*stages: dict[str, Any], separation: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"stages": list(stages), "separation": list(separation)}


ANA, BOB, LEADS = {"person": "ana"}, {"person": "bob"}, {"role": "lead"}
MANAGER, BUYER = {"manager_of": "requester"}, {"field": "buyer"}


@pytest.mark.parametrize(
    "given",
    [
        spec(stage("one", 2, ANA, BOB)),
        spec(stage("one", 40, LEADS)),
        spec(stage("one", "all", ANA)),
        spec(stage("one", 2, ANA, MANAGER)),
        spec(stage("one", 1, ANA), stage("two", 1, ANA)),
        spec(stage("one", 1, LEADS), stage("two", 1, LEADS), separation=(DISTINCT,)),
        {"stages": []},
    ],
)
def test_what_some_people_could_give_is_no_fault(given: dict[str, Any]) -> None:
    assert never_given(given) == ()


@pytest.mark.parametrize(
    ("given", "stage_id", "needed", "available"),
    [
        (spec(stage("one", 3, ANA, BOB)), "one", 3, 2),
        (spec(stage("one", 2, ANA, ANA)), "one", 2, 1),
        (spec(stage("one", 1, ANA), stage("two", 1, ANA), separation=(DISTINCT,)), "two", 1, 0),
    ],
)
def test_what_nobody_could_ever_give_is_found(
    given: dict[str, Any], stage_id: str, needed: int, available: int
) -> None:
    (short,) = never_given(given)

    assert (short.code, short.stage) == ("approval.unsatisfiable", stage_id)
    assert (short.needed, short.available) == (needed, available)


def test_todays_people_are_counted_and_whom_only_a_case_names_may_be_anybody() -> None:
    people = People({"ana": Person("ana", frozenset({"lead"}))})

    assert not_given_today(spec(stage("one", 1, LEADS)), people) == ()
    assert not_given_today(spec(stage("one", 1, BUYER)), people) == ()
    (short,) = not_given_today(spec(stage("one", 2, LEADS)), people)
    assert (short.stage, short.needed, short.available) == ("one", 2, 1)
    assert not_given_today(spec(stage("one", 1, BOB)), people)[0].available == 0
