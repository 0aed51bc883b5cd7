"""Where a visit begins: the front page that asks for the company, and a tenant's first page."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import go_to, page_for, stranger_links
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.visits import PORTAL_PREFIX
from builder_ui.shell.form_state import FormState
from builder_ui.shell.page import Page
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from kernel.errors import NotFound
from web.access import public, signed_in
from web.request import tenant_named

front = Blueprint("front", __name__)
home_pages = portal_room("home")


@front.get("/")
@public()
def ask_for_company() -> ResponseReturnValue:
    """Ask for the company's short name and lead to its sign-in."""
    slug = request.args.get("company", "").strip().lower()
    if not slug:
        return _company_page(FormState())
    try:
        tenant_named(slug)
    except NotFound:
        sentence = _("There is no company with this short name. It stands in your invitation.")
        return _company_page(FormState.returned({"company": slug}, {"company": [sentence]}), 422)
    return go_to(f"{PORTAL_PREFIX}{slug}/sign-in")


@home_pages.get("/")
@signed_in()
def go_home() -> ResponseReturnValue:
    """Lead to the first page that this person may open."""
    first = next((link for section in page_for(_("Home")).nav for link in section.links), None)
    return go_to(first.href if first is not None else f"{root()}/me")


def _company_page(form: FormState, status: int = 200) -> ResponseReturnValue:
    page = Page(_("Welcome to Wareflow"), stranger_links(None))
    return render_page("portal/company.html", page, form=form), status
