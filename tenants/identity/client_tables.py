"""Rows of API clients: client, secrets, grants, and the keys that sign a tenant's tokens."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import SECRET, Table, TenantOwned, UtcDateTime, id_column, reference, text_id

_LIVE = text("revoked_at IS NULL")


class OauthClient(TenantOwned, Table):
    """A machine that may ask for tokens."""

    __tablename__ = "oauth_client"

    id: Mapped[str] = id_column()
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint("status IN ('active','suspended')", name="status"),)


class ClientSecret(TenantOwned, Table):
    """The hash of a secret by which a client proves itself."""

    __tablename__ = "client_secret"
    # Every request for a token moves it; that is no change of who may do what.
    ungoverned: ClassVar[frozenset[str]] = frozenset({"used_at"})

    id: Mapped[str] = id_column()
    client_id: Mapped[str] = text_id()
    secret_hash: Mapped[str] = mapped_column(String(64), info=SECRET)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it last proved its client, to the minute."""

    __table_args__ = (
        reference(["client_id"], "oauth_client"),
        Index("ix_client_secret_active", "tenant_id", "client_id", postgresql_where=_LIVE),
    )


class OauthGrant(TenantOwned, Table):
    """What a client was allowed to ask for; tokens name their grant as `sid`."""

    __tablename__ = "oauth_grant"

    id: Mapped[str] = id_column()
    client_id: Mapped[str] = text_id()
    scopes: Mapped[list[str]] = mapped_column(JSONB)
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["client_id"], "oauth_client"),
        # At most one live grant a client.
        Index("ix_oauth_grant_live", "tenant_id", "client_id", unique=True, postgresql_where=_LIVE),
    )


class SigningKey(TenantOwned, Table):
    """A key pair of a tenant's issuer; the private half is sealed. The id is the `kid`."""

    __tablename__ = "signing_key"

    id: Mapped[str] = id_column()
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSONB)
    private_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=SECRET)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it stopped signing; what it signed is verified until that has expired."""

    __table_args__ = (
        Index(
            "ix_signing_key_present",
            "tenant_id",
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
    )
