"""Tells whether a browser's request comes from our own pages, without any token (ID-04)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

from kernel.errors import Forbidden

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_OWN_SITES = frozenset({"same-origin", "none"})


@dataclass(eq=False)
class RequestForged(Forbidden):
    """This request did not come from one of our own pages."""

    code: ClassVar[str] = "request.forged"


def is_forged(headers: Mapping[str, str], own_origins: Collection[str]) -> bool:
    """Tell whether an unsafe request with a cookie must be refused.

    A browser's fetch metadata decides where it is sent; a browser too old for it, or one on an
    address without TLS, is judged by Origin; who sends neither is refused.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in _OWN_SITES
    return headers.get("Origin") not in own_origins
