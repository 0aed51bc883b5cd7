"""How the phases and states of trade are called on pages, and in which tone."""

from collections.abc import Mapping, Sequence

from builder_ui.shell.page import Tone
from builder_ui.shell.words import _, said

Words = Mapping[str, tuple[str, Tone]]

ORDER_PHASES: Words = {
    "placed": (_("Placed"), "neutral"),
    "held": (_("Held"), "bad"),
    "partially_allocated": (_("Partly allocated"), "warn"),
    "allocated": (_("Allocated"), "ok"),
    "fulfilled": (_("Fulfilled"), "ok"),
    "cancelled": (_("Cancelled"), "neutral"),
}
LINE_PHASES: Words = {
    "accepted": (_("Accepted"), "neutral"),
    "reserved": (_("Reserved"), "accent"),
    "allocated": (_("Allocated"), "ok"),
    "backordered": (_("Backordered"), "warn"),
    "held": (_("Held"), "bad"),
    "cancelled": (_("Cancelled"), "neutral"),
    "fulfilled": (_("Fulfilled"), "ok"),
}
PURCHASE_PHASES: Words = {
    "draft": (_("Draft"), "neutral"),
    "pending_approval": (_("Waiting for approval"), "warn"),
    "approved": (_("Approved"), "accent"),
    "sent": (_("Sent"), "accent"),
    "acknowledged": (_("Confirmed by the supplier"), "accent"),
    "partially_received": (_("Partly received"), "warn"),
    "received": (_("Received"), "ok"),
    "rejected": (_("Refused by the supplier"), "bad"),
    "cancelled": (_("Cancelled"), "neutral"),
    "voided": (_("Voided before it was sent"), "neutral"),
}
RUN_STATES: Words = {
    "active": (_("Running"), "accent"),
    "finished": (_("Finished"), "ok"),
    "incident": (_("Stopped: needs a person"), "bad"),
    "undoing": (_("Cancelled: being undone"), "warn"),
}
DEFINITION_STATES: Words = {
    "published": (_("Published"), "ok"),
    "retired": (_("Retired"), "neutral"),
}
TASK_OUTCOMES: Words = {
    "approved": (_("Approved"), "ok"),
    "rejected": (_("Rejected"), "bad"),
    "answered": (_("Answered"), "ok"),
    "withdrawn": (_("No longer needed"), "neutral"),
}
BUCKETS: Mapping[str, str] = {
    "available": _("Available"),
    "committed": _("Committed"),
    "reserved": _("Reserved"),
    "quality_control": _("Quality control"),
    "damaged": _("Damaged"),
    "incoming": _("Incoming"),
    "in_transit": _("In transit"),
    "expected": _("Expected"),
    "supplier": _("Supplier"),
    "customer": _("Customer"),
    "scrap": _("Scrapped"),
    "adjustment": _("Correction"),
    "transit": _("On the way"),
}
FULFILMENT_STATUSES: Words = {
    "open": (_("To be picked"), "warn"),
    "in_progress": (_("Being picked"), "accent"),
    "packed": (_("Packed"), "accent"),
    "closed": (_("Shipped"), "ok"),
    "cancelled": (_("Cancelled"), "neutral"),
}
WAREHOUSE_TASKS: Mapping[str, str] = {
    "pick": _("Pick"),
    "pack": _("Pack"),
    "ship": _("Ship"),
    "put_away": _("Put away"),
}
WAREHOUSE_TASK_STATES: Words = {
    "open": (_("Open"), "warn"),
    "done": (_("Done"), "ok"),
    "cancelled": (_("Cancelled"), "neutral"),
}
TRANSFER_STATES: Words = {
    "shipped": (_("On the road"), "accent"),
    "received": (_("Over"), "ok"),
    "cancelled": (_("Turned round"), "neutral"),
}
ADJUSTMENT_STATES: Words = {
    "proposed": (_("Waiting for approval"), "warn"),
    "posted": (_("Made"), "ok"),
    "rejected": (_("Rejected"), "bad"),
}
MESSAGE_STATES: Words = {
    "waiting": (_("Waiting to be sent"), "warn"),
    "sent": (_("Sent"), "ok"),
    "kept": (_("Kept, not sent"), "neutral"),
}
EXCEPTION_STATES: Words = {"open": (_("Open"), "warn"), "resolved": (_("Resolved"), "ok")}
SEVERITIES: Words = {
    "low": (_("Low"), "neutral"),
    "normal": (_("Normal"), "warn"),
    "high": (_("High"), "bad"),
}
TERMS: Mapping[str, str] = {
    "on_hand": _("On hand"),
    "quality_control": _("In quality control"),
    "damaged": _("Damaged"),
    "committed": _("Committed to orders"),
    "active_reservations": _("Reserved"),
    "safety_stock": _("Safety stock"),
}


# What departments of ours call things, kept where pages say them by `spoken`.
KNOWN_NAMES = (
    _("Allocate"), _("Approval unsatisfiable"), _("Audit"), _("Backorder"), _("Bulk action"),
    _("Calendar"), _("Catalog"), _("Channel"), _("Client"), _("Customer"), _("Definition"),
    _("Event"), _("Events"), _("Exception"), _("Exceptions"), _("Fulfilment"), _("Import"),
    _("Inventory"), _("Invitation"), _("Job parked"), _("Kind"), _("List"), _("Listing"),
    _("Member"), _("Member session"), _("Members"), _("Message"), _("Network"), _("Node"),
    _("Order"), _("Order line"), _("Order line held"), _("Orders"), _("Organisation"),
    _("Organisation unit"), _("Password reset"), _("People answer"), _("People decide"),
     _("Procurement"), _("Product"),
    _("Purchase order"), _("Receive"), _("Release"), _("Reservation"), _("Reserve"), _("Role"),
    _("Roles"), _("Run"), _("Saved view"), _("Setting"), _("Settings"), _("Ship"),
    _("Ship transfer"), _("Sku"), _("Stock"), _("Stock adjustment"), _("Stock receipt"),
    _("Strength"), _("Supplier"), _("Supplier item"), _("Task"), _("Tasks"), _("Tenant"),
    _("Tenant clock"),    _("Transfer"), _("Session"), _("Webhook"), _("Webhook attempt"),
    _("Webhook delivery"), _("Webhook disabled"), _("Webhook endpoint"), _("Webhook secret"),
    _("Workflow"), _("Workflows"),
)  # fmt: skip


def choices(words: Words) -> Sequence[tuple[str, str]]:
    """Return what a filter offers: value and words."""
    return [(value, told) for value, (told, _tone) in words.items()]


def spoken(name: str) -> str:
    """Return a technical name as a person says it: `purchase_order.sent` is `Purchase order sent`.

    For names that tenants and other departments choose, which no table of words can list.
    """
    text = " ".join(name.replace(".", " ").replace("_", " ").split())
    return said(text[:1].upper() + text[1:])
