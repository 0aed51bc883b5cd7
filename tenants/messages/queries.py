"""Reads of messages for screens: nothing here opens what was sealed."""

from collections.abc import Sequence

from sqlalchemy import select

from commerce.ids import OrderId
from kernel.uow import UnitOfWork
from tenants.messages.tables import Message

SHOWN_MAX = 50


def messages_about(uow: UnitOfWork, order_id: OrderId) -> Sequence[Message]:
    """Return what the customer of an order was written about it, the newest fifty, oldest first."""
    newest = uow.session.scalars(
        select(Message)
        .where(Message.order_id == order_id)
        .order_by(Message.id.desc())
        .limit(SHOWN_MAX)
    ).all()
    return newest[::-1]
