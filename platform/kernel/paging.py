"""Cursors: opaque, signed, and bound to the tenant, the filter and the order they belong to."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from kernel.canonical import canonical_bytes, read_json
from kernel.errors import Malformed
from kernel.ids import TenantId

LIMIT_DEFAULT = 50
LIMIT_MAX = 200

Row = TypeVar("Row")


@dataclass(eq=False)
class CursorInvalid(Malformed):
    """This cursor does not belong to this list: start again without a cursor."""

    code: ClassVar[str] = "paging.cursor_invalid"


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows and, where there are more, the cursor of the next page."""

    rows: Sequence[Row]
    next_cursor: str | None


class CursorSigner:
    """Makes and reads cursors."""

    def __init__(self, key: bytes) -> None:
        """Take the signing key."""
        self._key = key

    def write(self, tenant_id: TenantId, query: Mapping[str, Any], after: Sequence[Any]) -> str:
        """Return the cursor that goes on after a row's sort values, for this very query."""
        content = canonical_bytes(list(after))
        return _encode(self._sign(tenant_id, query, content) + content)

    def read(self, tenant_id: TenantId, query: Mapping[str, Any], cursor: str) -> list[Any]:
        """Return the sort values; CursorInvalid where tenant, filter or order are others."""
        try:
            raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        except (ValueError, UnicodeEncodeError) as error:
            raise CursorInvalid from error
        # Decoding skips foreign characters and spare bits: one cursor has one spelling.
        if _encode(raw) != cursor:
            raise CursorInvalid
        signature, content = raw[:16], raw[16:]
        if not hmac.compare_digest(signature, self._sign(tenant_id, query, content)):
            raise CursorInvalid
        values: list[Any] = read_json(content)
        return values

    def _sign(self, tenant_id: TenantId, query: Mapping[str, Any], content: bytes) -> bytes:
        bound = canonical_bytes([tenant_id, query]) + b"\0" + content
        return hmac.digest(self._key, bound, hashlib.sha256)[:16]


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
