"""Phases of purchase orders, and which verb may act in which."""

from typing import Literal, get_args

Phase = Literal[
    "draft",
    "pending_approval",
    "approved",
    "sent",
    "acknowledged",
    "partially_received",
    "received",
    "rejected",
    "cancelled",
    "voided",
]
"""`voided` was never sent; `cancelled` was sent and taken back; `rejected` by the supplier."""

PHASES: tuple[Phase, ...] = get_args(Phase)

UNSENT: frozenset[Phase] = frozenset({"draft", "pending_approval", "approved"})
ON_ORDER: frozenset[Phase] = frozenset({"sent", "acknowledged", "partially_received"})
"""The supplier owes goods: they are incoming."""

RequestState = Literal["asked", "confirmed", "rejected", "withdrawn"]
REQUEST_STATES: tuple[RequestState, ...] = get_args(RequestState)
