"""The verbs of members: invite, change, deactivate, reactivate.

Lock order: the member, then roles, then the tenant's guard of administrators.
"""

import re
from collections.abc import Iterable

from sqlalchemy import select

from kernel.access import Permission
from kernel.audit import Subject
from kernel.errors import Fault, Invalid, NotFound, StaleWrite
from kernel.ids import ActorId
from kernel.tenancy import Tenant
from kernel.uow import UnitOfWork
from tenants.access import assign_roles, keep_an_administrator, rights_of
from tenants.errors import AlreadyMember, NotInThatState, ReportsInACircle
from tenants.events import MemberChanged, MemberDeactivated, MemberInvited, MemberReactivated
from tenants.identity import credentials, links, sessions
from tenants.tables import Member

WRITE_MEMBERS = Permission("members:write")
NAME_LENGTH_MAX = 100
EMAIL_LENGTH_MAX = 254
REPORTING_LEVELS_MAX = 50

_EMAIL = re.compile(
    r"^[^\s@,;<>\"()\[\]\\]{1,64}@[^\s@,;<>\"()\[\]\\.]+(\.[^\s@,;<>\"()\[\]\\.]+)+$"
)
_LOCALE = re.compile("[a-z]{2,3}(_[A-Z]{2})?")


def invite(
    uow: UnitOfWork,
    email: str,
    name: str,
    role_keys: Iterable[str],
    manager_id: str | None = None,
) -> Member:
    """Make somebody a member who can sign in after accepting; the invitation is mailed.

    AlreadyMember where the address is known: invite again with `invite_again`.
    """
    uow.actor.must(WRITE_MEMBERS)
    email, name = read_email(email), read_name(name)
    known = uow.session.scalar(select(Member.id).where(Member.email_folded == email.casefold()))
    if known is not None:
        raise AlreadyMember(known)
    member = _new_member(uow, email, name)
    uow.session.add(member)
    uow.session.flush()
    _report_to(uow, member, manager_id)
    assign_roles(uow, member, role_keys)
    _mail_invitation(uow, member)
    uow.emit(MemberInvited(member.id, sorted(role_keys)))
    uow.record("members.invite", Subject("member", member.id))
    return member


def invite_again(uow: UnitOfWork, member_id: str) -> Member:
    """Mail a new invitation; links of earlier ones no longer work."""
    uow.actor.must(WRITE_MEMBERS)
    member = locked_member(uow, member_id)
    if member.status != "invited":
        raise NotInThatState(member.status)
    _mail_invitation(uow, member)
    uow.record("members.invite_again", Subject("member", member.id, member.version))
    return member


def change(
    uow: UnitOfWork,
    member_id: str,
    *,
    name: str,
    role_keys: Iterable[str],
    manager_id: str | None,
    expected_version: int | None = None,
) -> Member:
    """Change a member's name, roles and manager; it holds from the member's next request on."""
    uow.actor.must(WRITE_MEMBERS)
    member = locked_member(uow, member_id)
    if expected_version is not None and member.version != expected_version:
        raise StaleWrite(expected_version, member.version)
    member.name = read_name(name)
    member.name_folded = member.name.casefold()
    _report_to(uow, member, manager_id)
    assign_roles(uow, member, role_keys)
    uow.emit(MemberChanged(member.id, sorted(role_keys)))
    uow.record("members.change", Subject("member", member.id, member.version))
    return member


def deactivate(
    uow: UnitOfWork,
    member_id: str,
    reason: str | None = None,
    *,
    expected_version: int | None = None,
) -> Member:
    """Shut a member out at once: sessions end, mailed links stop; what they did stays theirs.

    Repeating it changes nothing.
    """
    uow.actor.must(WRITE_MEMBERS)
    member = locked_member(uow, member_id)
    if expected_version is not None and member.version != expected_version:
        raise StaleWrite(expected_version, member.version)
    if member.status == "deactivated":
        return member
    member.status, member.deactivated_at = "deactivated", uow.now
    keep_an_administrator(uow)
    sessions.end_all(uow, member.id, "member deactivated")
    links.spend_all(uow, member.id)
    uow.emit(MemberDeactivated(member.id))
    uow.record("members.deactivate", Subject("member", member.id, member.version), reason=reason)
    return member


def reactivate(uow: UnitOfWork, member_id: str) -> Member:
    """Let a member in again with the roles held before; who has no password is invited anew."""
    uow.actor.must(WRITE_MEMBERS)
    member = locked_member(uow, member_id)
    if member.status != "deactivated":
        raise NotInThatState(member.status)
    # What the roles allow may have grown meanwhile: giving them back is giving them.
    assign_roles(uow, member, rights_of(uow, member.id)[0])
    has_password = credentials.has_password(uow, member.id)
    member.status, member.deactivated_at = ("active" if has_password else "invited"), None
    if not has_password:
        _mail_invitation(uow, member)
    uow.emit(MemberReactivated(member.id))
    uow.record("members.reactivate", Subject("member", member.id, member.version))
    return member


def prefer(
    uow: UnitOfWork,
    *,
    theme: str | None = None,
    density: str | None = None,
    single_keys: bool | None = None,
    locale: str | None = None,
) -> Member:
    """Keep how the acting member wants pages shown; what is not named stays.

    `locale` is a language with or without a region; empty, it is again the company's.
    """
    member = locked_member(uow, uow.actor.id)
    faults = []
    if theme not in (None, "system", "light", "dark"):
        faults.append(Fault("/theme", "members.theme", "Choose system, light or dark."))
    if density not in (None, "standard", "compact", "comfortable"):
        faults.append(Fault("/density", "members.density", "Choose one of the densities."))
    if locale and not _LOCALE.fullmatch(locale):
        faults.append(Fault("/locale", "members.locale", "Choose one of the languages."))
    if faults:
        raise Invalid(tuple(faults))
    member.theme = theme or member.theme
    member.density = density or member.density
    member.single_keys = member.single_keys if single_keys is None else single_keys
    member.locale = member.locale if locale is None else locale or None
    uow.record("members.prefer", Subject("member", member.id, member.version))
    return member


def dismiss_first_steps(uow: UnitOfWork) -> None:
    """Put the checklist of a new account away for the acting member; once is enough."""
    member = locked_member(uow, uow.actor.id)
    if member.first_steps_dismissed_at is None:
        member.first_steps_dismissed_at = uow.real_now
    uow.record("members.dismiss_first_steps", Subject("member", member.id, member.version))


def locked_member(uow: UnitOfWork, member_id: str) -> Member:
    """Return a member under lock; NotFound where the tenant has none by this id."""
    member = uow.session.scalar(
        select(Member)
        .where(Member.id == member_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if member is None:
        raise NotFound("member", member_id)
    return member


def read_email(text: str) -> str:
    """Return an address that mail can be sent to, or raise Invalid."""
    email = text.strip()
    if len(email) > EMAIL_LENGTH_MAX or not _EMAIL.match(email) or not email.isprintable():
        sentence = "Enter an e-mail address, such as ana@acme.example."
        raise Invalid((Fault("/email", "members.email", sentence),))
    return email


def read_name(text: str) -> str:
    """Return a name that can be shown on one line, or raise Invalid."""
    name = " ".join(text.split())
    if not name or len(name) > NAME_LENGTH_MAX or not name.isprintable():
        sentence = f"Enter a name of at most {NAME_LENGTH_MAX} characters."
        raise Invalid((Fault("/name", "members.name", sentence),))
    return name


def _new_member(uow: UnitOfWork, email: str, name: str) -> Member:
    return Member(
        tenant_id=uow.tenant_id,
        id=uow.new_id("mem"),
        email=email,
        email_folded=email.casefold(),
        name=name,
        name_folded=name.casefold(),
        status="invited",
        theme="system",
        density="standard",
        single_keys=True,
        created_at=uow.now,
    )


def _report_to(uow: UnitOfWork, member: Member, manager_id: str | None) -> None:
    """Set whom a member reports to; a circle would leave an approval without an end."""
    above = manager_id
    for _level in range(REPORTING_LEVELS_MAX):
        if above is None:
            break
        if above == member.id:
            raise ReportsInACircle
        row = uow.session.execute(
            # Locked, so that two changes at once cannot close a circle between them.
            select(Member.id, Member.manager_id)
            .where(Member.id == above)
            .with_for_update(read=True)
        ).one_or_none()
        if row is None:
            raise Invalid(
                (Fault("/manager", "members.manager_unknown", "Choose somebody who is a member."),)
            )
        above = row.manager_id
    else:
        raise ReportsInACircle
    member.manager_id = manager_id


def _mail_invitation(uow: UnitOfWork, member: Member) -> None:
    token = links.make(uow, member.id, "invitation")
    tenant = uow.session.scalars(select(Tenant).where(Tenant.id == uow.tenant_id)).one()
    messages = uow.ports.messages
    assert messages is not None, "the front door fills the messages port"
    inviter = ActorId(uow.actor.id)
    directory = uow.ports.directory
    assert directory is not None, "the front door fills the directory port"
    messages.send(
        uow,
        to=member.email,
        template="invitation",
        facts={
            "name": member.name,
            "tenant": tenant.name,
            "slug": tenant.slug,
            "inviter": directory.name_of(uow, inviter),
            "token": token,
        },
    )
