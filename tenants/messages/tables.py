"""Messages as they were rendered: sealed, because one may hold a link that opens an account."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from commerce.ids import OrderId
from kernel.db import (
    PERSONAL,
    SECRET,
    Table,
    TenantOwned,
    UtcDateTime,
    id_column,
    reference,
    text_id,
)


class Message(TenantOwned, Table):
    """One mail: waiting to be sent, sent, or kept here because no mail server is configured.

    `order_id` names the order that a customer was written about; other mails have none.
    """

    __tablename__ = "message"

    id: Mapped[str] = id_column()
    to_address: Mapped[str] = mapped_column(String(254), info=PERSONAL)
    template: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200), info=PERSONAL)
    body: Mapped[bytes] = mapped_column(LargeBinary, info=SECRET)
    state: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    order_id: Mapped[OrderId | None] = text_id()

    __table_args__ = (
        CheckConstraint("state IN ('waiting','sent','kept')", name="state"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_a_time"),
        reference(["order_id"], "sales_order"),
        Index("ix_message_made", "tenant_id", "made_at", "id"),
        Index(
            "ix_message_order",
            "tenant_id",
            "order_id",
            "id",
            postgresql_where="order_id IS NOT NULL",
        ),
    )
