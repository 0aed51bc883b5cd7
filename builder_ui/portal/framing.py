"""The shell around a portal page: navigation, breadcrumb, notices and formats of who looks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response, current_app, make_response, redirect, request

from builder_ui.portal.help_texts import help_of
from builder_ui.portal.visits import PORTAL_PREFIX, Visit, arrive
from builder_ui.shell.navigation import Navigation
from builder_ui.shell.page import Crumb, LiveStream, Notice, Page, ShellLinks
from builder_ui.shell.words import _
from kernel.access import Permission
from kernel.errors import Unauthenticated
from kernel.uow import UnitOfWork
from tenants.notifications.reading import unread as unread_notifications
from web.request import unit_of_work_as

NAVIGATION = "wareflow_navigation"
NAV_COUNTS = "wareflow_nav_counts"
TOLD = "told"


@dataclass(frozen=True)
class NavCount:
    """How much waits behind an entry of the navigation, for whoever may see it."""

    path: str
    permission: Permission
    count: Callable[[UnitOfWork], int]


def current_visit() -> Visit:
    """Return who looks; Unauthenticated for a stranger."""
    visit = arrive()
    if visit is None:
        raise Unauthenticated
    return visit


def page_for(title: str, *crumbs: Crumb, told: Mapping[str, str] | None = None) -> Page:
    """Return the shell of a page for whoever is signed in.

    `told` maps what a redirect put into `?told=` to the sentence that says it; anything else in
    the address says nothing.
    """
    visit = current_visit()
    navigation: Navigation = current_app.extensions[NAVIGATION]
    counts, unread = _waiting(visit)
    return Page(
        title=title,
        links=ShellLinks(
            home=f"{visit.root}/",
            notifications=f"{visit.root}/notifications",
            search=f"{visit.root}/search",
            find=f"{visit.root}/search/quick",
            profile=f"{visit.root}/me",
            theme=f"{visit.root}/me/theme",
            sign_out=f"{visit.root}/sign-out",
        ),
        tenant_name=visit.tenant_name,
        viewer=visit.viewer,
        nav=navigation.sections_for(
            visit.actor.permissions,
            root=visit.root,
            current=request.path,
            counts=counts,
        ),
        breadcrumb=(*crumbs, Crumb(title)) if crumbs else (),
        notices=tuple(_notices(visit, told or {})),
        formats=visit.formats,
        help=help_of(request.endpoint),
        unread=unread,
        stream=LiveStream(f"{visit.root}/stream", visit.place),
    )


def stranger_page(title: str, slug: str, tenant_name: str, *notices: Notice) -> Page:
    """Return the bare frame of a page before sign-in."""
    return Page(title, stranger_links(slug), tenant_name=tenant_name, notices=notices)


def stranger_links(slug: str | None) -> ShellLinks:
    """Return where a page before sign-in leads."""
    return ShellLinks(home=f"{PORTAL_PREFIX}{slug}/" if slug else "/")


def go_to(href: str, told: str | None = None) -> Response:
    """Answer a form that was taken: go on to a page, which tells what was done."""
    if told is not None:
        href += ("&" if "?" in href else "?") + urlencode({TOLD: told})
    return make_response(redirect(href, 303))


def _waiting(visit: Visit) -> tuple[dict[str, int], int]:
    """Return how much waits behind entries of the navigation, and behind the bell."""
    counts: tuple[NavCount, ...] = current_app.extensions[NAV_COUNTS]
    asked = [each for each in counts if visit.actor.may(each.permission)]
    with unit_of_work_as(visit.tenant_id, visit.actor, standing="any") as uow:
        return {each.path: each.count(uow) for each in asked}, unread_notifications(uow)


def _notices(visit: Visit, told: Mapping[str, str]) -> list[Notice]:
    notices = []
    sentence = told.get(request.args.get(TOLD, ""))
    if sentence is not None:
        notices.append(Notice(sentence))
    if visit.tenant_status == "suspended":
        words = _("This account is suspended: you can look at everything and change nothing.")
        notices.append(Notice(words, "warn"))
    return notices
