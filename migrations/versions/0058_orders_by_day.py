"""Orders are listed by when customers placed them, and narrowed to days.

The index serves both; ties are broken by number, as the list breaks them.
"""

from alembic import op

revision = "0058"
down_revision = "0057"


def upgrade() -> None:
    op.create_index("ix_sales_order_placed", "sales_order", ["tenant_id", "placed_at", "number"])


def downgrade() -> None:
    op.drop_index("ix_sales_order_placed", "sales_order")
