"""Pages of the person who is signed in: preferences, password, and where they are signed in."""

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.cookies import keep_session
from builder_ui.portal.framing import current_visit, go_to, page_for
from builder_ui.portal.refused import refused_form
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.signing_in import PASSWORD_LENGTH_MAX, hasher
from builder_ui.portal.visits import browser, languages
from builder_ui.shell.form_state import FormState
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from kernel.access import Actor
from kernel.errors import Fault, Invalid, Refusal
from kernel.uow import UnitOfWork
from tenants import members
from tenants.identity import sessions
from tenants.identity import signing_in as identity
from web.access import signed_in
from web.request import current_runtime, current_unit_of_work, unit_of_work_as

DENSITIES = (
    ("standard", _("Standard")),
    ("compact", _("Compact")),
    ("comfortable", _("Comfortable")),
)
_TOLD = {
    "kept": _("Your preferences are kept."),
    "password-changed": _("Your password was changed, and every other session of yours has ended."),
    "session-ended": _("The session has ended."),
    "sessions-ended": _("Every other session of yours has ended."),
}

my_pages = portal_room("me", "me")


@my_pages.get("")
@signed_in()
def show_me() -> ResponseReturnValue:
    """Show one's preferences and sessions."""
    return _page()


@my_pages.post("/preferences")
@signed_in()
def prefer() -> ResponseReturnValue:
    """Keep how pages are shown."""
    form = request.form
    try:
        with current_unit_of_work() as uow:
            members.prefer(
                uow,
                density=form.get("density"),
                single_keys=form.get("single_keys") == "yes",
                locale=_locale(form.get("locale")),
            )
    except Refusal as refusal:
        state, status = refused_form(form, refusal)
        return _page(preferences=state, status=status)
    return go_to(f"{root()}/me", "kept")


@my_pages.post("/first-steps/dismissal")
@signed_in()
def dismiss_first_steps() -> ResponseReturnValue:
    """Put the checklist of a new account away."""
    with current_unit_of_work() as uow:
        members.dismiss_first_steps(uow)
    return go_to(f"{root()}/tasks")


@my_pages.post("/theme")
@signed_in()
def choose_theme() -> ResponseReturnValue:
    """Keep light, dark, or as the device has it."""
    with current_unit_of_work() as uow:
        members.prefer(uow, theme=request.form.get("theme", ""))
    return go_to(f"{root()}/me", "kept")


@my_pages.post("/password")
@signed_in()
def change_password() -> ResponseReturnValue:
    """Change one's password; this browser goes on with a new session."""
    form = request.form
    new = form.get("password", "")[:PASSWORD_LENGTH_MAX]
    try:
        if new != form.get("again", "")[:PASSWORD_LENGTH_MAX]:
            sentence = _("The two passwords are not the same: type it once more in both.")
            raise Invalid((Fault("/again", "identity.password_again", sentence),))
        old = form.get("old", "")[:PASSWORD_LENGTH_MAX]
        actor = current_visit().actor
        token = identity.change_password(_open, hasher(), actor, old, new, browser())
    except Refusal as refusal:
        state, status = refused_form(form, refusal)
        return _page(password=state, status=status)
    return keep_session(go_to(f"{root()}/me", "password-changed"), current_runtime().config, token)


@my_pages.post("/sessions/<session_id>/end")
@signed_in()
def end_session(session_id: str) -> ResponseReturnValue:
    """End one of one's own sessions."""
    with current_unit_of_work() as uow:
        sessions.end(uow, session_id, "ended by its owner")
    return go_to(f"{root()}/me", "session-ended")


@my_pages.post("/sessions/end-others")
@signed_in()
def end_other_sessions() -> ResponseReturnValue:
    """End every session but this one."""
    with current_unit_of_work() as uow:
        sessions.end_others(uow)
    return go_to(f"{root()}/me", "sessions-ended")


def _open(actor: Actor) -> UnitOfWork:
    return unit_of_work_as(current_visit().tenant_id, actor)


def _locale(chosen: str | None) -> str | None:
    """Return a language of those that are offered; "" is the company's, None leaves it."""
    if chosen and chosen not in dict(languages().offered()):
        sentence = _("Choose one of the languages.")
        raise Invalid((Fault("/locale", "members.locale", sentence),))
    return chosen


def _page(
    *,
    preferences: FormState | None = None,
    password: FormState | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    visit = current_visit()
    with current_unit_of_work() as uow:
        own = sessions.sessions_of(uow, visit.actor.id)
    viewer = visit.viewer
    filled = {
        "density": viewer.density,
        "single_keys": "yes" if viewer.single_key_shortcuts else "",
        "locale": visit.locale or "",
    }
    body = render_page(
        "portal/me.html",
        page_for(_("Profile and preferences"), told=_TOLD),
        preferences=preferences or FormState(filled),
        password=password or FormState(),
        densities=DENSITIES,
        locales=languages().offered(),
        sessions=own,
        this_session=visit.actor.session_id,
        networks={
            "loopback": _("this very machine"),
            "private": _("a private network"),
            "public": _("the internet"),
        },
        roles=sorted(role.replace("_", " ") for role in visit.actor.roles),
        root=root(),
    )
    return body, status
