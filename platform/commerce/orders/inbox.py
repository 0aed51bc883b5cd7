"""Which versions of an order came in, what each said, and what it led to."""

import hashlib
from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select

from commerce.ids import OrderId
from commerce.orders.contents import OrderContent
from commerce.orders.errors import OrderChanged
from commerce.orders.tables import OrderInbox
from kernel.canonical import canonical_bytes, to_json
from kernel.uow import UnitOfWork

InboxOutcome = Literal["placed", "amended", "late"]


def fingerprint_of(content: OrderContent) -> str:
    """Return what two deliveries of the same version have in common."""
    said = to_json(content)
    if content.customer.email is None:
        # What came in before addresses were taken says the same as it did then.
        del said["customer"]["email"]
    return hashlib.sha256(canonical_bytes(said)).hexdigest()


def received(uow: UnitOfWork, content: OrderContent) -> Sequence[OrderInbox]:
    """Return what came in of this order before, the newest version first."""
    return uow.session.scalars(
        select(OrderInbox)
        .where(
            OrderInbox.channel_id == content.channel_id,
            OrderInbox.external_id == content.external_id,
        )
        .order_by(OrderInbox.external_version.desc())
    ).all()


def came_before(content: OrderContent, earlier: Sequence[OrderInbox]) -> bool:
    """Tell whether this very version came in; OrderChanged where it said something else then."""
    for row in earlier:
        if row.external_version == content.external_version:
            if row.fingerprint != fingerprint_of(content):
                raise OrderChanged(row.order_id, content.external_id)
            return True
    return False


def remember(
    uow: UnitOfWork, content: OrderContent, order_id: OrderId, outcome: InboxOutcome
) -> None:
    """Write down that this version came in, in the transaction of what it led to."""
    uow.session.add(
        OrderInbox(
            tenant_id=uow.tenant_id,
            channel_id=content.channel_id,
            external_id=content.external_id,
            external_version=content.external_version,
            fingerprint=fingerprint_of(content),
            outcome=outcome,
            order_id=order_id,
            received_at=uow.now,
        )
    )
