"""Units held for an owner until they are converted, released, or the hold ends."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0024"
down_revision = "0023"

STATES = "state IN ('active','converted','expired','released')"


def upgrade() -> None:
    table = "reservation"
    op.create_table(
        table,
        *tenant_owned(identity()),
        identity("sku_id"),
        identity("node_id"),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("owner_kind", sa.String(20), nullable=False),
        sa.Column("owner_id", sa.String(80), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("expires_at", INSTANT),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_reservation"),
        points_to(table, ["sku_id"], "sku"),
        points_to(table, ["node_id"], "node"),
        sa.CheckConstraint("quantity > 0", name="ck_reservation_quantity_positive"),
        sa.CheckConstraint("owner_kind IN ('order_line','cart')", name="ck_reservation_owner_kind"),
        sa.CheckConstraint(STATES, name="ck_reservation_state"),
        sa.CheckConstraint(
            "(state = 'active') = (ended_at IS NULL)", name="ck_reservation_ends_with_its_state"
        ),
    )
    # What is held on a shelf, and which holds have ended: few rows of very many.
    active = sa.text("state = 'active'")
    shelf = ["tenant_id", "sku_id", "node_id"]
    op.create_index("ix_reservation_active", table, shelf, postgresql_where=active)
    # What an owner holds, to be superseded.
    owner = ["tenant_id", "owner_kind", "owner_id", "id"]
    op.create_index("ix_reservation_owner", table, owner)
    enclose(table, grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("reservation")
