"""Real threads on real connections that all start at the same moment."""

from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any


def race(runners: Sequence[Callable[[], Any]], *, within_seconds: float = 60) -> list[Any]:
    """Run all at once; return what each returned or raised, in their order.

    Fails where one does not end in time: a deadlock that nobody resolved.
    """
    start = Barrier(len(runners))
    outcomes: list[Any] = [None] * len(runners)

    def run(position: int) -> None:
        start.wait()
        try:
            outcomes[position] = runners[position]()
        except Exception as error:
            outcomes[position] = error

    threads = [
        Thread(target=run, args=(position,), daemon=True) for position in range(len(runners))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(within_seconds)
    assert not any(thread.is_alive() for thread in threads), "some never ended"
    return outcomes


def raised(
    outcomes: Sequence[Any], kind: type[BaseException] | tuple[type[BaseException], ...]
) -> int:
    """Count those that raised this kind, or one of these; anything else is raised here."""
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, kind):
            raise outcome
    return sum(isinstance(outcome, kind) for outcome in outcomes)
