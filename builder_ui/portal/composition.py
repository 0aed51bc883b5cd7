"""Puts the portal into an application: its pages, its navigation, and those of other rooms."""

from collections.abc import Iterable

from flask import Blueprint, Flask

from builder_ui.portal import (
    api_clients,
    audit,
    calendars,
    dashboards,
    delegations,
    exceptions,
    fulfilments,
    home,
    me,
    members,
    messages,
    notifications,
    order_bulk,
    orders,
    organisation,
    purchasing,
    roles,
    runs,
    settings,
    signing_in,
    stock,
    stock_moves,
    tasks,
    webhooks,
    workflows,
)
from builder_ui.portal.cookies import check_cookies_can_hold
from builder_ui.portal.framing import NAV_COUNTS, NAVIGATION, NavCount
from builder_ui.portal.rooms import fill_slug_in
from builder_ui.portal.search.pages import search_pages
from builder_ui.portal.stream.pages import install_stream, stream_pages
from builder_ui.portal.stream.wire import Terms
from builder_ui.portal.visits import LANGUAGES
from builder_ui.shell.languages import Languages
from builder_ui.shell.navigation import NavEntry, Navigation
from kernel.config import Config
from tenants.identity.hashing import Hasher
from web.request import EXTENSION

PAGES: tuple[Blueprint, ...] = (
    home.front,
    home.home_pages,
    dashboards.dashboard_pages,
    signing_in.sign_in_pages,
    tasks.task_pages,
    orders.order_pages,
    order_bulk.bulk_pages,
    stock.stock_pages,
    fulfilments.fulfilment_pages,
    stock_moves.transfer_pages,
    stock_moves.correction_pages,
    purchasing.purchase_pages,
    runs.run_pages,
    workflows.workflow_pages,
    members.member_pages,
    roles.role_pages,
    organisation.organisation_pages,
    settings.settings_pages,
    calendars.calendar_pages,
    api_clients.client_pages,
    webhooks.webhook_pages,
    messages.message_pages,
    exceptions.exception_pages,
    audit.audit_pages,
    search_pages,
    notifications.notification_pages,
    stream_pages,
    delegations.delegation_pages,
    me.my_pages,
)
NAV: tuple[NavEntry, ...] = (
    *dashboards.NAV,
    *tasks.NAV,
    *orders.NAV,
    *stock.NAV,
    *fulfilments.NAV,
    *stock_moves.NAV,
    *purchasing.NAV,
    *runs.NAV,
    *workflows.NAV,
    *members.NAV,
    *roles.NAV,
    *organisation.NAV,
    *settings.NAV,
    *calendars.NAV,
    *api_clients.NAV,
    *webhooks.NAV,
    *exceptions.NAV,
    *messages.NAV,
    *audit.NAV,
)
COUNTS: tuple[NavCount, ...] = (tasks.WAITING,)


def install_portal(
    app: Flask,
    config: Config,
    *,
    hasher: Hasher | None = None,
    pages: Iterable[Blueprint] = (),
    nav: Iterable[NavEntry] = (),
    streams: Terms | None = None,
) -> None:
    """Serve the portal; `pages` and `nav` are those of departments.

    The shell must be installed and `portal_face()` be among the application's faces. One hasher
    serves the whole process: its semaphore is what bounds the memory of sign-ins.
    """
    check_cookies_can_hold(config)
    app.extensions[signing_in.HASHER] = hasher or Hasher()
    app.extensions[NAVIGATION] = Navigation([*NAV, *nav])
    app.extensions[NAV_COUNTS] = COUNTS
    app.extensions[LANGUAGES] = Languages(config.with_pseudo_languages)
    install_stream(app, app.extensions[EXTENSION].runtime, streams)
    fill_slug_in(app)
    for blueprint in (*PAGES, *pages):
        app.register_blueprint(blueprint)
