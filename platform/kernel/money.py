"""Money in minor units: exact, in one currency, split without losing a cent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# ISO 4217's minor units; every currency that is not listed has two places. Ours and not a
# library's: amounts are stored in minor units, so a newer table must never shift their meaning.
_PLACES: Mapping[str, int] = {
    code: places
    for places, codes in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for code in codes.split()
}
_CURRENCY = re.compile(r"[A-Z]{3}")
_AMOUNT = re.compile(r"(-?)([0-9]{1,30})(?:\.([0-9]{1,30}))?")

MINOR_MAX = 2**63 - 1
"""The largest number of minor units that a column holds."""


@dataclass(frozen=True, order=False)
class Money:
    """An amount in the minor unit of its currency (cents for EUR, yen for JPY)."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, amount: str, currency: str) -> "Money":
        """Read an exact decimal string such as `-12.30`, to the last digit.

        ValueError where it is none, is too large to be kept, or has more decimal places than the
        currency has (zeros aside), or where the currency is not three capital letters.
        """
        if not _CURRENCY.fullmatch(currency):
            raise ValueError(f"{currency[:10]!r} is not a currency: write its code, such as EUR")
        found = _AMOUNT.fullmatch(amount)
        if found is None:
            raise ValueError(f"{amount[:40]!r} is not an amount: write it like 12.30")
        sign, whole, fraction = found[1], found[2], (found[3] or "").rstrip("0")
        places = _places(currency)
        if len(fraction) > places:
            raise ValueError(f"{amount} has more decimal places than {currency} has")
        minor = int(whole + fraction.ljust(places, "0"))
        if minor > MINOR_MAX:
            raise ValueError(f"{amount} is too large an amount")
        return cls(-minor if sign else minor, currency)

    @classmethod
    def from_json(cls, value: Mapping[str, str]) -> "Money":
        """Read `{"amount": "12.34", "currency": "EUR"}`."""
        return cls.parse(value["amount"], value["currency"])

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Return nothing, in `currency`."""
        return cls(0, currency)

    @property
    def amount(self) -> str:
        """The exact decimal string, with as many places as the currency has."""
        places = _places(self.currency)
        sign, digits = "-" * (self.minor < 0), str(abs(self.minor)).rjust(places + 1, "0")
        return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits

    def to_json(self) -> dict[str, str]:
        """Return `{"amount": "12.34", "currency": "EUR"}`."""
        return {"amount": self.amount, "currency": self.currency}

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._minor_of(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._minor_of(other), self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.minor * times, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._minor_of(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._minor_of(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._minor_of(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._minor_of(other)

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Divide in proportion to the weights; the shares always sum to the whole.

        Units that do not divide evenly go to the shares that lost most to rounding, earlier
        ones first (largest remainder). Weights must be non-negative and not all zero.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must be non-negative and not all zero")
        floors = [self.minor * weight // total for weight in weights]
        lost = [self.minor * weight % total for weight in weights]
        left_over = self.minor - sum(floors)
        for index in sorted(range(len(weights)), key=lambda i: (-lost[i], i))[:left_over]:
            floors[index] += 1
        return [Money(minor, self.currency) for minor in floors]

    def _minor_of(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise ValueError(f"{self} and {other} are in different currencies")
        return other.minor


def _places(currency: str) -> int:
    return _PLACES.get(currency, 2)
