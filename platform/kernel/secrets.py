"""Secrets at rest: encrypted with a key kept outside the database, bound to their place."""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class SecretUnreadable(Exception):
    """A stored secret does not open with any key here, or was moved from its place."""


class SecretBox:
    """Seals and opens secrets with AES-256-GCM; older keys still open what they sealed."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take the keys, the present one first."""
        assert keys, "at least one key is needed"
        self._keys = [derive_key(key, "secret-box") for key in keys]

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt for one place, such as `tenant/table/row/column`; it opens nowhere else."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self._keys[0]).encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt; raises SecretUnreadable where key or place are not those of the sealing."""
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        if len(nonce) < _NONCE_BYTES:
            raise SecretUnreadable(place)
        for key in self._keys:
            try:
                return AESGCM(key).decrypt(nonce, body, place.encode())
            except InvalidTag:
                continue
        raise SecretUnreadable(place)


def derive_key(secret: bytes, purpose: str) -> bytes:
    """Return a 32-byte key for one purpose (HKDF-SHA-256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret)
