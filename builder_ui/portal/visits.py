"""Who looks at the portal right now: read once per request from the session, with all rights."""

import ipaddress
from dataclasses import dataclass

from flask import current_app, g, request
from sqlalchemy import select

from builder_ui.portal.cookies import session_token
from builder_ui.portal.stream.reading import newest_place
from builder_ui.portal.stream.words import spell
from builder_ui.shell.formats import Formats
from builder_ui.shell.languages import Languages
from builder_ui.shell.page import Viewer
from kernel.access import Actor
from kernel.ids import TenantId
from kernel.tenancy import Tenant
from kernel.uow import UnitOfWork
from tenants.identity.sessions import actor_of_session
from tenants.identity.signing_in import DOORKEEPER, Browser
from tenants.settings import display_of
from tenants.tables import Member
from web.request import current_runtime, tenant_named, unit_of_work_as

PORTAL_PREFIX = "/t/"
LANGUAGES = "wareflow_languages"
UNATTENDED = "Wareflow-Unattended"
"""A header of what a page asks by itself: it does not keep a session from ending idle."""

_PROGRAMS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
    ("Safari/", "Safari"), ("curl/", "curl"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """A signed-in person in one tenant's portal, as the shell shows them."""

    slug: str
    tenant_id: TenantId
    tenant_name: str
    tenant_status: str
    actor: Actor
    viewer: Viewer
    formats: Formats
    place: str
    """Where the stream of events stood before anything else was read."""
    locale: str | None = None
    """The language and region that the person chose; None where it is the company's."""

    @property
    def root(self) -> str:
        """The start of every address of this tenant."""
        return f"{PORTAL_PREFIX}{self.slug}"


def slug_in(path: str) -> str | None:
    """Return the tenant's slug in a path of the portal, or None where it has none."""
    if not path.startswith(PORTAL_PREFIX):
        return None
    return path.removeprefix(PORTAL_PREFIX).split("/", 1)[0] or None


def arrive() -> Visit | None:
    """Read the visit of this request from its cookie, once; None for a stranger."""
    if "visit" not in g:
        g.language = languages().wished(request.accept_languages.best_match)
        g.visit = _read()
    visit: Visit | None = g.visit
    return visit


def languages() -> Languages:
    """Return the languages of this installation."""
    spoken: Languages = current_app.extensions[LANGUAGES]
    return spoken


def browser() -> Browser:
    """Return where this request comes from, as sessions and limits to guessing know it."""
    address = request.remote_addr or ""
    return Browser(address, network_class(address), device_name(request.user_agent.string))


def network_class(address: str) -> str:
    """Return what kind of network an address belongs to: evidence without the address itself."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if read.is_loopback:
        return "loopback"
    return "private" if read.is_private else "public"


def device_name(user_agent: str) -> str:
    """Return words by which a person recognises their own browser."""
    program = next((name for mark, name in _PROGRAMS if mark in user_agent), "Unknown browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    return f"{program} on {system}" if system else program


def _read() -> Visit | None:
    slug = slug_in(request.path)
    if slug is None:
        return None
    tenant_id = tenant_named(slug)
    token = session_token(request, current_runtime().config)
    if token is None:
        return None
    with unit_of_work_as(tenant_id, DOORKEEPER, standing="any") as uow:
        actor = actor_of_session(uow, token, is_attended=_is_attended())
        return None if actor is None else _visit(uow, slug, actor, spell(newest_place(uow)))


def _is_attended() -> bool:
    """Tell whether a person may be behind this request, rather than a page left open alone."""
    is_stream = request.path.startswith(f"{PORTAL_PREFIX}{slug_in(request.path)}/stream")
    return not is_stream and UNATTENDED not in request.headers


def _visit(uow: UnitOfWork, slug: str, actor: Actor, place: str) -> Visit:
    tenant = uow.session.scalars(select(Tenant).where(Tenant.id == uow.tenant_id)).one()
    member = uow.session.get_one(Member, (uow.tenant_id, actor.id))
    display = display_of(uow)
    viewer = Viewer(
        name=member.name,
        email=member.email,
        theme=member.theme,  # type: ignore[arg-type] # The table's own check keeps it to three.
        density=member.density,  # type: ignore[arg-type] # As above.
        single_key_shortcuts=member.single_keys,
    )
    g.language = languages().of(member.locale or display.locale)
    formats = Formats(g.language.formats, display.time_zone or tenant.time_zone)
    return Visit(
        slug,
        uow.tenant_id,
        tenant.name,
        tenant.status,
        actor,
        viewer,
        formats,
        place,
        member.locale,
    )
