"""What the contract test must know of our values and refusals that a schema cannot say."""

import itertools
import re
from typing import Any

import schemathesis

# Made-up ids are nobody's, made-up tags are stale, made-up codes may be taken.
_ANSWERS = (304, 404, 409, 412)

_number = itertools.count()


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Give each request a key of its own, and take made-up cursors out of good requests.

    A key stands for one request, and only the API itself can write a cursor.
    """
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,255}", key):
        case.headers["Idempotency-Key"] = f"contract-{next(_number)}"
    if _is_good(case) and case.headers and "If-Match" in case.headers:
        # The first change of each thing passes, the later ones are stale.
        case.headers["If-Match"] = '"1-0000000000000000"'
    if case.query and _is_good(case):
        for cursor in ("cursor", "after"):
            case.query.pop(cursor, None)


@schemathesis.check
def good_requests_are_refused_by_rules_alone(_context: Any, response: Any, case: Any) -> None:
    """A request that fits the document may break a department's rule, never our reading of it."""
    if not _is_good(case) or response.status_code < 300 or response.status_code in _ANSWERS:
        return
    problem = response.json()
    codes = [fault["code"] for fault in problem["errors"]] or [problem["code"]]
    reading = ("request.", "text.", "list.", "access.", "idempotency.", "paging.", "service.")
    assert not [code for code in codes if code.startswith(reading)], problem


def _is_good(case: Any) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive
