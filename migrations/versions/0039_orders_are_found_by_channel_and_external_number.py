"""Lists of orders narrow by channel and by how the channel's own number begins.

The number is collated "C": a search by its beginning is then a range, which an index serves
whatever the database's language.
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.alter_column("sales_order", "external_id", type_=sa.String(100, collation="C"))
    # The list of a channel's orders, newest first.
    op.create_index("ix_sales_order_channel", "sales_order", ["tenant_id", "channel_id", "number"])
    # The search by the channel's own number.
    op.create_index(
        "ix_sales_order_external", "sales_order", ["tenant_id", "external_id", "number"]
    )


def downgrade() -> None:
    op.drop_index("ix_sales_order_external", "sales_order")
    op.drop_index("ix_sales_order_channel", "sales_order")
    op.alter_column("sales_order", "external_id", type_=sa.String(100, collation="default"))
