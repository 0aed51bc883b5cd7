"""Pages of API clients: which there are, what each may do, and secrets that are shown once."""

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import current_visit, go_to, page_for
from builder_ui.portal.refused import refused_form
from builder_ui.portal.roles import permission_areas
from builder_ui.portal.rooms import portal_room, root
from builder_ui.shell.form_state import FormState
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from kernel.access import Permission
from kernel.errors import Refusal
from tenants.identity import clients
from tenants.identity.client_queries import ClientView, client_view, list_clients
from tenants.identity.clients import NewSecret
from web.access import requires
from web.request import current_actor, current_runtime, current_unit_of_work

NAV = (
    NavEntry("Administration", _("API clients"), "api-clients", "lock", "settings:read", rank=45),
)

COLUMNS = (
    Column("name", _("Client")),
    Column("scopes", _("Scopes"), on_phone=False),
    Column("status", _("Status")),
    Column("used_at", _("Last used")),
)
STATUSES = {"active": _("Active"), "suspended": _("Suspended")}
TONES = {"active": "ok", "suspended": "warn"}
ROWS_PER_PAGE = 50

_TOLD = {
    "scopes-changed": _("The scopes were changed. Tokens with the old ones end at their next use."),
    "revoked": _("The older secret no longer works."),
    "suspended": _("The client was suspended: its tokens are refused from now on."),
    "resumed": _("The client can act again, with the scopes and secrets it had."),
}

client_pages = portal_room("api_clients", "api-clients")


@client_pages.get("")
@requires("settings:read")
def show_all() -> ResponseReturnValue:
    """Show the clients, the newest first."""
    listing = Listing.read(request.path, request.args, sorts=("-created_at",))
    cursors, asked = current_runtime().cursors, {"list": "api-clients"}
    with current_unit_of_work() as uow:
        after = cursors.read(uow.tenant_id, asked, listing.cursor) if listing.cursor else None
        rows, following = list_clients(uow, after=after, limit=ROWS_PER_PAGE)
        cursor = cursors.write(uow.tenant_id, asked, following) if following else None
    return render_page(
        "portal/api_clients.html",
        page_for(_("API clients"), told=_TOLD),
        listing=listing,
        columns=COLUMNS,
        rows=rows,
        statuses=STATUSES,
        tones=TONES,
        shown=_("%(rows)s clients", rows=len(rows)) if len(rows) != 1 else "1 client",
        next_href=listing.page_href(cursor) if cursor else None,
        may_write=_may_write(),
        root=root(),
    )


@client_pages.get("/new")
@requires("settings:write")
def show_new() -> ResponseReturnValue:
    """Ask what a new client is called and may do."""
    return _new_page(FormState())


@client_pages.post("")
@requires("settings:write")
def create() -> ResponseReturnValue:
    """Create a client, and show its secret this once."""
    form = request.form
    try:
        with current_unit_of_work() as uow:
            made = clients.create_client(uow, form.get("name", ""), form.getlist("scopes"))
    except Refusal as refusal:
        return _new_page(*refused_form(form, refusal, several=("scopes",)))
    return _secret_page(made)


@client_pages.get("/<client_id>")
@requires("settings:read")
def show(client_id: str) -> ResponseReturnValue:
    """Show one client with its scopes and secrets."""
    return _client_page(client_id)


@client_pages.post("/<client_id>/scopes")
@requires("settings:write")
def change_scopes(client_id: str) -> ResponseReturnValue:
    """Replace what a client may do."""
    form = request.form
    try:
        with current_unit_of_work() as uow:
            clients.change_scopes(
                uow, client_id, form.getlist("scopes"), expected_grant_id=form.get("grant")
            )
    except Refusal as refusal:
        return _client_page(client_id, *refused_form(form, refusal, several=("scopes",)))
    return _back(client_id, "scopes-changed")


@client_pages.post("/<client_id>/secrets")
@requires("settings:write")
def add_secret(client_id: str) -> ResponseReturnValue:
    """Give a client a second secret, and show it this once; the first works on."""
    with current_unit_of_work() as uow:
        made = clients.add_secret(uow, client_id)
    return _secret_page(made)


@client_pages.post("/<client_id>/older-secret/revocation")
@requires("settings:write")
def revoke_older(client_id: str) -> ResponseReturnValue:
    """End the older of two secrets."""
    with current_unit_of_work() as uow:
        clients.revoke_oldest_secret(uow, client_id)
    return _back(client_id, "revoked")


@client_pages.post("/<client_id>/suspension")
@requires("settings:write")
def suspend(client_id: str) -> ResponseReturnValue:
    """Stop a client."""
    with current_unit_of_work() as uow:
        clients.suspend_client(uow, client_id)
    return _back(client_id, "suspended")


@client_pages.post("/<client_id>/resumption")
@requires("settings:write")
def resume(client_id: str) -> ResponseReturnValue:
    """Let a suspended client act again."""
    with current_unit_of_work() as uow:
        clients.resume_client(uow, client_id)
    return _back(client_id, "resumed")


def _client_page(
    client_id: str, form: FormState | None = None, status: int = 200
) -> ResponseReturnValue:
    with current_unit_of_work() as uow:
        client = client_view(uow, client_id)
    body = render_page(
        "portal/api_client.html",
        page_for(client.name, Crumb(_("API clients"), f"{root()}/api-clients"), told=_TOLD),
        client=client,
        form=form or _filled(client),
        areas=permission_areas(),
        grantable=_grantable(),
        statuses=STATUSES,
        tones=TONES,
        may_write=_may_write(),
        may_audit=current_actor().may(Permission("audit:read")),
        secrets_max=clients.SECRETS_MAX,
        action=f"{root()}/api-clients/{client.id}",
        root=root(),
    )
    return body, status


def _new_page(form: FormState, status: int = 200) -> ResponseReturnValue:
    body = render_page(
        "portal/api_client_new.html",
        page_for(_("New API client"), Crumb(_("API clients"), f"{root()}/api-clients")),
        form=form,
        areas=permission_areas(),
        grantable=_grantable(),
        action=f"{root()}/api-clients",
    )
    return body, status


def _secret_page(made: NewSecret) -> ResponseReturnValue:
    """Show what is kept nowhere: no redirect, because it would have to carry the secret."""
    body = render_page(
        "portal/api_client_secret.html",
        page_for(_("The secret, this once"), Crumb(_("API clients"), f"{root()}/api-clients")),
        made=made,
        token_address=f"{current_runtime().config.public_url}/t/{current_visit().slug}/oauth/token",
        back=f"{root()}/api-clients/{made.client_id}",
    )
    return body, 201


def _filled(client: ClientView) -> FormState:
    return FormState({"scopes": client.scopes, "grant": client.grant_id})


def _grantable() -> frozenset[str]:
    """Return the scopes that this person holds: nobody grants what they do not have."""
    return frozenset(str(each) for each in current_actor().permissions)


def _may_write() -> bool:
    return current_actor().may(clients.MAY_ADMINISTER)


def _back(client_id: str, told: str) -> ResponseReturnValue:
    return go_to(f"{root()}/api-clients/{client_id}", told)
