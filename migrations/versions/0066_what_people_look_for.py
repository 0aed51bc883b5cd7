"""Customers are found by name and mail address, parcels by their number: a range of one index.

Stored by the database, because what is there already is behind row-level security, and only
plain columns are looked up in an index behind it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"

FOLDED = (
    "btrim(replace(replace(replace(translate(regexp_replace(regexp_replace("
    r"normalize(lower(name), NFKD), '[\u0300-\u036f]', '', 'g'), "
    r"'\s+', ' ', 'g'), 'øđł', 'odl'), "
    "'æ', 'ae'), 'œ', 'oe'), 'ß', 'ss'))"
)
COLUMNS = {
    "name_key": (FOLDED, False),
    "last_name_key": (f"substring({FOLDED} from '[^ ]*$')", False),
    "email_key": ("lower(email)", True),
}
INDEXES = {
    "ix_customer_name": "name_key",
    "ix_customer_last_name": "last_name_key",
    "ix_customer_email": "email_key",
}


def upgrade() -> None:
    for name, (expression, nullable) in COLUMNS.items():
        stored = sa.Computed(expression, persisted=True)
        column = sa.Column(name, sa.Text(collation="C"), stored, nullable=nullable)
        op.add_column("customer", column)
    for index, key in INDEXES.items():
        op.create_index(index, "customer", ["tenant_id", key, "id"])
    op.create_index("ix_shipment_tracking", "shipment", ["tenant_id", "tracking"])


def downgrade() -> None:
    op.drop_index("ix_shipment_tracking", "shipment")
    for index in INDEXES:
        op.drop_index(index, "customer")
    for name in reversed(COLUMNS):
        op.drop_column("customer", name)
