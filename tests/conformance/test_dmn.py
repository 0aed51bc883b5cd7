"""Decision tables against the DMN community's test kit."""

from tests.conformance import dmn


def test_the_kits_decision_tables_decide_as_it_says_but_for_what_is_listed() -> None:
    outcome = dmn.decision_tables()
    assert outcome.unexplained == ()
    assert outcome.stale == ()
    assert outcome.sound, outcome
