"""How instants, dates, numbers and money are written for one person: locale and time zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta, get_day_names
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision

from kernel.money import Money


@dataclass(frozen=True)
class Formats:
    """Write values as this person reads them; the stored value never passes through here back."""

    locale: str = "en"
    time_zone: str = "UTC"

    @property
    def language(self) -> str:
        """Return the locale as HTML's lang attribute wants it."""
        return self.locale.replace("_", "-")

    @property
    def direction(self) -> str:
        """Return which way the language is written: `ltr` or `rtl`."""
        return Locale.parse(self.locale).text_direction

    def moment(self, at: datetime) -> str:
        """Write an instant with date and minutes, on the person's clock."""
        return format_datetime(self._local(at), "d MMM y, HH:mm", locale=self.locale)

    def moment_exactly(self, at: datetime) -> str:
        """Write an instant to the second, with the zone's name."""
        return format_datetime(self._local(at), "d MMM y, HH:mm:ss zzz", locale=self.locale)

    def day(self, on: date) -> str:
        """Write a calendar day."""
        return format_date(on, "d MMM y", locale=self.locale)

    def weekday(self, number: int) -> str:
        """Write a day of the week shortly, counted from Monday as one."""
        return str(get_day_names("abbreviated", locale=self.locale)[number - 1])

    def ago(self, at: datetime, now: datetime) -> str:
        """Write how long ago, or how soon, something is: `3 hours ago`, `in 2 days`."""
        return format_timedelta(at - now, add_direction=True, locale=self.locale)

    def duration(self, length: timedelta) -> str:
        """Write a length of time in its largest fitting unit."""
        return format_timedelta(length, locale=self.locale)

    def number(self, value: int | Decimal) -> str:
        """Write a number in full, grouped, every decimal place kept."""
        places = -min(0, int(value.as_tuple().exponent)) if isinstance(value, Decimal) else 0
        pattern = "#,##0" + ("." + "0" * places if places else "")
        return format_decimal(value, format=pattern, locale=self.locale)

    def percent(self, share: Decimal) -> str:
        """Write a share of one as a percentage with one decimal place."""
        return format_percent(share, format="#,##0.0%", locale=self.locale)

    def money(self, amount: Decimal, currency: str) -> str:
        """Write an exact amount with its currency: its usual places, or more if it has more."""
        usual = round(amount, get_currency_precision(currency)) == amount
        return format_currency(
            amount,
            currency,
            locale=self.locale,
            currency_digits=usual,
            decimal_quantization=usual,
        )

    def price(self, money: Money) -> str:
        """Write an amount that is kept in minor units."""
        return self.money(Decimal(money.amount), money.currency)

    def _local(self, at: datetime) -> datetime:
        assert at.tzinfo is not None, "an instant without a zone cannot be shown"
        return at.astimezone(ZoneInfo(self.time_zone))
