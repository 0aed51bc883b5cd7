"""Columns that many tables share, spelled once for migrations."""

from typing import Any

import sqlalchemy as sa

INSTANT = sa.DateTime(timezone=True)


def tenant_owned(*keys: sa.Column[Any]) -> list[sa.Column[Any]]:
    """Return tenant, version and the further key columns of a tenant-owned table."""
    return [
        sa.Column("tenant_id", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        *keys,
    ]


def identity(name: str = "id", length: int = 40) -> sa.Column[Any]:
    """Return a key column."""
    return sa.Column(name, sa.String(length), nullable=False)


def lease() -> list[sa.Column[Any]]:
    """Return the columns by which a row is claimed."""
    return [
        sa.Column("next_at", INSTANT),
        sa.Column("lease_until", INSTANT),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text),
    ]
