"""Every verb of orders by name: what others import."""

from commerce.orders.cancelling import cancel_line, cancel_order
from commerce.orders.holding import Resumed, hold_order, resume_order
from commerce.orders.placing import Placed, place_order
from commerce.orders.policy import REASON_LENGTH_MAX
from commerce.orders.waiting import allocate_waiting

__all__ = [
    "REASON_LENGTH_MAX",
    "Placed",
    "Resumed",
    "allocate_waiting",
    "cancel_line",
    "cancel_order",
    "hold_order",
    "place_order",
    "resume_order",
]
