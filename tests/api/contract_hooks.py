"""What the contract test must know of our values and refusals that a schema cannot say."""

import itertools
import re
from typing import Any

import schemathesis

# Made-up ids are nobody's, made-up tags are stale, made-up codes may be taken.
_ANSWERS = (304, 404, 409, 412)

# An address that is too long or has no such method belongs to no operation.
_BEFORE_ANY_OPERATION = (405, 414, 431)

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
    codes = [fault["code"] for fault in problem["errors"] if not _is_of_a_currency(fault)]
    codes = codes if problem["errors"] else [problem["code"]]
    reading = ("request.", "text.", "list.", "access.", "idempotency.", "paging.", "service.")
    assert not [code for code in codes if code.startswith(reading)], problem


@schemathesis.check
def every_refusal_is_documented(_context: Any, response: Any, case: Any) -> None:
    """A problem has a code that the document names for this operation and this status (API-05)."""
    if response.status_code < 400 or case.operation.method.upper() != case.method.upper():
        return
    if response.status_code in _BEFORE_ANY_OPERATION:
        return
    described = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    named = [each["code"] for each in described.get("x-problems", ())]
    code = response.json()["code"]
    assert code in named, f"{response.status_code} {code} is not among {named}"


def _is_of_a_currency(fault: Any) -> bool:
    """How many decimal places an amount has depends on its currency: yen have none."""
    return bool(fault["pointer"].endswith("/amount") and "decimal places" in fault["detail"])


def _is_good(case: Any) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive
