"""One-time links: made for one member and one purpose, good for a while, spent by the first use.

Only the hash of a token is kept. Whoever redeems locks the row before reading whether it is spent,
so of two at once one succeeds.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

from sqlalchemy import select

from kernel.errors import Conflict
from kernel.uow import UnitOfWork
from tenants.identity.tables import OneTimeLink

Purpose = Literal["invitation", "password_reset"]

LASTS: Mapping[Purpose, timedelta] = {
    "invitation": timedelta(days=7),
    "password_reset": timedelta(minutes=30),
}
TOKEN_BYTES = 32


@dataclass(eq=False)
class LinkNoLongerGood(Conflict):
    """This link has been used, has run out, or was replaced by a newer one."""

    code: ClassVar[str] = "identity.link_no_longer_good"


def make(uow: UnitOfWork, member_id: str, purpose: Purpose) -> str:
    """Return the token of a new link; earlier ones for this purpose stop. The caller records."""
    _spend(uow, member_id, purpose)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    uow.session.add(
        OneTimeLink(
            tenant_id=uow.tenant_id,
            id=uow.new_id("lnk"),
            purpose=purpose,
            token_hash=hash_of(token),
            member_id=member_id,
            made_at=uow.real_now,
            expires_at=uow.real_now + LASTS[purpose],
        )
    )
    return token


def holder_of(uow: UnitOfWork, token: str, purpose: Purpose) -> str:
    """Return the member a good link belongs to, without spending it."""
    return _good(uow, token, purpose, locks=False).member_id


def spend(uow: UnitOfWork, token: str, purpose: Purpose) -> str:
    """Use a link up and return its member; LinkNoLongerGood for any reason it is not good."""
    link = _good(uow, token, purpose, locks=True)
    link.spent_at = uow.real_now
    return link.member_id


def spend_all(uow: UnitOfWork, member_id: str) -> None:
    """Stop every link of a member. The caller records."""
    for purpose in LASTS:
        _spend(uow, member_id, purpose)


def hash_of(token: str) -> bytes:
    """Return what is stored of a token; it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def _good(uow: UnitOfWork, token: str, purpose: Purpose, *, locks: bool) -> OneTimeLink:
    statement = select(OneTimeLink).where(
        OneTimeLink.token_hash == hash_of(token), OneTimeLink.purpose == purpose
    )
    if locks:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    link = uow.session.scalar(statement)
    if link is None or link.spent_at is not None or link.expires_at <= uow.real_now:
        raise LinkNoLongerGood
    return link


def _spend(uow: UnitOfWork, member_id: str, purpose: Purpose) -> None:
    unspent = (
        select(OneTimeLink)
        .where(
            OneTimeLink.member_id == member_id,
            OneTimeLink.purpose == purpose,
            OneTimeLink.spent_at.is_(None),
        )
        .order_by(OneTimeLink.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for link in uow.session.scalars(unspent):
        link.spent_at = uow.real_now
