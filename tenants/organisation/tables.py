"""Units of a merchant's organisation, and under which unit each stood from when until when."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, Index, String, UniqueConstraint, column, func
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Table, TenantOwned, id_column, reference, text_id


class OrganisationUnit(TenantOwned, Table):
    """A company, brand, region, channel or node. `code` is what people and imports call it."""

    __tablename__ = "organisation_unit"

    id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(100))
    stands_for: Mapped[str | None] = text_id()
    """The channel or node of commerce that this unit is, where it is one."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        CheckConstraint("kind IN ('company','brand','region','channel','node')", name="kind"),
        Index("ix_organisation_unit_stands_for", "tenant_id", "stands_for"),
    )


class OrganisationPlace(TenantOwned, Table):
    """Where a unit stands from a day (included) until a day (excluded, None: until further notice).

    A company has no parent; any other unit stands under exactly one unit at a time.
    """

    __tablename__ = "organisation_place"

    id: Mapped[str] = id_column()
    unit_id: Mapped[str] = text_id()
    parent_id: Mapped[str | None] = text_id()
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (
        reference(["unit_id"], "organisation_unit"),
        reference(["parent_id"], "organisation_unit"),
        CheckConstraint("valid_from < valid_until", name="lasts"),
        CheckConstraint("parent_id <> unit_id", name="not_under_itself"),
        ExcludeConstraint(
            (column("tenant_id"), "="),
            (column("unit_id"), "="),
            (func.daterange(column("valid_from"), column("valid_until")), "&&"),
            using="gist",
            name="ex_organisation_place_one_at_a_time",
        ),
        Index("ix_organisation_place_unit", "tenant_id", "unit_id", "valid_from"),
        Index("ix_organisation_place_parent", "tenant_id", "parent_id"),
    )
