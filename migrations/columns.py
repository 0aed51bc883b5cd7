"""Columns that many tables share, spelled once for migrations."""

from collections.abc import Sequence
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


def named() -> list[sa.Column[Any]]:
    """Return code, name, their folded spellings, and since when the thing is out of use."""
    return [
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("code_key", sa.String(256, collation="C"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_key", sa.String(800, collation="C"), nullable=False),
        sa.Column("retired_at", INSTANT),
    ]


def points_to(
    table: str, columns: Sequence[str], target: str, *, key: Sequence[str] = ("id",)
) -> sa.ForeignKeyConstraint:
    """Return a composite foreign key that cannot cross tenants, named as the tables name it."""
    return sa.ForeignKeyConstraint(
        ["tenant_id", *columns],
        [f"{target}.tenant_id", *(f"{target}.{column}" for column in key)],
        name=f"fk_{table}_tenant_id_{'_'.join(columns)}",
    )
