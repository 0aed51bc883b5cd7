"""Server-side sessions: started by a sign-in, idle for 30 minutes at most, 12 hours in all.

A session belongs to one tenant and one member. What it may do is read with every request, so a
changed role or a deactivated member takes effect at once, in every process.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update

from kernel.access import Actor, Permission
from kernel.audit import Subject
from kernel.errors import NotFound
from kernel.ids import ActorId
from kernel.uow import UnitOfWork
from tenants.access import rights_of
from tenants.identity.links import hash_of
from tenants.identity.tables import MemberSession
from tenants.tables import Member

IDLE_MAX = timedelta(minutes=30)
LENGTH_MAX = timedelta(hours=12)
KEPT_FOR = timedelta(days=30)
TOKEN_BYTES = 32  # 256 random bits.
# So often at most is `last_seen_at` written: a session may seem this much older than it is.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class SessionView:
    """One of a member's own sessions, as it is listed."""

    id: str
    device: str
    network: str
    started_at: datetime
    last_seen_at: datetime


def start(uow: UnitOfWork, member: Member, *, strength: str, device: str, network: str) -> str:
    """Start a session for a member, who was proved to be there, and return its token.

    Always a new id: what a stranger may have planted in the browser before is worth nothing. The
    caller records.
    """
    _forget_old(uow, member.id)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    uow.session.add(
        MemberSession(
            tenant_id=uow.tenant_id,
            id=uow.new_id("ses"),
            token_hash=hash_of(token),
            member_id=member.id,
            strength=strength,
            device=device[:100],
            network=network,
            started_at=uow.real_now,
            last_seen_at=uow.real_now,
        )
    )
    return token


def actor_of_session(uow: UnitOfWork, token: str, *, is_attended: bool = True) -> Actor | None:
    """Return who is signed in under a token, with the rights held now; None where nobody is.

    What a page does by itself, unattended, does not keep the session from ending idle.
    """
    row = uow.session.execute(
        select(MemberSession, Member)
        .join(
            Member,
            (Member.tenant_id == MemberSession.tenant_id) & (Member.id == MemberSession.member_id),
        )
        .where(MemberSession.token_hash == hash_of(token))
    ).one_or_none()
    if row is None or row.Member.status != "active" or not _is_alive(row.MemberSession, uow):
        return None
    session = row.MemberSession
    if is_attended and uow.real_now - session.last_seen_at >= SEEN_EVERY:
        uow.session.execute(
            update(MemberSession)
            .where(MemberSession.id == session.id)
            .values(last_seen_at=uow.real_now)
            .execution_options(synchronize_session=False)
        )
    actor = actor_of_member(uow, row.Member)
    return replace(actor, session_id=session.id, strength=session.strength, network=session.network)


def rights_of_sessions(
    uow: UnitOfWork, session_ids: Collection[str]
) -> Mapping[str, frozenset[Permission]]:
    """Return what may be done now in each of these sessions that is alive, without touching it."""
    rows = uow.session.execute(
        select(MemberSession, Member)
        .join(
            Member,
            (Member.tenant_id == MemberSession.tenant_id) & (Member.id == MemberSession.member_id),
        )
        .where(MemberSession.id.in_(session_ids), Member.status == "active")
    ).all()
    alive = [row for row in rows if _is_alive(row.MemberSession, uow)]
    rights = {member_id: rights_of(uow, member_id)[1] for member_id in {r.Member.id for r in alive}}
    return {row.MemberSession.id: rights[row.Member.id] for row in alive}


def actor_of_member(uow: UnitOfWork, member: Member) -> Actor:
    """Return a member as an actor, with the rights held now."""
    roles, permissions = rights_of(uow, member.id)
    return Actor(
        ActorId(member.id), "member", member.name, frozenset(map(Permission, permissions)), roles
    )


def sessions_of(uow: UnitOfWork, member_id: str) -> Sequence[SessionView]:
    """Return a member's living sessions, the newest first."""
    rows = uow.session.scalars(
        select(MemberSession)
        .where(
            MemberSession.member_id == member_id,
            MemberSession.ended_at.is_(None),
            MemberSession.started_at > uow.real_now - LENGTH_MAX,
            MemberSession.last_seen_at > uow.real_now - IDLE_MAX,
        )
        .order_by(MemberSession.started_at.desc(), MemberSession.id.desc())
        .limit(100)
    )
    return [
        SessionView(row.id, row.device, row.network, row.started_at, row.last_seen_at)
        for row in rows
    ]


def end(uow: UnitOfWork, session_id: str, reason: str) -> None:
    """End one session of the acting member; repeating it changes nothing."""
    session = uow.session.scalar(
        select(MemberSession)
        .where(MemberSession.id == session_id, MemberSession.member_id == uow.actor.id)
        .with_for_update()
    )
    if session is None:
        raise NotFound("session", session_id)
    if session.ended_at is None:
        session.ended_at, session.end_reason = uow.real_now, reason
        uow.record("identity.end_session", Subject("session", session_id), reason=reason)


def end_others(uow: UnitOfWork) -> None:
    """End every session of the acting member but the present one."""
    ended = end_all(uow, uow.actor.id, "ended elsewhere", but=uow.actor.session_id)
    if ended:
        uow.record("identity.end_other_sessions", Subject("member", uow.actor.id))


def end_all(uow: UnitOfWork, member_id: str, reason: str, *, but: str | None = None) -> int:
    """End a member's sessions and return how many; the caller has the right, and records."""
    living = uow.session.scalars(
        select(MemberSession)
        .where(MemberSession.member_id == member_id, MemberSession.ended_at.is_(None))
        .order_by(MemberSession.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    ended = [session for session in living if session.id != but]
    for session in ended:
        session.ended_at, session.end_reason = uow.real_now, reason
    return len(ended)


def end_sessions_of(uow: UnitOfWork, member_id: str) -> None:
    """End every session of another member, as somebody who administers members (ID-03)."""
    uow.actor.must(Permission("members:write"))
    if uow.session.get(Member, (uow.tenant_id, member_id)) is None:
        raise NotFound("member", member_id)
    end_all(uow, member_id, "ended by an administrator")
    uow.record("identity.end_sessions", Subject("member", member_id))


def _is_alive(session: MemberSession, uow: UnitOfWork) -> bool:
    return (
        session.ended_at is None
        and uow.real_now - session.started_at < LENGTH_MAX
        and uow.real_now - session.last_seen_at < IDLE_MAX
    )


def _forget_old(uow: UnitOfWork, member_id: str) -> None:
    """Delete what this member's sessions of long ago left, a few at each sign-in."""
    old = uow.session.scalars(
        select(MemberSession)
        .where(
            MemberSession.member_id == member_id,
            MemberSession.started_at < uow.real_now - KEPT_FOR,
        )
        .order_by(MemberSession.started_at)
        .limit(20)
        .with_for_update(skip_locked=True)
    )
    for session in old:
        uow.session.delete(session)
