"""The workflows of a tenant: the list, and each version with its chart and who stands where."""

from dataclasses import asdict, replace

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.chart_views import ChartView, chart_in, chart_view, runs_here
from builder_ui.portal.framing import current_visit, page_for
from builder_ui.portal.names import Names
from builder_ui.portal.page_turns import Turner
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.wording import DEFINITION_STATES
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from commerce.keyset import keyset_slice
from kernel.canonical import read_json
from kernel.errors import Malformed, NotFound
from kernel.uow import UnitOfWork
from web.access import accepts_body, requires
from web.request import current_runtime, current_unit_of_work
from workflow_engine.charts.storing import keep_layout
from workflow_engine.charts.versions import (
    newest_versions,
    open_runs,
    open_runs_of_all,
    version_at,
    versions_of,
)
from workflow_engine.runtime.tables import DefinitionVersion

LAYOUT_BYTES_MAX = 2 * 1024 * 1024

workflow_pages = portal_room("workflows", "workflows")

NAV = (
    NavEntry("Work", _("Workflows"), "workflows", "flow", "workflows:read", keys="g b", rank=50),
)

COLUMNS = (
    Column("name", _("Workflow")),
    Column("number", _("Version"), align="end"),
    Column("state", _("State")),
    Column("published_at", _("Published"), on_phone=False),
    Column("runs", _("Open runs"), align="end"),
)


@workflow_pages.get("")
@requires("workflows:read")
def list_workflows() -> ResponseReturnValue:
    """Show every definition by its newest version."""
    listing = Listing.read(request.path, request.args, sorts=("key",))
    with current_unit_of_work() as uow:
        turned = Turner(current_runtime().cursors, uow.tenant_id).turn(
            listing,
            lambda wish: keyset_slice(
                uow, newest_versions(listing.q), [DefinitionVersion.key], wish
            ),
            lambda version: [version.key],
        )
        runs = open_runs_of_all(uow, [version.key for version in turned.rows])
        names = Names(uow)
        publishers = {each.id: names.of(each.published_by) for each in turned.rows}
    return render_page(
        "portal/workflows.html",
        page_for(_("Workflows")),
        listing=listing,
        columns=COLUMNS,
        turned=turned,
        runs=runs,
        publishers=publishers,
        states=DEFINITION_STATES,
        root=root(),
    )


@workflow_pages.get("/<workflow>")
@requires("workflows:read")
def show_workflow(workflow: str) -> ResponseReturnValue:
    """Show the version that new runs start with, or else the newest."""
    with current_unit_of_work() as uow:
        versions = versions_of(uow, workflow)
        current = next((each for each in versions if each.state == "published"), versions[0])
        return _version_page(uow, current)


@workflow_pages.get("/<workflow>/v/<number>")
@requires("workflows:read")
def show_version(workflow: str, number: str) -> ResponseReturnValue:
    """Show one version, however old."""
    with current_unit_of_work() as uow:
        return _version_page(uow, _version(uow, workflow, number))


@workflow_pages.get("/<workflow>/v/<number>/standing")
@requires("workflows:read")
def tell_standing(workflow: str, number: str) -> ResponseReturnValue:
    """Answer who stands where now, for a chart that somebody keeps looking at."""
    with current_unit_of_work() as uow:
        version = _version(uow, workflow, number)
        chart = chart_in(uow, version)
        here = runs_here(uow, version, chart, root(), current_visit().formats)
    return {"standing": [asdict(each) for each in here]}


@workflow_pages.post("/<workflow>/v/<number>/layout")
@requires("workflows:write")
@accepts_body(bytes_max=LAYOUT_BYTES_MAX)
def keep(workflow: str, number: str) -> ResponseReturnValue:
    """Keep the layout that a browser made; the first one stays."""
    with current_unit_of_work() as uow:
        version = _version(uow, workflow, number)
        given = _json_body()
        chart = chart_in(uow, version)
        kept = keep_layout(uow, version, chart, given.get("drawn_for"), given.get("layout"))
    return {"kept": kept}


def _version_page(uow: UnitOfWork, version: DefinitionVersion) -> ResponseReturnValue:
    view = chart_view(uow, version, root(), current_visit().formats)
    versions = versions_of(uow, version.key)
    names = Names(uow)
    page = page_for(version.name, Crumb(_("Workflows"), f"{root()}/workflows"))
    newest = Crumb(version.name, f"{root()}/workflows/{version.key}")
    crumbs = (page.breadcrumb[0], newest, Crumb(_("Version %(number)s", number=version.number)))
    return render_page(
        "portal/workflow.html",
        replace(page, breadcrumb=crumbs),
        view=view,
        versions=versions,
        runs=open_runs(uow, version.key),
        publishers={each.id: names.of(each.published_by) for each in versions},
        states=DEFINITION_STATES,
        facts=_facts(view),
        root=root(),
    )


def _facts(view: ChartView) -> dict[str, int]:
    nodes, edges = view.props["chart"]["nodes"], view.props["chart"]["edges"]
    return {
        "states": sum(node["kind"] != "initial" for node in nodes),
        "transitions": len({edge["transition"] for edge in edges} - {""}),
    }


def _version(uow: UnitOfWork, workflow: str, number: str) -> DefinitionVersion:
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NotFound("definition", f"{workflow}/{number}")
    return version_at(uow, workflow, int(number))


def _json_body() -> dict[str, object]:
    try:
        given = read_json(request.get_data())
    except (ValueError, RecursionError) as error:
        raise Malformed from error
    if not isinstance(given, dict):
        raise Malformed
    return given
