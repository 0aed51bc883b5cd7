"""A message to a customer names the order it is about."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"


def upgrade() -> None:
    op.add_column("message", sa.Column("order_id", sa.String(40)))
    op.create_foreign_key(
        "fk_message_order_id_sales_order",
        "message",
        "sales_order",
        ["tenant_id", "order_id"],
        ["tenant_id", "id"],
    )
    # For the page of an order, which shows what its customer was written.
    op.create_index(
        "ix_message_order",
        "message",
        ["tenant_id", "order_id", "id"],
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_message_order", "message")
    op.drop_constraint("fk_message_order_id_sales_order", "message")
    op.drop_column("message", "order_id")
