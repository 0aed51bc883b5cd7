"""Ids are typed by their prefix, sort by time, and cannot be guessed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kernel.ids import ID_LENGTH_MAX, new_id
from tests.conftest import MONDAY

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2020, 2200))
INSTANTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


def number_of(identity: str) -> int:
    number = 0
    for digit in identity.partition("_")[2]:
        number = number * 32 + ALPHABET.index(digit)
    return number


def test_an_id_is_a_prefix_and_twenty_six_letters_without_those_that_look_alike() -> None:
    prefix, _, digits = new_id("ord", MONDAY).partition("_")

    assert prefix == "ord"
    assert len(digits) == 26
    assert set(digits) <= set(ALPHABET)
    assert len(new_id("abcdefghijklm", MONDAY)) <= ID_LENGTH_MAX


@given(at=INSTANTS, order=st.integers(0, 100_000))
def test_an_id_is_a_uuid_of_version_seven(at: datetime, order: int) -> None:
    """RFC 9562 §5.7: 48 bits of milliseconds, the version, the variant."""
    number = number_of(new_id("ord", at, order))

    assert number < 2**128
    assert (number >> 76 & 0xF, number >> 62 & 0b11) == (7, 0b10)
    milliseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert abs((number >> 80) - milliseconds - order // 4096) <= 1


@given(at=INSTANTS, later=st.integers(1, 10**9))
def test_ids_sort_by_the_millisecond_they_were_made_in(at: datetime, later: int) -> None:
    after = at + timedelta(milliseconds=later + 1)

    assert new_id("ord", at) < new_id("ord", after)


@given(at=INSTANTS, orders=st.lists(st.integers(0, 20_000), unique=True, min_size=2, max_size=20))
def test_ids_of_one_instant_sort_by_their_order(at: datetime, orders: list[int]) -> None:
    ids = [new_id("ord", at, order) for order in sorted(orders)]

    assert ids == sorted(ids)


def test_ids_of_one_instant_and_order_differ() -> None:
    assert len({new_id("ord", MONDAY) for _ in range(10_000)}) == 10_000
