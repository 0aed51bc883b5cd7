"""A balance is what its movements add up to."""

from hypothesis import given
from hypothesis import strategies as st

from commerce.inventory.ledger import (
    EXTERNAL,
    INTERNAL,
    Bucket,
    Difference,
    Movement,
    reconcile,
    replay,
)

BUCKETS: tuple[Bucket, ...] = (*INTERNAL, *EXTERNAL)

movements = st.lists(
    st.tuples(st.sampled_from(BUCKETS), st.sampled_from(BUCKETS), st.integers(1, 50))
    .filter(lambda legs: legs[0] != legs[1])
    .map(lambda legs: Movement(*legs))
)


def test_goods_that_come_in_are_reserved_and_committed_one_by_one() -> None:
    held = replay(
        [
            Movement("supplier", "available", 5),
            Movement("available", "reserved", 3),
            Movement("reserved", "committed", 2),
        ]
    )

    nonzero = {bucket: units for bucket, units in held.items() if units}
    assert nonzero == {"supplier": -5, "available": 2, "reserved": 1, "committed": 2}


@given(movements)
def test_units_are_never_made_or_lost(journal: list[Movement]) -> None:
    """Inside and outside together always hold nothing: each movement has two legs."""
    assert sum(replay(journal).values()) == 0


@given(movements)
def test_doing_everything_backwards_empties_every_bucket(journal: list[Movement]) -> None:
    back = [Movement(each.target, each.source, each.quantity) for each in reversed(journal)]

    assert set(replay([*journal, *back]).values()) == {0}


@given(movements)
def test_a_balance_that_is_the_replay_has_no_differences(journal: list[Movement]) -> None:
    replayed = replay(journal)

    assert reconcile({bucket: replayed[bucket] for bucket in INTERNAL}, journal) == []


def test_a_difference_names_the_bucket_and_both_numbers() -> None:
    journal = [Movement("supplier", "available", 5), Movement("available", "committed", 2)]
    held = {**dict.fromkeys(INTERNAL, 0), "available": 4, "committed": 2}

    assert reconcile(held, journal) == [Difference("available", held=4, replayed=3)]
