"""The organisation tree: units, and where each stands from when until when."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from migrations.columns import identity, tenant_owned
from migrations.walls import enclose

revision = "0032"
down_revision = "0031"

UNIT = ["organisation_unit.tenant_id", "organisation_unit.id"]
KINDS = "kind IN ('company','brand','region','channel','node')"


def upgrade() -> None:
    # Equality of text in an exclusion constraint; a trusted extension, so its user needs no rights.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "organisation_unit",
        *tenant_owned(identity()),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("stands_for", sa.String(40)),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_organisation_unit"),
        sa.UniqueConstraint("tenant_id", "code", name="uq_organisation_unit_tenant_id_code"),
        sa.CheckConstraint(KINDS, name="ck_organisation_unit_kind"),
    )
    stands_for = ["tenant_id", "stands_for"]
    op.create_index("ix_organisation_unit_stands_for", "organisation_unit", stands_for)
    enclose("organisation_unit", grants="SELECT, INSERT, UPDATE")
    name = "organisation_place"
    op.create_table(
        name,
        *tenant_owned(identity()),
        sa.Column("unit_id", sa.String(40), nullable=False),
        sa.Column("parent_id", sa.String(40)),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["tenant_id", "unit_id"], UNIT, f"fk_{name}_tenant_id_unit_id"),
        sa.ForeignKeyConstraint(["tenant_id", "parent_id"], UNIT, f"fk_{name}_tenant_id_parent_id"),
        sa.CheckConstraint("valid_from < valid_until", name=f"ck_{name}_lasts"),
        sa.CheckConstraint("parent_id <> unit_id", name=f"ck_{name}_not_under_itself"),
        ExcludeConstraint(
            (sa.column("tenant_id"), "="), (sa.column("unit_id"), "="),
            (sa.text("daterange(valid_from, valid_until)"), "&&"),
            using="gist", name=f"ex_{name}_one_at_a_time",
        ),
    )  # fmt: skip
    op.create_index("ix_organisation_place_unit", name, ["tenant_id", "unit_id", "valid_from"])
    op.create_index("ix_organisation_place_parent", name, ["tenant_id", "parent_id"])
    enclose(name)


def downgrade() -> None:
    op.drop_table("organisation_place")
    op.drop_table("organisation_unit")
