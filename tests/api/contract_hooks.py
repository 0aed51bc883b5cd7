"""What the contract test must know of our values that a schema cannot say."""

import itertools
import re
from typing import Any

import schemathesis

_number = itertools.count()


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Give each request a key of its own, and take made-up cursors out of good requests.

    A key stands for one request, and only the API itself can write a cursor.
    """
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,255}", key):
        case.headers["Idempotency-Key"] = f"contract-{next(_number)}"
    if case.query and case.meta is not None and case.meta.generation.mode.is_positive:
        for cursor in ("cursor", "after"):
            case.query.pop(cursor, None)
