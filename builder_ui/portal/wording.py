"""How the phases and states of trade are called on pages, and in which tone."""

from collections.abc import Mapping, Sequence

from builder_ui.shell.page import Tone

Words = Mapping[str, tuple[str, Tone]]

ORDER_PHASES: Words = {
    "placed": ("Placed", "neutral"),
    "held": ("Held", "bad"),
    "partially_allocated": ("Partly allocated", "warn"),
    "allocated": ("Allocated", "ok"),
    "fulfilled": ("Fulfilled", "ok"),
    "cancelled": ("Cancelled", "neutral"),
}
LINE_PHASES: Words = {
    "accepted": ("Accepted", "neutral"),
    "reserved": ("Reserved", "accent"),
    "allocated": ("Allocated", "ok"),
    "backordered": ("Backordered", "warn"),
    "held": ("Held", "bad"),
    "cancelled": ("Cancelled", "neutral"),
    "fulfilled": ("Fulfilled", "ok"),
}
PURCHASE_PHASES: Words = {
    "draft": ("Draft", "neutral"),
    "pending_approval": ("Waiting for approval", "warn"),
    "approved": ("Approved", "accent"),
    "sent": ("Sent", "accent"),
    "acknowledged": ("Confirmed by the supplier", "accent"),
    "partially_received": ("Partly received", "warn"),
    "received": ("Received", "ok"),
    "rejected": ("Refused by the supplier", "bad"),
    "cancelled": ("Cancelled", "neutral"),
    "voided": ("Voided before it was sent", "neutral"),
}
RUN_STATES: Words = {
    "active": ("Running", "accent"),
    "finished": ("Finished", "ok"),
    "incident": ("Stopped: needs a person", "bad"),
    "undoing": ("Cancelled: being undone", "warn"),
}
DEFINITION_STATES: Words = {
    "published": ("Published", "ok"),
    "retired": ("Retired", "neutral"),
}
TASK_OUTCOMES: Words = {
    "approved": ("Approved", "ok"),
    "rejected": ("Rejected", "bad"),
    "answered": ("Answered", "ok"),
    "withdrawn": ("No longer needed", "neutral"),
}
BUCKETS: Mapping[str, str] = {
    "available": "Available",
    "committed": "Committed",
    "reserved": "Reserved",
    "quality_control": "Quality control",
    "damaged": "Damaged",
    "incoming": "Incoming",
    "in_transit": "In transit",
    "expected": "Expected",
    "supplier": "Supplier",
    "customer": "Customer",
    "scrap": "Scrapped",
    "adjustment": "Correction",
    "transit": "On the way",
}
FULFILMENT_STATUSES: Words = {
    "open": ("To be picked", "warn"),
    "in_progress": ("Being picked", "accent"),
    "packed": ("Packed", "accent"),
    "closed": ("Shipped", "ok"),
    "cancelled": ("Cancelled", "neutral"),
}
WAREHOUSE_TASKS: Mapping[str, str] = {
    "pick": "Pick",
    "pack": "Pack",
    "ship": "Ship",
    "put_away": "Put away",
}
WAREHOUSE_TASK_STATES: Words = {
    "open": ("Open", "warn"),
    "done": ("Done", "ok"),
    "cancelled": ("Cancelled", "neutral"),
}
TRANSFER_STATES: Words = {
    "shipped": ("On the road", "accent"),
    "received": ("Over", "ok"),
    "cancelled": ("Turned round", "neutral"),
}
ADJUSTMENT_STATES: Words = {
    "proposed": ("Waiting for approval", "warn"),
    "posted": ("Made", "ok"),
    "rejected": ("Rejected", "bad"),
}
MESSAGE_STATES: Words = {
    "waiting": ("Waiting to be sent", "warn"),
    "sent": ("Sent", "ok"),
    "kept": ("Kept, not sent", "neutral"),
}
EXCEPTION_STATES: Words = {"open": ("Open", "warn"), "resolved": ("Resolved", "ok")}
SEVERITIES: Words = {
    "low": ("Low", "neutral"),
    "normal": ("Normal", "warn"),
    "high": ("High", "bad"),
}
TERMS: Mapping[str, str] = {
    "on_hand": "On hand",
    "quality_control": "In quality control",
    "damaged": "Damaged",
    "committed": "Committed to orders",
    "active_reservations": "Reserved",
    "safety_stock": "Safety stock",
}


def choices(words: Words) -> Sequence[tuple[str, str]]:
    """Return what a filter offers: value and words."""
    return [(value, told) for value, (told, _tone) in words.items()]


def spoken(name: str) -> str:
    """Return a technical name as a person says it: `purchase_order.sent` is `Purchase order sent`.

    For names that tenants and other departments choose, which no table of words can list.
    """
    text = " ".join(name.replace(".", " ").replace("_", " ").split())
    return text[:1].upper() + text[1:]
