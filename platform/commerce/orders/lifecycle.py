"""Phases of orders and their lines: which there are, and what an order's lines make of it."""

from collections.abc import Collection
from typing import Literal, get_args

LinePhase = Literal[
    "accepted", "reserved", "allocated", "backordered", "held", "cancelled", "fulfilled"
]
"""What became of a line. `accepted` is the moment before its outcome is known, and is never
committed: every accepted line has exactly one outcome."""

OrderPhase = Literal["placed", "held", "partially_allocated", "allocated", "fulfilled", "cancelled"]

LINE_PHASES: tuple[LinePhase, ...] = get_args(LinePhase)
ORDER_PHASES: tuple[OrderPhase, ...] = get_args(OrderPhase)

OVER: frozenset[OrderPhase] = frozenset({"fulfilled", "cancelled"})
"""Nothing more is to come of the order, and nobody follows it any more."""
CANCELLABLE: frozenset[LinePhase] = frozenset({"reserved", "allocated", "backordered", "held"})


FINISHED: frozenset[OrderPhase] = frozenset({"fulfilled", "cancelled"})


def order_phase(lines: Collection[LinePhase], *, is_held: bool = False) -> OrderPhase:
    """Return what the lines make of their order; cancelled lines count only when all are.

    A held line holds its order, and so does a person while something is to come. Otherwise the
    order is allocated or fulfilled when all its lines are, partially allocated when some are, and
    placed while none is.
    """
    living = [phase for phase in lines if phase != "cancelled"]
    if not living:
        return "cancelled"
    if "held" in living:
        return "held"
    if all(phase == "fulfilled" for phase in living):
        return "fulfilled"
    if is_held:
        return "held"
    secured = [phase in ("allocated", "fulfilled") for phase in living]
    if all(secured):
        return "allocated"
    return "partially_allocated" if any(secured) else "placed"
