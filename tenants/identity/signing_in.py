"""The verbs of signing in and out, of accepting an invitation and of choosing a new password.

Argon2 runs between two transactions, never inside one: a slow hash must hold neither a connection
nor a lock. Whatever is wrong with an attempt to sign in, the answer is the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import select

from kernel.access import Actor, system_actor
from kernel.audit import Subject
from kernel.errors import Unauthenticated
from kernel.ids import ActorId
from kernel.tenancy import Tenant
from kernel.uow import UnitOfWork
from tenants.events import MemberJoined
from tenants.identity import credentials, guessing, links, sessions
from tenants.identity.hashing import Hasher
from tenants.identity.tables import Password
from tenants.members import locked_member
from tenants.tables import Member

Opens = Callable[[Actor], UnitOfWork]
"""Opens a unit of work of one tenant, of any standing, as the actor given."""

DOORKEEPER = system_actor("sign-in")
BY_PASSWORD = "password"  # noqa: S105 - A strength of evidence, not a password.


@dataclass(eq=False)
class SignInRefused(Unauthenticated):
    """The e-mail address or the password is not right."""

    code: ClassVar[str] = "identity.sign_in_refused"


@dataclass(frozen=True)
class Browser:
    """Where a request comes from: its address to count attempts by, its kind to show."""

    address: str
    network: str
    device: str


def sign_in(open_unit: Opens, hasher: Hasher, email: str, password: str, browser: Browser) -> str:
    """Return the token of a new session.

    SignInRefused for an unknown address, a wrong password, and a member who is not active, all
    after the same work; TooMany while attempts must wait.
    """
    folded = email.strip().casefold()
    attempt = guessing.Attempt(folded, browser.address)
    with open_unit(DOORKEEPER) as uow:
        guessing.begin(uow, attempt)
        member, encoded = _found(uow, folded)
    verdict = hasher.check(encoded, password)
    if member is None or not verdict.is_right:
        _note_refusal(open_unit, member, browser)
        raise SignInRefused
    fresh = hasher.hash(password) if verdict.is_outdated else None
    with open_unit(_as_member(member, browser)) as uow:
        guessing.forgive(uow, attempt)
        member = locked_member(uow, member.id)
        row = uow.session.get(Password, (uow.tenant_id, member.id))
        # Deactivated, or given another password, while the hash was being checked.
        if member.status != "active" or row is None or row.hash != encoded:
            raise SignInRefused
        if fresh is not None:
            credentials.store_hash(uow, member.id, fresh)
        return _started(uow, member, browser, "identity.sign_in")


def sign_out(uow: UnitOfWork) -> None:
    """End the session of the acting member; the cookie is worth nothing from then on."""
    assert uow.actor.session_id is not None, "only who is signed in can sign out"
    sessions.end(uow, uow.actor.session_id, "signed out")


def ask_for_reset(open_unit: Opens, email: str, browser: Browser) -> None:
    """Mail a link to choose a new password, if there is such an active member.

    The caller learns nothing either way. Asking counts like an attempt to sign in.
    """
    folded = email.strip().casefold()
    with open_unit(DOORKEEPER) as uow:
        guessing.begin(uow, guessing.Attempt(f"reset:{folded}", browser.address))
        member, _encoded = _found(uow, folded)
        tenant = uow.session.get_one(Tenant, uow.tenant_id)
        messages = uow.ports.messages
        assert messages is not None, "the front door fills the messages port"
        if member is None:
            uow.record("identity.ask_for_reset", Subject("member", "unknown"), outcome="denied")
            return
        token = links.make(uow, member.id, "password_reset")
        facts = {
            "name": member.name,
            "tenant": tenant.name,
            "slug": tenant.slug,
            "token": token,
        }
        messages.send(uow, to=member.email, template="password_reset", facts=facts)
        uow.record("identity.ask_for_reset", Subject("member", member.id))


def choose_password(
    open_unit: Opens,
    hasher: Hasher,
    purpose: links.Purpose,
    token: str,
    password: str,
    browser: Browser,
) -> str:
    """Spend a mailed link, keep the password, and return the token of a new session.

    LinkNoLongerGood where another request was first. Every other session of the member ends, and
    so does every other link. An invited member becomes active.
    """
    with open_unit(DOORKEEPER) as uow:
        member = member_of_link(uow, token, purpose)
        credentials.must_be_good(uow, member, password)
    encoded = hasher.hash(password)
    with open_unit(_as_member(member, browser)) as uow:
        # The link is locked first: of two requests at once, the second finds it spent.
        member = locked_member(uow, links.spend(uow, token, purpose))
        if member.status != _EXPECTED[purpose]:
            raise links.LinkNoLongerGood
        links.spend_all(uow, member.id)
        sessions.end_all(uow, member.id, "password changed")
        credentials.store_hash(uow, member.id, encoded)
        if purpose == "invitation":
            member.status = "active"
            uow.emit(MemberJoined(member.id))
            return _started(uow, member, browser, "identity.accept_invitation")
        _tell_of_change(uow, member)
        return _started(uow, member, browser, "identity.reset_password")


def change_password(
    open_unit: Opens, hasher: Hasher, actor: Actor, old: str, new: str, browser: Browser
) -> str:
    """Change the acting member's own password and return the token of a session in its place.

    SignInRefused where the old one is not right. Every session of the member ends.
    """
    with open_unit(actor) as uow:
        member = uow.session.get_one(Member, (uow.tenant_id, actor.id))
        guessing.begin(uow, guessing.Attempt(member.email_folded, browser.address))
        credentials.must_be_good(uow, member, new)
        row = uow.session.get(Password, (uow.tenant_id, member.id))
        known = row.hash if row is not None else None
    if not hasher.check(known, old).is_right:
        _note_refusal(open_unit, member, browser)
        raise SignInRefused
    encoded = hasher.hash(new)
    with open_unit(actor) as uow:
        guessing.forgive(uow, guessing.Attempt(member.email_folded, browser.address))
        member = locked_member(uow, member.id)
        row = uow.session.get(Password, (uow.tenant_id, member.id))
        if member.status != "active" or row is None or row.hash != known:
            raise SignInRefused
        links.spend_all(uow, member.id)
        sessions.end_all(uow, member.id, "password changed")
        credentials.store_hash(uow, member.id, encoded)
        _tell_of_change(uow, member)
        return _started(uow, member, browser, "identity.change_password")


# A suspended tenant's people may look, and one that is closing may take its history along.
_OPEN_FOR_PEOPLE = ("active", "suspended", "closing")
_EXPECTED: dict[links.Purpose, str] = {"invitation": "invited", "password_reset": "active"}


def member_of_link(uow: UnitOfWork, token: str, purpose: links.Purpose) -> Member:
    """Return whom a good link belongs to, without spending it."""
    member = uow.session.get_one(Member, (uow.tenant_id, links.holder_of(uow, token, purpose)))
    if member.status != _EXPECTED[purpose]:
        raise links.LinkNoLongerGood
    return member


def _found(uow: UnitOfWork, folded: str) -> tuple[Member | None, str | None]:
    tenant = uow.session.get_one(Tenant, uow.tenant_id)
    if tenant.status not in _OPEN_FOR_PEOPLE:
        return None, None
    row = uow.session.execute(
        select(Member, Password.hash)
        .join(
            Password,
            (Password.tenant_id == Member.tenant_id) & (Password.member_id == Member.id),
        )
        .where(Member.email_folded == folded, Member.status == "active")
    ).one_or_none()
    return (row.Member, row.hash) if row is not None else (None, None)


def _as_member(member: Member, browser: Browser) -> Actor:
    return Actor(
        id=ActorId(member.id),
        kind="member",
        name=member.name,
        permissions=frozenset(),
        strength=BY_PASSWORD,
        network=browser.network,
    )


def _started(uow: UnitOfWork, member: Member, browser: Browser, action: str) -> str:
    token = sessions.start(
        uow, member, strength=BY_PASSWORD, device=browser.device, network=browser.network
    )
    uow.record(action, Subject("member", member.id, member.version))
    return token


def _note_refusal(open_unit: Opens, member: Member | None, browser: Browser) -> None:
    """Write the refused attempt down; the address that was tried is nobody's business."""
    subject = Subject("member", member.id if member is not None else "unknown")
    with open_unit(DOORKEEPER) as uow:
        uow.record(
            "identity.sign_in", subject, outcome="denied", facts={"network": browser.network}
        )


def _tell_of_change(uow: UnitOfWork, member: Member) -> None:
    """Mail that the password changed (ID-10): a person who did not do it must hear of it."""
    messages = uow.ports.messages
    assert messages is not None, "the front door fills the messages port"
    tenant = uow.session.get_one(Tenant, uow.tenant_id)
    facts = {"name": member.name, "tenant": tenant.name, "slug": tenant.slug}
    messages.send(uow, to=member.email, template="password_changed", facts=facts)
