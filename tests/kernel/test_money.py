"""Money is exact: read and written without loss, split without losing a cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import MINOR_MAX, Money

CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF"])
MINORS = st.integers(-MINOR_MAX, MINOR_MAX)
WEIGHTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=30).filter(any)


@given(minor=MINORS, currency=CURRENCIES)
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)

    assert Money.parse(money.amount, currency) == money
    assert Money.from_json(money.to_json()) == money


@given(minor=MINORS)
def test_the_written_amount_is_the_exact_decimal(minor: int) -> None:
    """API-15: no digit is lost, however large the amount."""
    assert Decimal(Money(minor, "EUR").amount) * 100 == minor


@pytest.mark.parametrize(
    ("amount", "currency", "minor", "written"),
    [
        pytest.param("12.34", "EUR", 1234, "12.34", id="two places"),
        pytest.param("12", "EUR", 1200, "12.00", id="a whole number"),
        pytest.param("0.05", "EUR", 5, "0.05", id="less than one"),
        pytest.param("-0.05", "EUR", -5, "-0.05", id="less than nothing"),
        pytest.param("12.3400", "EUR", 1234, "12.34", id="zeros at the end"),
        pytest.param("500", "JPY", 500, "500", id="yen have no places"),
        pytest.param("-500", "JPY", -500, "-500", id="nor have owed yen"),
        pytest.param("1.234", "KWD", 1234, "1.234", id="dinars of Kuwait have three"),
        pytest.param("1.2345", "CLF", 12345, "1.2345", id="Chile's unit of account has four"),
        pytest.param("0", "EUR", 0, "0.00", id="nothing"),
        pytest.param("-0.00", "EUR", 0, "0.00", id="minus nothing"),
    ],
)
def test_amounts_have_the_places_of_their_currency(
    amount: str, currency: str, minor: int, written: str
) -> None:
    money = Money.parse(amount, currency)

    assert (money, money.amount) == (Money(minor, currency), written)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        pytest.param("12.345", "EUR", id="a tenth of a cent"),
        pytest.param("500.5", "JPY", id="half a yen"),
        pytest.param("1e2", "EUR", id="an exponent"),
        pytest.param("1e999999999", "EUR", id="an exponent that would fill the memory"),
        pytest.param("NaN", "EUR", id="no number"),
        pytest.param("Infinity", "EUR", id="no finite number"),
        pytest.param("1_000", "EUR", id="an underscore"),
        pytest.param(" 12", "EUR", id="a blank"),
        pytest.param("12\n", "EUR", id="a line end"),
        pytest.param("١٢", "EUR", id="digits of another script"),
        pytest.param("1,50", "EUR", id="a comma"),
        pytest.param("", "EUR", id="no text"),
        pytest.param("92233720368547758.08", "EUR", id="one cent more than a column holds"),
        pytest.param("1.00", "eur", id="a currency in small letters"),
        pytest.param("1.00", "EURO", id="a currency of four letters"),
    ],
)
def test_what_is_no_exact_amount_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError):
        Money.parse(amount, currency)


@given(minor=MINORS, weights=WEIGHTS)
def test_the_shares_of_a_split_sum_to_the_whole(minor: int, weights: list[int]) -> None:
    shares = Money(minor, "EUR").split(weights)

    assert sum(share.minor for share in shares) == minor
    assert len(shares) == len(weights)


@given(minor=MINORS, weights=WEIGHTS)
def test_no_share_is_a_whole_cent_from_its_exact_part(minor: int, weights: list[int]) -> None:
    shares = Money(minor, "EUR").split(weights)

    total = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.minor * total - minor * weight) < total


def test_the_cent_that_is_left_goes_to_who_lost_most_and_then_to_the_first() -> None:
    assert [share.minor for share in Money(100, "EUR").split([1, 1, 1])] == [34, 33, 33]
    assert [share.minor for share in Money(100, "EUR").split([1, 2, 0])] == [33, 67, 0]
    assert [share.minor for share in Money(-100, "EUR").split([1, 1, 1])] == [-33, -33, -34]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 2]])
def test_weights_that_give_no_proportion_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError):
        Money(100, "EUR").split(weights)


def test_money_is_added_and_compared_in_one_currency() -> None:
    ten, two = Money(1000, "EUR"), Money(200, "EUR")

    assert ten + two == Money(1200, "EUR")
    assert two - ten == Money(-800, "EUR")
    assert (two * 3, -two) == (Money(600, "EUR"), Money(-200, "EUR"))
    assert (two < ten, two <= two, ten > two, ten >= ten) == (True, True, True, True)
    assert Money.zero("JPY") == Money(0, "JPY")
    assert str(ten) == "10.00 EUR"


def test_different_currencies_are_refused() -> None:
    euros, dollars = Money(100, "EUR"), Money(100, "USD")

    assert euros != dollars
    for meet in (
        lambda: euros + dollars,
        lambda: euros - dollars,
        lambda: euros < dollars,
        lambda: euros <= dollars,
        lambda: euros > dollars,
        lambda: euros >= dollars,
    ):
        with pytest.raises(ValueError, match="different currencies"):
            meet()
