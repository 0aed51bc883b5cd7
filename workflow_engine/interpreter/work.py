"""What one macrostep may cost in all: every expression, action and state is counted."""

from __future__ import annotations

from workflow_engine.interpreter.compiled import ContentFault

STEPS_MAX = 100_000
"""Steps of one macrostep; in the worst mix about 30 ms of one core."""
ROUND_STEPS = 20
ELEMENT_STEPS = 4
"""For every element of a value that leaves its expression: it is converted, compared, stored."""
CONTEXT_WEIGHT_MAX = 20_000
"""Elements of a run's context in all: each event reads and writes them."""

# Where expressions find the work of their macrostep; no variable can have this name.
WORK = object()


class Unfinished(Exception):
    """A macrostep is cut off before it rests: nothing of it counts, and the run halts."""

    code = "loop.limit"
    message = (
        "The run did not come to rest: its transitions follow each other without end. "
        "The event was not taken."
    )


class OutOfWork(Unfinished):
    """A macrostep costs more than one may."""

    code = "macrostep.budget"
    message = (
        f"What this event sets off costs more than {STEPS_MAX} steps: nested loops, long lists "
        "or many states. The event was not taken."
    )


class ContextTooLarge(Unfinished):
    """A run wants to remember more than it may."""

    code = "context.limit"
    message = (
        f"The run would remember more than {CONTEXT_WEIGHT_MAX} values. The event was not taken."
    )


class Work:
    """The steps that are left to one macrostep. Where many are taken at once, `left` may go
    below nothing before it is noticed."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = STEPS_MAX

    def charge(self, steps: int) -> None:
        """Take steps, or raise OutOfWork when there are not enough."""
        self.left -= steps
        if self.left < 0:
            raise OutOfWork


class WorkOutside(Work):
    """The steps of what is asked of a definition outside a macrostep: all its triggers for one
    event, all conditions of one form. Too many are a ContentFault like any other."""

    __slots__ = ()

    def charge(self, steps: int) -> None:
        """Take steps, or raise ContentFault when there are not enough."""
        self.left -= steps
        if self.left < 0:
            message = f"Together these expressions cost more than {STEPS_MAX} steps."
            raise ContentFault("expression.budget", message, "")
