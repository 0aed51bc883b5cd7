"""What a simulated supplier will say or deliver later, in the tenant's business time."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Table, TenantOwned, UtcDateTime, id_column, text_id
from kernel.work import LeaseColumns


class ScheduledAnswer(TenantOwned, LeaseColumns, Table):
    """An answer that becomes due when the tenant's clock passes `due_at`."""

    __tablename__ = "scheduled_answer"
    ungoverned: ClassVar[frozenset[str]] = LeaseColumns.ungoverned

    id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = text_id()
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(String(10))

    __table_args__ = (
        CheckConstraint("kind IN ('reply','acknowledgement','delivery')", name="kind"),
        CheckConstraint("state IN ('waiting','done','parked')", name="state"),
        Index(
            "ix_scheduled_answer_due", "tenant_id", "due_at", postgresql_where="state = 'waiting'"
        ),
    )
