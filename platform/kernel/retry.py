"""Tries a whole transaction again where the database asks for it."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from psycopg import errors
from sqlalchemy.exc import DBAPIError

ATTEMPTS_MAX = 5
PAUSE_SECONDS = 0.02

Result = TypeVar("Result")

_ASKED_FOR = (errors.SerializationFailure, errors.DeadlockDetected)


def with_retries(unit: Callable[[], Result]) -> Result:
    """Run an idempotent unit that opens its own transaction, at most five times.

    Only a serialization failure or a deadlock is tried again, after a growing random pause
    (REL-14); anything else, and the fifth failure, is raised.
    """
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return unit()
        except DBAPIError as error:
            if not isinstance(error.orig, _ASKED_FOR) or attempt == ATTEMPTS_MAX:
                raise
            # Full jitter: two that collided must not collide again. Not a secret.
            time.sleep(random.uniform(0, PAUSE_SECONDS * 2**attempt))  # noqa: S311
    raise AssertionError("the last attempt returned or raised")
