"""Where the parts of a drawn definition stand on the page, kept with its version."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Table, TenantOwned, UtcDateTime, id_column, reference


class DefinitionLayout(TenantOwned, Table):
    """The places of one version's states and ways, computed once in somebody's browser.

    `drawn_for` is the fingerprint of the chart it was computed for: where that has changed, the
    layout is nobody's, and the next one takes its place.
    """

    __tablename__ = "definition_layout"

    definition_id: Mapped[str] = id_column()
    drawn_for: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stored_by: Mapped[str] = mapped_column(String(80))

    __table_args__ = (reference(["definition_id"], "definition_version"),)
