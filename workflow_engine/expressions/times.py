"""The calendar functions of timestamps and durations."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from workflow_engine.expressions.errors import Fault
from workflow_engine.expressions.overloads import declare, reading
from workflow_engine.expressions.types import INT

_OFFSET = re.compile(r"([+-]?)([0-9]{2}):([0-9]{2})")


@cache
def _known_zones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """Find a time zone by its IANA name or its fixed offset."""
    if offset := _OFFSET.fullmatch(name):
        sign, hours, minutes = offset.groups()
        span = timedelta(hours=int(hours), minutes=int(minutes))
        if span < timedelta(hours=24):
            return timezone(-span if sign == "-" else span)
    # Asked of the list, not of the disk: a stranger's names must not become look-ups of files.
    if name in _known_zones():
        return ZoneInfo(name)
    raise Fault("expression.conversion", f"There is no time zone {name[:64]!r}.")


def _at(moment: datetime, name: str) -> datetime:
    return moment.astimezone(zone(name))


def _in_zone(part: Callable[[datetime], int]) -> Callable[[datetime, str], int]:
    return lambda moment, name: part(_at(moment, name))


_PARTS: dict[str, Callable[[datetime], int]] = {
    ".getFullYear": lambda moment: moment.year,
    ".getMonth": lambda moment: moment.month - 1,
    ".getDate": lambda moment: moment.day,
    ".getDayOfMonth": lambda moment: moment.day - 1,
    ".getDayOfWeek": lambda moment: moment.isoweekday() % 7,
    ".getDayOfYear": lambda moment: moment.timetuple().tm_yday - 1,
    ".getHours": lambda moment: moment.hour,
    ".getMinutes": lambda moment: moment.minute,
    ".getSeconds": lambda moment: moment.second,
    ".getMilliseconds": lambda moment: moment.microsecond // 1000,
}
_SECOND = timedelta(seconds=1)


def _whole(unit: timedelta) -> Callable[[timedelta], int]:
    def count(value: timedelta) -> int:
        whole = abs(value) // unit
        return whole if value >= timedelta(0) else -whole

    return count


for _name, _part in _PARTS.items():
    declare(_name, "timestamp", INT, _part)
    declare(_name, "timestamp string", INT, _in_zone(_part), reading)
declare(".getHours", "duration", INT, _whole(timedelta(hours=1)))
declare(".getMinutes", "duration", INT, _whole(timedelta(minutes=1)))
declare(".getSeconds", "duration", INT, _whole(_SECOND))
declare(
    ".getMilliseconds",
    "duration",
    INT,
    lambda value: _whole(timedelta(milliseconds=1))(value) % 1000,
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
