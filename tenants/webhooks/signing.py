"""Signatures of Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, by every secret."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

PREFIX = "whsec_"
SECRET_BYTES = 32
SECRET_BYTES_MIN = 24
SECRET_BYTES_MAX = 64
ROTATION = timedelta(hours=24)
"""How long a replaced secret still signs beside the new one."""


def new_secret() -> bytes:
    """Return random bytes that nobody else has."""
    return secrets.token_bytes(SECRET_BYTES)


def spelled(secret: bytes) -> str:
    """Return a secret as people and receivers write it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, message_id: str, at: datetime, body: bytes) -> str:
    """Sign one message under one secret, over exactly the bytes that are sent."""
    assert SECRET_BYTES_MIN <= len(secret) <= SECRET_BYTES_MAX, "a secret has 24 to 64 bytes"
    content = f"{message_id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()


def headers(keys: Sequence[bytes], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers of a message; during a rotation both secrets sign, newest first."""
    assert keys, "an endpoint always has a secret"
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signature(key, message_id, at, body) for key in keys),
    }
