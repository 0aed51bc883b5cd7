"""Who stands in for whom, from when until when."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Table, TenantOwned, UtcDateTime, id_column, reference, text_id


class DelegationRow(TenantOwned, Table):
    """Until `ends_at`, one member may answer for another: whatever comes, or one task.

    `absence` marks an out-of-office stand-in. Ended early, it keeps its dates and says when.
    """

    __tablename__ = "delegation"

    id: Mapped[str] = id_column()
    of_id: Mapped[str] = text_id()
    to_id: Mapped[str] = text_id()
    task_id: Mapped[str | None] = text_id()
    absence: Mapped[bool] = mapped_column()
    reason: Mapped[str | None] = mapped_column(String(500))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(80))

    __table_args__ = (
        reference(["task_id"], "task"),
        CheckConstraint("of_id <> to_id", name="two_people"),
        CheckConstraint("starts_at < ends_at", name="begins_first"),
        CheckConstraint("task_id IS NULL OR NOT absence", name="one_task_is_no_absence"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
        # What holds now is asked at every vote, and by every page of a member.
        Index(
            "ix_delegation_open", "tenant_id", "ends_at", postgresql_where=text("ended_at IS NULL")
        ),
        Index("ix_delegation_of", "tenant_id", "of_id", "id"),
        Index("ix_delegation_to", "tenant_id", "to_id", "id"),
        Index("ix_delegation_task", "tenant_id", "task_id"),
    )

    @property
    def kind(self) -> str:
        """Say in a word whether it is for an absence."""
        return "absence" if self.absence else "stand_in"
