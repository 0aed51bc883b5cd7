"""Repeats what a client of the product would repeat: a database that goes away comes back."""

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kernel.clock import monotonic_seconds
from kernel.retry import with_retries

PAUSE_SECONDS = 0.5
PATIENCE_SECONDS = 120

Result = TypeVar("Result")


def endure(unit: Callable[[], Result]) -> Result:
    """Run an idempotent unit of work, again while the database cannot be reached.

    The answer to a commit may be lost with the connection, so the unit must be safe to repeat:
    every verb that is called here carries its own key.
    """
    end = monotonic_seconds() + PATIENCE_SECONDS
    while True:
        try:
            return with_retries(unit)
        except SQLAlchemyError as error:
            if not _is_away(error) or monotonic_seconds() > end:
                raise
            time.sleep(PAUSE_SECONDS)


def _is_away(error: SQLAlchemyError) -> bool:
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or "connection" in str(error.orig).lower()
