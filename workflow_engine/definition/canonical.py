"""The canonical text of a definition and its SHA-256: what "this very version" means."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

OUTSIDE = frozenset(
    {"layout", "translations", "version", "hash", "proposer", "approvers", "migration"}
)
"""Top-level fields that are not part of a version: how it looks, and what publishing adds."""

_LITERAL = frozenset({"default", "result", "error", "equals", "domain", "then", "values"})


def canonical_text(document: Mapping[str, Any]) -> str:
    """Write a definition in its one form: names sorted, nothing between tokens, UTF-8 kept.

    The order of arrays is meaning and stays. `notes` (comments on any object) and the fields of
    `OUTSIDE` are left out; inside literal values (defaults, answers of mocks) everything stays.
    """
    kept = {name: part for name, part in document.items() if name not in OUTSIDE}
    return write_json(_without_notes(kept))


def definition_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_text(document).encode()).hexdigest()


def write_json(value: Any) -> str:
    """JSON with sorted names and no blanks; exact decimals keep one spelling."""
    return json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
        default=_write_decimal,
    )


def _write_decimal(value: Any) -> str:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is not JSON")
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text


def _without_notes(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_notes(part) for part in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: part if _is_literal(name, part) else _without_notes(part)
        for name, part in value.items()
        if name != "notes"
    }


def _is_literal(name: str, part: Any) -> bool:
    return name in _LITERAL or (name in ("data", "form") and isinstance(part, Mapping))
