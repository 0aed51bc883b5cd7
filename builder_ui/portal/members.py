"""Pages of members: the list, an invitation, one member with roles, manager and standing."""

from flask import Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from builder_ui.portal.framing import go_to, page_for
from builder_ui.portal.lists import list_page, serve_list
from builder_ui.portal.member_list import MEMBERS, STATUSES
from builder_ui.portal.refused import refused_form, version_in
from builder_ui.portal.rooms import portal_room, root
from builder_ui.shell.form_state import FormState
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from kernel.access import Permission
from kernel.errors import Fault, Invalid, Refusal
from kernel.uow import UnitOfWork
from tenants import access, members
from tenants.identity import sessions
from tenants.member_queries import MemberQuery, MemberView, find_members, member_view
from tenants.tables import Member
from web.access import requires
from web.request import current_actor, current_unit_of_work

NAV = (
    NavEntry(
        "Administration", _("Members"), "members", "people", "members:read", keys="g m", rank=10
    ),
)

SUGGESTIONS_MAX = 10
_READ_AUDIT = Permission("audit:read")

_TOLD = {
    "invited": _("The invitation is on its way."),
    "changed": _("The member was changed. It holds from their next click on."),
    "deactivated": _("The member was deactivated, and every session of theirs has ended."),
    "reactivated": _("The member can sign in again."),
    "sessions-ended": _("Every session of this member has ended."),
}

member_pages = portal_room("members", "members")


def list_members() -> ResponseReturnValue:
    """Show members, and let who may invite more."""
    may_write = current_actor().may(members.WRITE_MEMBERS)
    return list_page(MEMBERS, _TOLD, template="portal/members.html", may_write=may_write)


serve_list(member_pages, MEMBERS, "members:read", show=list_members)


@member_pages.get("/new")
@requires("members:write")
def show_invitation() -> ResponseReturnValue:
    """Ask whom to invite."""
    return _invitation_page(FormState())


@member_pages.post("")
@requires("members:write")
def invite() -> ResponseReturnValue:
    """Invite somebody."""
    form = request.form
    try:
        with current_unit_of_work() as uow:
            member = members.invite(
                uow,
                form.get("email", ""),
                form.get("name", ""),
                form.getlist("roles"),
                _manager_id(uow, form.get("manager", "")),
            )
    except Refusal as refusal:
        return _invitation_page(*refused_form(form, refusal, several=("roles",)))
    return go_to(f"{root()}/members/{member.id}", "invited")


@member_pages.get("/suggestions")
@requires("members:read")
def suggest() -> Response:
    """Answer a field that asks for a member: address, name and roles of the first ten."""
    text = request.args.get("q", "").strip()[:100]
    with current_unit_of_work() as uow:
        found, _more = find_members(
            uow, MemberQuery(text=text, status="active"), limit=SUGGESTIONS_MAX
        )
    return jsonify(
        [
            {"value": each.email, "label": each.name, "hint": f"{each.email} {_words(each)}"}
            for each in found
        ]
    )


@member_pages.get("/<member_id>")
@requires("members:read")
def show_member(member_id: str) -> ResponseReturnValue:
    """Show one member."""
    return _member_page(member_id)


@member_pages.post("/<member_id>")
@requires("members:write")
def change(member_id: str) -> ResponseReturnValue:
    """Change name, roles and manager."""
    form = request.form
    try:
        with current_unit_of_work() as uow:
            members.change(
                uow,
                member_id,
                name=form.get("name", ""),
                role_keys=form.getlist("roles"),
                manager_id=_manager_id(uow, form.get("manager", "")),
                expected_version=version_in(form),
            )
    except Refusal as refusal:
        return _member_page(member_id, *refused_form(form, refusal, several=("roles",)))
    return go_to(f"{root()}/members/{member_id}", "changed")


@member_pages.post("/<member_id>/deactivation")
@requires("members:write")
def deactivate(member_id: str) -> ResponseReturnValue:
    """Shut a member out."""
    return _done(member_id, "deactivated")


@member_pages.post("/<member_id>/reactivation")
@requires("members:write")
def reactivate(member_id: str) -> ResponseReturnValue:
    """Let a member in again."""
    return _done(member_id, "reactivated")


@member_pages.post("/<member_id>/invitation")
@requires("members:write")
def invite_again(member_id: str) -> ResponseReturnValue:
    """Mail a new invitation."""
    return _done(member_id, "invited")


@member_pages.post("/<member_id>/sessions-end")
@requires("members:write")
def end_sessions(member_id: str) -> ResponseReturnValue:
    """End every session of a member."""
    return _done(member_id, "sessions-ended")


def _done(member_id: str, told: str) -> ResponseReturnValue:
    with current_unit_of_work() as uow:
        if told == "deactivated":
            members.deactivate(uow, member_id)
        elif told == "reactivated":
            members.reactivate(uow, member_id)
        elif told == "invited":
            members.invite_again(uow, member_id)
        else:
            sessions.end_sessions_of(uow, member_id)
    return go_to(f"{root()}/members/{member_id}", told)


def _invitation_page(form: FormState, status: int = 200) -> ResponseReturnValue:
    with current_unit_of_work() as uow:
        choices = _role_explanations(uow)
    page = page_for(_("Invite a member"), Crumb(_("Members"), f"{root()}/members"))
    body = render_page(
        "portal/member_new.html",
        page,
        form=form,
        roles=choices,
        action=f"{root()}/members",
        suggestions=url_for("portal_members.suggest"),
    )
    return body, status


def _member_page(
    member_id: str, form: FormState | None = None, status: int = 200
) -> ResponseReturnValue:
    with current_unit_of_work() as uow:
        member = member_view(uow, member_id)
        manager = uow.session.get(Member, (uow.tenant_id, member.manager_id or ""))
        filled = form or FormState(
            {
                "name": member.name,
                "roles": member.roles,
                "manager": manager.email if manager is not None else "",
                "version": member.version,
            }
        )
        roles = _role_explanations(uow)
    body = render_page(
        "portal/member.html",
        page_for(member.name, Crumb(_("Members"), f"{root()}/members"), told=_TOLD),
        member=member,
        form=filled,
        roles=roles,
        manager_name=manager.name if manager is not None else None,
        status=STATUSES[member.status],
        may_write=current_actor().may(members.WRITE_MEMBERS),
        may_audit=current_actor().may(_READ_AUDIT),
        action=f"{root()}/members/{member_id}",
        suggestions=url_for("portal_members.suggest"),
        root=root(),
    )
    return body, status


def _manager_id(uow: UnitOfWork, email: str) -> str | None:
    """Find the manager whose address was entered; nothing entered is nobody."""
    folded = email.strip().casefold()
    if not folded:
        return None
    found = uow.session.scalar(
        select(Member.id).where(Member.email_folded == folded, Member.status == "active")
    )
    if found is None:
        sentence = _("Enter the e-mail address of an active member, or nothing.")
        raise Invalid((Fault("/manager", "members.manager_unknown", sentence),))
    return found


def _role_explanations(uow: UnitOfWork) -> list[tuple[str, str, str]]:
    return [(role.key, role.name, role.description) for role, _members in access.roles(uow)]


def _words(member: MemberView) -> str:
    return ", ".join(member.roles).replace("_", " ")
