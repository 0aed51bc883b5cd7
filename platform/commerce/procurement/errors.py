"""How procurement says no."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.errors import Conflict


@dataclass(eq=False)
class NoSupplier(Conflict):
    """Nobody sells this SKU to us: add a supplier's terms for it."""

    code: ClassVar[str] = "procurement.no_supplier"

    sku_id: str


@dataclass(eq=False)
class AlreadyAnswered(Conflict):
    """This request is closed: it was answered or withdrawn."""

    code: ClassVar[str] = "procurement.already_answered"

    request_id: str
    state: str


@dataclass(eq=False)
class OrderLocked(Conflict):
    """This purchase order was sent: cancel it instead."""

    code: ClassVar[str] = "procurement.locked"

    po_id: str
    phase: str


@dataclass(eq=False)
class WrongPhase(Conflict):
    """This is not possible in the purchase order's present phase."""

    code: ClassVar[str] = "procurement.wrong_phase"

    po_id: str
    phase: str


@dataclass(eq=False)
class ChangedSinceApproval(Conflict):
    """The purchase order is not what was approved: have it approved as it stands now."""

    code: ClassVar[str] = "procurement.changed_since_approval"

    po_id: str
    approved_digest: str
    digest: str


@dataclass(eq=False)
class ApprovalMissing(Conflict):
    """This purchase order needs an approval before anybody sends it."""

    code: ClassVar[str] = "procurement.approval_missing"

    po_id: str


@dataclass(eq=False)
class RequesterApproves(Conflict):
    """Who asked for a purchase order does not approve it: ask somebody else."""

    code: ClassVar[str] = "procurement.requester_approves"

    po_id: str


@dataclass(eq=False)
class AlreadyDelivered(Conflict):
    """The supplier has delivered on this purchase order: it cannot be cancelled any more."""

    code: ClassVar[str] = "procurement.already_delivered"

    po_id: str


@dataclass(eq=False)
class DeliversTooMuch(Conflict):
    """More units were delivered than the supplier owes on this line."""

    code: ClassVar[str] = "procurement.delivers_too_much"

    po_id: str
    position: int
    owed: int
    delivered: int
