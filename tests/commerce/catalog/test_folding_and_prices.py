"""The pure rules: one spelling per word, a price rounded once, a check digit that checks."""

import pytest

from commerce.catalog.folding import fold
from commerce.catalog.prices import price_of
from commerce.catalog.rules import is_gtin
from kernel.money import Money


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("  Café  LATTE ", "cafe latte"),
        ("Straße", "strasse"),
        ("Smørbrød", "smorbrod"),
        ("ﬁne", "fine"),
        ("İstanbul", "istanbul"),
        ("ＭＵＧ", "mug"),
        ("日本", "日本"),
    ],
)
def test_words_are_folded_to_one_spelling(written: str, folded: str) -> None:
    assert fold(written) == folded
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("quantity", "minor"), [(0, 0), (1, 0), (2, 1), (3, 1), (1_000, 420), (-2, -1)]
)
def test_a_price_is_rounded_once_half_away_from_zero(quantity: int, minor: int) -> None:
    price = Money(420, "EUR")

    assert price_of(quantity, price, 1_000) == Money(minor, "EUR")


def test_half_a_cent_goes_up() -> None:
    assert price_of(1, Money(1, "EUR"), 2) == Money(1, "EUR")


@pytest.mark.parametrize("digits", ["4006381333931", "96385074", "614141007349", "10614141000415"])
def test_a_right_check_digit_makes_a_gtin(digits: str) -> None:
    assert is_gtin(digits)


@pytest.mark.parametrize("digits", ["4006381333930", "96385075", "123", "", "٤٠٠٦٣٨١٣٣٣٩٣١"])
def test_anything_else_is_no_gtin(digits: str) -> None:
    assert not is_gtin(digits)
