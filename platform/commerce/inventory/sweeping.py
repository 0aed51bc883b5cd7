"""Frees the units of reservations whose time is up, as work that any worker may take.

Nothing depends on it: an ended hold counts for nothing wherever stock is promised. It only sees
to it that units which nobody asks for again are given to those who wait for them.
"""

from commerce.ids import ReservationId
from commerce.inventory.service import end_if_over
from kernel.access import system_actor
from kernel.work import Claim, OpenUnit, WorkSource

SWEEPER = system_actor("inventory-sweeper")


def ended_reservations(open_unit: OpenUnit) -> WorkSource:
    """Return reservations whose end the tenant's clock has passed as work."""

    def perform(claim: Claim) -> None:
        with open_unit(claim.tenant_id, SWEEPER) as uow:
            end_if_over(uow, ReservationId(claim.id))

    return WorkSource("reservation", perform)
