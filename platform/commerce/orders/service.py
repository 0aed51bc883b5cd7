"""Every verb of orders by name: what others import."""

from commerce.orders.cancelling import cancel_line, cancel_order
from commerce.orders.fulfilling import (
    fulfil_at_once,
    fulfil_order,
    release_order,
    report_short,
    ship_parcel,
)
from commerce.orders.holding import Resumed, hold_order, resume_order
from commerce.orders.placing import Placed, place_order
from commerce.orders.policy import REASON_LENGTH_MAX
from commerce.orders.rerouting import reroute_line
from commerce.orders.waiting import allocate_waiting

__all__ = [
    "REASON_LENGTH_MAX",
    "Placed",
    "Resumed",
    "allocate_waiting",
    "cancel_line",
    "cancel_order",
    "fulfil_at_once",
    "fulfil_order",
    "hold_order",
    "place_order",
    "release_order",
    "report_short",
    "reroute_line",
    "resume_order",
    "ship_parcel",
]
