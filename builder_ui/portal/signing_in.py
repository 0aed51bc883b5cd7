"""Pages before anybody is known: sign-in, forgotten password, and the links that mails hold."""

from flask import Blueprint, Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from builder_ui.portal.cookies import forget_session, keep_session
from builder_ui.portal.framing import go_to, stranger_page
from builder_ui.portal.refused import refused_form
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.visits import arrive, browser
from builder_ui.shell.form_state import FormState
from builder_ui.shell.page import Notice, Page
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from kernel.access import Actor
from kernel.errors import Fault, Invalid, Refusal
from kernel.tenancy import Tenant
from kernel.uow import UnitOfWork
from tenants.identity import signing_in as identity
from tenants.identity.hashing import Hasher
from tenants.identity.links import Purpose
from web.access import public, signed_in
from web.request import current_runtime, current_unit_of_work, tenant_named, unit_of_work_as

HASHER = "wareflow_hasher"
EMAIL_LENGTH_MAX = 254
PASSWORD_LENGTH_MAX = 1000

sign_in_pages = portal_room("sign_in")

_TOLD = {
    "signed-out": _("You are signed out."),
    "asked": _(
        "If the address belongs to a member, a link to choose a new password is on its way."
    ),
}


def blueprint() -> Blueprint:
    """Return the pages of this file."""
    return sign_in_pages


@sign_in_pages.get("/sign-in")
@public()
def show_sign_in() -> ResponseReturnValue:
    """Ask for address and password; who is signed in already goes on."""
    if arrive() is not None:
        return go_to(_next())
    return _sign_in_page(FormState({"next": request.args.get("next", "")}))


@sign_in_pages.post("/sign-in")
@public()
def sign_in() -> ResponseReturnValue:
    """Start a session, in place of the one the browser may have had."""
    email = request.form.get("email", "")[:EMAIL_LENGTH_MAX]
    password = request.form.get("password", "")[:PASSWORD_LENGTH_MAX]
    try:
        token = identity.sign_in(_open, hasher(), email, password, browser())
    except Refusal as refusal:
        form, status = refused_form(request.form, refusal)
        return _sign_in_page(form, status, refusal)
    if arrive() is not None:
        with current_unit_of_work() as uow:
            identity.sign_out(uow)
    return keep_session(go_to(_next()), current_runtime().config, token)


@sign_in_pages.post("/sign-out")
@signed_in()
def sign_out() -> ResponseReturnValue:
    """End the session here and in every process."""
    visit = arrive()
    assert visit is not None, "signed_in() lets nobody else in"
    with unit_of_work_as(visit.tenant_id, visit.actor, standing="any") as uow:
        identity.sign_out(uow)
    return forget_session(go_to(f"{root()}/sign-in", "signed-out"), current_runtime().config)


@sign_in_pages.get("/reset")
@public()
def show_reset() -> ResponseReturnValue:
    """Ask whose password is forgotten."""
    return _reset_page(FormState())


@sign_in_pages.post("/reset")
@public()
def ask_for_reset() -> ResponseReturnValue:
    """Mail a link, or nothing; the answer is the same (ID-10)."""
    email = request.form.get("email", "")[:EMAIL_LENGTH_MAX]
    try:
        if "@" not in email:
            sentence = _("Enter the e-mail address you sign in with.")
            raise Invalid((Fault("/email", "identity.email", sentence),))
        identity.ask_for_reset(_open, email, browser())
    except Refusal as refusal:
        return _reset_page(*refused_form(request.form, refusal))
    return go_to(f"{root()}/sign-in", "asked")


@sign_in_pages.get("/invite/<token>")
@public()
def show_invitation(token: str) -> ResponseReturnValue:
    """Greet who was invited and ask for a password."""
    return _password_page("invitation", token, FormState())


@sign_in_pages.post("/invite/<token>")
@public()
def accept_invitation(token: str) -> ResponseReturnValue:
    """Let the invited member in."""
    return _choose_password("invitation", token)


@sign_in_pages.get("/reset/<token>")
@public()
def show_new_password(token: str) -> ResponseReturnValue:
    """Ask for a new password."""
    return _password_page("password_reset", token, FormState())


@sign_in_pages.post("/reset/<token>")
@public()
def choose_new_password(token: str) -> ResponseReturnValue:
    """Keep the new password, end every session, and go in with a new one."""
    return _choose_password("password_reset", token)


def hasher() -> Hasher:
    """Return the one hasher of this process, whose semaphore limits all of its sign-ins."""
    shared: Hasher = current_app.extensions[HASHER]
    return shared


def _open(actor: Actor) -> UnitOfWork:
    return unit_of_work_as(tenant_named(g.slug), actor, standing="any")


def _choose_password(purpose: Purpose, token: str) -> ResponseReturnValue:
    password = request.form.get("password", "")[:PASSWORD_LENGTH_MAX]
    try:
        if password != request.form.get("again", "")[:PASSWORD_LENGTH_MAX]:
            sentence = _("The two passwords are not the same: type it once more in both.")
            raise Invalid((Fault("/again", "identity.password_again", sentence),))
        session = identity.choose_password(_open, hasher(), purpose, token, password, browser())
    except Invalid as refusal:
        return _password_page(purpose, token, *refused_form(request.form, refusal))
    return keep_session(go_to(f"{root()}/"), current_runtime().config, session)


def _sign_in_page(
    form: FormState, status: int = 200, refusal: Refusal | None = None
) -> ResponseReturnValue:
    page = _page(_("Sign in"))
    body = render_page("portal/sign_in.html", page, form=form, root=root())
    return _answer(body, status, refusal)


def _reset_page(form: FormState, status: int = 200) -> ResponseReturnValue:
    body = render_page(
        "portal/reset.html", _page(_("Choose a new password")), form=form, root=root()
    )
    return _answer(body, status)


def _password_page(
    purpose: Purpose, token: str, form: FormState, status: int = 200
) -> ResponseReturnValue:
    with _open(identity.DOORKEEPER) as uow:
        member = identity.member_of_link(uow, token, purpose)
        name, email = member.name, member.email
    is_invited = purpose == "invitation"
    body = render_page(
        "portal/choose_password.html",
        _page(_("Welcome, %(name)s", name=name) if is_invited else _("Choose a new password")),
        form=form,
        email=email,
        is_invited=is_invited,
        action=request.path,
    )
    return _answer(body, status)


def _page(title: str) -> Page:
    with _open(identity.DOORKEEPER) as uow:
        name = uow.session.scalars(select(Tenant.name).where(Tenant.id == uow.tenant_id)).one()
    sentence = _TOLD.get(request.args.get("told", ""))
    return stranger_page(title, g.slug, name, *([Notice(sentence)] if sentence else []))


def _answer(body: str, status: int, refusal: Refusal | None = None) -> Response:
    response = make_response(body, status)
    wait = getattr(refusal, "retry_after_seconds", None)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def _next() -> str:
    """Return where a person wanted to go: a page of this very tenant, never another site."""
    wanted = request.values.get("next", "")
    start = f"{root()}/"
    is_ours = wanted.startswith(start) and wanted.isprintable() and "\\" not in wanted
    return wanted if is_ours and "//" not in wanted.split("?")[0] else start
