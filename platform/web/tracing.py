"""The ids that follow a request through logs, audit entries and problems (API-06)."""

import re
import secrets
from dataclasses import dataclass

REQUEST_ID_HEADER = "X-Request-Id"
_CLIENT_ID_LENGTH_MAX = 100

_TRACEPARENT = re.compile(r"^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$")


@dataclass(frozen=True)
class Trace:
    """Where a request stands in a distributed trace (W3C Trace Context)."""

    trace_id: str
    parent_id: str | None


def trace_of(traceparent: str | None) -> Trace:
    """Go on with the caller's trace; a missing or malformed header starts a new one."""
    found = _TRACEPARENT.match(traceparent or "")
    if found is None or not _is_usable(found):
        return Trace(secrets.token_hex(16), None)
    return Trace(found[2], found[3])


def recorded_client_id(sent: str | None) -> str | None:
    """Return a client's own request id as it may stand in a log: printable and short."""
    if not sent:
        return None
    printable = "".join(letter for letter in sent if letter.isascii() and letter.isprintable())
    return printable[:_CLIENT_ID_LENGTH_MAX] or None


def _is_usable(found: re.Match[str]) -> bool:
    is_known = found[1] != "ff" and (found[1] != "00" or found[5] is None)
    return is_known and int(found[2], 16) != 0 and int(found[3], 16) != 0
