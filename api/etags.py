"""Entity tags: the version of a resource and a digest of how it reads (API-13)."""

import hashlib
import re
from typing import Any

from flask import Request

from kernel.errors import Malformed, PreconditionMissing, StaleWrite

_TAG = re.compile(r'"([0-9]{1,15})-[0-9a-f]{16}"')


def etag_of(body: Any, text: str) -> str | None:
    """Return the strong tag of an answer whose `version` is known, or None.

    The version guards against lost updates; the digest changes with anything that the answer
    gathers from other rows, so that a cached copy is never called current when it is not.
    """
    version = body.get("version") if isinstance(body, dict) else None
    if not isinstance(version, int):
        return None
    return f'"{version}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"'


def expected_version(req: Request) -> int:
    """Return the version that If-Match names.

    Raises PreconditionMissing without one tag, and StaleWrite for a tag that we never gave: it
    cannot be the present one. `*` names no version and so guards against nothing.
    """
    given = req.headers.get("If-Match", "").strip()
    if not given or given == "*":
        raise PreconditionMissing
    if "," in given:
        raise Malformed
    found = _TAG.fullmatch(given)
    if found is None:
        raise StaleWrite(expected_version=0)
    return int(found[1])


def is_known(req: Request, etag: str | None) -> bool:
    """Tell whether the caller already holds this very answer (If-None-Match)."""
    return (
        etag is not None
        and req.method in ("GET", "HEAD")
        and req.if_none_match.contains_weak(etag.strip('"'))
    )
