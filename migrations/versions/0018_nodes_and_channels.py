"""Nodes, which hold stock, and channels, which offer it. Expands only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.columns import INSTANT, identity, named, points_to, tenant_owned
from migrations.walls import enclose

revision = "0018"
down_revision = "0017"

ON_EARTH = "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180"
KNOWN_TYPES = "fulfilment_types <@ ARRAY['ship','collect']::varchar[]"


def upgrade() -> None:
    op.create_table(
        "node",
        *tenant_owned(identity()),
        *named(),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("city", sa.String(100)),
        sa.Column("postal_code", sa.String(20)),
        sa.Column("latitude", sa.Numeric(9, 6), nullable=False),
        sa.Column("longitude", sa.Numeric(9, 6), nullable=False),
        sa.Column("fulfilment_types", ARRAY(sa.String(10)), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_node"),
        sa.UniqueConstraint("tenant_id", "code_key", name="uq_node_tenant_id_code_key"),
        sa.CheckConstraint("kind IN ('warehouse','store')", name="ck_node_kind"),
        sa.CheckConstraint(ON_EARTH, name="ck_node_on_earth"),
        sa.CheckConstraint(KNOWN_TYPES, name="ck_node_fulfilment_types"),
    )
    kinds = "kind IN ('own_site','marketplace','store')"
    stands = "kind = 'store' OR node_id IS NULL"
    priced = "uq_channel_tenant_id_id_currency"
    op.create_table(
        "channel",
        *tenant_owned(identity()),
        *named(),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("node_id", sa.String(40)),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_channel"),
        points_to("channel", ["node_id"], "node"),
        sa.UniqueConstraint("tenant_id", "code_key", name="uq_channel_tenant_id_code_key"),
        sa.UniqueConstraint("tenant_id", "id", "currency", name=priced),
        sa.CheckConstraint(kinds, name="ck_channel_kind"),
        sa.CheckConstraint(stands, name="ck_channel_only_a_store_is_a_node"),
    )
    # Lists by name and searches by its beginning; the channel of a store.
    op.create_index("ix_node_name", "node", ["tenant_id", "name_key", "id"])
    op.create_index("ix_channel_name", "channel", ["tenant_id", "name_key", "id"])
    op.create_index("ix_channel_node", "channel", ["tenant_id", "node_id"])
    for table in ("node", "channel"):
        enclose(table, grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("channel")
    op.drop_table("node")
