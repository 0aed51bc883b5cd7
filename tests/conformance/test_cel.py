"""The expression language against the conformance tests of its inventors."""

import pytest

from tests.conformance import cel
from tests.conformance.suites import Outcome, unclaimed


def must_be_sound(outcome: Outcome) -> None:
    assert outcome.unexplained == ()
    assert outcome.stale == ()
    assert outcome.sound, outcome


def test_the_core_passes_in_the_ieee_profile_but_for_what_is_listed() -> None:
    must_be_sound(cel.ieee())


def test_the_core_passes_in_the_profile_of_tenants_but_for_what_is_listed() -> None:
    must_be_sound(cel.tenant())


@pytest.mark.parametrize("name", ["cel_ieee", "cel_tenant"])
def test_every_test_that_is_not_claimed_has_a_reason(name: str) -> None:
    assert all(len(reason) > 20 for reason in unclaimed(name).values())
