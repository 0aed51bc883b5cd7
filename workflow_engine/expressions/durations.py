"""Durations as text: ISO 8601, and the short form of CEL."""

import re
from datetime import timedelta

_ISO = re.compile(
    r"(-)?P(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?"
    r"(?:([0-9]+)(?:\.([0-9]{1,6}))?S)?)?"
)
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(h|ms|us|µs|ns|m|s)")
_NANOSECONDS = {
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "µs": 1_000,
    "ns": 1,
}
# The span of all timestamps from year 1 to 9999, which is also what CEL allows.
SECONDS_MAX = 315_576_000_000


def read_duration(text: str) -> timedelta:
    """Read ISO 8601 such as `P1DT2H`, or `26h`; a day is 24 hours.

    Years and months are refused, because their length depends on the day they start.
    ValueError where it is neither.
    """
    if len(text) > 100:
        raise ValueError("this is too long for a duration")
    duration = _iso(text) if "P" in text else _short(text)
    if abs(duration) > timedelta(seconds=SECONDS_MAX):
        raise ValueError("this duration is too long")
    return duration


def write_duration(value: timedelta) -> str:
    """Write ISO 8601 in hours, minutes and seconds: three days are `PT72H`."""
    microseconds = abs(value) // timedelta(microseconds=1)
    seconds, fraction = divmod(microseconds, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    tail = f".{fraction:06d}".rstrip("0") if fraction else ""
    text = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or fraction or not text:
        text += f"{seconds}{tail}S"
    return ("-" if value < timedelta(0) else "") + "PT" + text


def _iso(text: str) -> timedelta:
    match = _ISO.fullmatch(text)
    if match is None or text[-1] in "PT":
        raise ValueError("a duration looks like P1D or PT2H30M")
    sign, weeks, days, hours, minutes, seconds, fraction = match.groups()
    try:
        value = timedelta(
            weeks=int(weeks or 0),
            days=int(days or 0),
            hours=int(hours or 0),
            minutes=int(minutes or 0),
            seconds=int(seconds or 0),
            microseconds=int((fraction or "").ljust(6, "0")),
        )
    except OverflowError as error:
        raise ValueError("this duration is too long") from error
    return -value if sign else value


def _short(text: str) -> timedelta:
    body = text[1:] if text[:1] in ("-", "+") else text
    nanoseconds, at = 0, 0
    while at < len(body) or not body:
        part = _PART.match(body, at)
        if part is None:
            if body == "0":
                break
            raise ValueError("a duration looks like 1h30m, P1D or PT2H30M")
        whole, _, fraction = part.group(1).partition(".")
        unit = _NANOSECONDS[part.group(2)]
        nanoseconds += int(whole or 0) * unit
        nanoseconds += int(fraction or 0) * unit // 10 ** len(fraction)
        at = part.end()
    if nanoseconds > SECONDS_MAX * 1_000_000_000:
        raise ValueError("this duration is too long")
    # A microsecond is the finest we keep; what is finer is cut off, as everywhere.
    value = timedelta(microseconds=nanoseconds // 1000)
    return -value if text[:1] == "-" else value
