"""Which SKU a channel offers, under which id, at which price in its currency. Expands only."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    listing, channel = "channel_listing", ["tenant_id", "channel_id"]
    once = "uq_channel_listing_tenant_id_channel_id_sku_id"
    known = "uq_channel_listing_tenant_id_channel_id_external_id"
    op.create_table(
        listing,
        *tenant_owned(identity()),
        identity("channel_id"),
        identity("sku_id"),
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("price_minor", sa.BigInteger, nullable=False),
        sa.Column("price_currency", sa.String(3), nullable=False),
        sa.Column("price_quantity", sa.BigInteger, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_channel_listing"),
        points_to(listing, ["channel_id", "price_currency"], "channel", key=["id", "currency"]),
        points_to(listing, ["sku_id"], "sku"),
        sa.UniqueConstraint(*channel, "sku_id", name=once),
        sa.UniqueConstraint(*channel, "external_id", name=known),
        sa.CheckConstraint(
            "price_minor >= 0 AND price_quantity > 0", name="ck_channel_listing_priced"
        ),
    )
    # Where a SKU is offered.
    op.create_index("ix_channel_listing_sku", listing, ["tenant_id", "sku_id", "id"])
    enclose(listing, grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("channel_listing")
