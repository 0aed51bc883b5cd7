"""Money in minor units: exact, in one currency, split without losing a cent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision


@dataclass(frozen=True, order=False)
class Money:
    """An amount in the minor unit of its currency (cents for EUR, yen for JPY)."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, amount: str, currency: str) -> "Money":
        """Read an exact decimal string; ValueError where it is none or has too many places."""
        try:
            number = Decimal(amount)
        except InvalidOperation as error:
            raise ValueError(f"{amount!r} is not an amount") from error
        minor = number.scaleb(_places(currency)) if number.is_finite() else number
        if not minor.is_finite() or minor != minor.to_integral_value():
            raise ValueError(f"{amount} has more decimal places than {currency} has")
        return cls(int(minor), currency)

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
        return f"{Decimal(self.minor).scaleb(-places):.{places}f}"

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
    return get_currency_precision(currency)
