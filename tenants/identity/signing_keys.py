"""The keys that sign a tenant's access tokens: made on first need, rotated, sealed at rest."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

from joserfc.jwk import ECKey
from sqlalchemy import func, or_, select

from kernel.audit import Subject
from kernel.secrets import SecretBox
from kernel.uow import UnitOfWork
from tenants.identity.client_tables import SigningKey

TOKEN_LIFETIME = timedelta(minutes=10)
LEEWAY = timedelta(seconds=30)


@dataclass(frozen=True)
class KeyPair:
    """A key that signs now."""

    id: str
    key: ECKey

    def __repr__(self) -> str:
        return f"KeyPair(id={self.id!r}, key=(not shown))"


def present_key(uow: UnitOfWork, box: SecretBox) -> KeyPair:
    """Return the key that signs for this tenant now; the first to ask makes it."""
    row = _present_row(uow)
    if row is None:
        # Of two first requests, the second waits here and then finds the first one's key.
        uow.session.execute(select(func.pg_advisory_xact_lock(_lock_number(uow))))
        row = _present_row(uow) or _make(uow, box)
    private = json.loads(box.open(row.private_sealed, _place(uow, row.id)))
    return KeyPair(row.id, ECKey.import_key(private))


def rotate_key(uow: UnitOfWork, box: SecretBox) -> None:
    """Sign with a new key from now on; tokens of the old one are accepted until they expire."""
    uow.session.execute(select(func.pg_advisory_xact_lock(_lock_number(uow))))
    present = _present_row(uow)
    if present is not None:
        present.retired_at = uow.real_now
        uow.session.flush()
    _make(uow, box)


def verifying_key(uow: UnitOfWork, key_id: str) -> ECKey | None:
    """Return the public key of this id while anything it signed may still be valid."""
    row = uow.session.get(SigningKey, (uow.tenant_id, key_id))
    if row is None or not _still_verifies(uow, row):
        return None
    return ECKey.import_key(row.public_jwk)


def public_keys(uow: UnitOfWork) -> list[dict[str, str]]:
    """Return the public keys, as JWKs, by which valid tokens of this tenant are verified."""
    cut = uow.real_now - TOKEN_LIFETIME - LEEWAY
    query = (
        select(SigningKey)
        .where(or_(SigningKey.retired_at.is_(None), SigningKey.retired_at > cut))
        .order_by(SigningKey.id)
    )
    return [row.public_jwk for row in uow.session.scalars(query)]


def _present_row(uow: UnitOfWork) -> SigningKey | None:
    return uow.session.scalar(select(SigningKey).where(SigningKey.retired_at.is_(None)))


def _make(uow: UnitOfWork, box: SecretBox) -> SigningKey:
    identity = uow.new_id("key")
    pair = ECKey.generate_key("P-256")
    public = {**pair.as_dict(private=False), "kid": identity, "use": "sig", "alg": "ES256"}
    private = json.dumps(pair.as_dict(private=True)).encode()
    row = SigningKey(
        tenant_id=uow.tenant_id,
        id=identity,
        public_jwk=public,
        private_sealed=box.seal(private, _place(uow, identity)),
        created_at=uow.real_now,
    )
    uow.session.add(row)
    uow.record("signing_key.make", Subject("signing_key", identity))
    return row


def _still_verifies(uow: UnitOfWork, row: SigningKey) -> bool:
    return row.retired_at is None or uow.real_now < row.retired_at + TOKEN_LIFETIME + LEEWAY


def _place(uow: UnitOfWork, key_id: str) -> str:
    return f"{uow.tenant_id}/signing_key/private_sealed/{key_id}"


def _lock_number(uow: UnitOfWork) -> int:
    digest = hashlib.sha256(f"signing_key\0{uow.tenant_id}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
