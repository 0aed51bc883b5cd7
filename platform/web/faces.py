"""A face of the product: which addresses are its own, who calls them, and how it says no."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response

from kernel.access import Actor
from kernel.ids import TenantId
from web.problems import Problem


@dataclass(frozen=True)
class Caller:
    """Who calls, and for which tenant: from a token or a session, never from a body."""

    tenant_id: TenantId
    actor: Actor


@dataclass(frozen=True)
class Face:
    """One way in. The first face that owns a request's path answers for it.

    `identify` reads flask.request and returns the caller, or None for a stranger; it may raise
    a Refusal. `refuse` renders a problem. `trusts_cookies` has unsafe requests checked for
    forgery.
    """

    name: str
    owns: Callable[[str], bool]
    identify: Callable[[], Caller | None]
    refuse: Callable[[Problem], Response]
    trusts_cookies: bool = False
