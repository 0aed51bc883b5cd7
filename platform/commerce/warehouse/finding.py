"""Finds fulfilment orders by what they ship and by the parcel's own number.

As in the queries, pages ask for `inventory:read`.
"""

from collections.abc import Sequence

from sqlalchemy import select

from commerce.closeness import Closeness, Match, closest
from commerce.warehouse.tables import FulfilmentOrder, Shipment
from kernel.uow import UnitOfWork


def find_fulfilments(
    uow: UnitOfWork, text: str, order_ids: Sequence[str], limit: int
) -> list[Match[FulfilmentOrder]]:
    """Return the fulfilment orders of these orders, and that of the parcel of this number."""
    tracked = select(Shipment.fulfilment_order_id).where(Shipment.tracking == text).limit(limit)
    parcels = select(FulfilmentOrder).where(FulfilmentOrder.id.in_(tracked))
    shipped = select(FulfilmentOrder).where(FulfilmentOrder.order_id.in_(order_ids))
    return closest(
        limit,
        [
            (Closeness.EXACT, lambda most: uow.session.scalars(parcels.limit(most))),
            (
                Closeness.EXACT,
                lambda most: uow.session.scalars(
                    shipped.order_by(FulfilmentOrder.order_id, FulfilmentOrder.id).limit(most)
                ),
            ),
        ],
    )
