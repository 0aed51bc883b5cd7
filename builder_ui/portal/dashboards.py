"""The dashboard of operations: figures that equal the rows, each leading to the list behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.catalog_choices import channel_choices
from builder_ui.portal.dashboard_figures import Drill, charts_of, drawn, spark
from builder_ui.portal.days import at_midnight, today
from builder_ui.portal.framing import page_for
from builder_ui.portal.rooms import portal_room, root
from builder_ui.shell.listing import Listing
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from commerce.ids import ChannelId
from commerce.intelligence.operations import Span, Wait, oldest_waiting, operations
from kernel import exceptions
from kernel.access import Permission
from kernel.uow import UnitOfWork
from web.access import requires
from web.request import current_unit_of_work
from workflow_engine.runtime import queries as runs

NAV = (
    NavEntry(
        "Insight", _("Operations"), "dashboards/operations", "chart", "orders:read", keys="g d"
    ),
)
RANGES = {
    "7": _("7 days"),
    "28": _("28 days"),
    "90": _("90 days"),
    "365": _("365 days"),
}
RANGE = "28"
WAITS_SHOWN = 8
READ_TASKS, READ_EXCEPTIONS = Permission("tasks:read"), Permission("exceptions:read")

dashboard_pages = portal_room("dashboards", "dashboards")


@dataclass(frozen=True)
class Backlog:
    """What waits for people now, whatever the span; None for who may not see it."""

    approvals: tuple[int, datetime | None] | None
    exceptions: tuple[int, datetime | None] | None

    @property
    def oldest_at(self) -> datetime | None:
        """Return since when the oldest of it waits."""
        known = [each[1] for each in (self.approvals, self.exceptions) if each is not None]
        return min((each for each in known if each is not None), default=None)


@dashboard_pages.get("/operations")
@requires("orders:read")
def show_operations() -> ResponseReturnValue:
    """Show how trade runs; `?range=` in days up to today and `?channel=` narrow it."""
    listing = Listing.read(
        request.path, request.args, sorts=("range",), filters=("range", "channel")
    )
    page = page_for(_("Operations"))
    with current_unit_of_work() as uow:
        span, drill = _span(listing, uow.now, page.formats.time_zone)
        figures = operations(uow, span)
        waits = oldest_waiting(uow, span, limit=WAITS_SHOWN)
        backlog = _backlog(uow)
        channels, now = channel_choices(uow), uow.now
    charts = charts_of(figures, drill, page.formats)
    return render_page(
        "portal/dashboard.html",
        page,
        listing=listing,
        ranges=[each for each in RANGES.items() if each[0] != RANGE],
        default_range=RANGES[RANGE],
        channels=channels,
        figures=figures,
        backlog=backlog,
        oldest=_oldest(backlog, waits),
        waits=waits,
        charts=charts,
        sparks={chart.id: spark(chart.points) for chart in charts},
        drawn=drawn(charts, page.formats),
        drill=drill,
        now=now,
        root=root(),
    )


def _span(listing: Listing, now: datetime, time_zone: str) -> tuple[Span, Drill]:
    chosen = listing.filters.get("range", RANGE)
    days = int(chosen if chosen in RANGES else RANGE)
    last = today(now)
    first = last - timedelta(days=days - 1)
    channel = listing.filters.get("channel")
    span = Span(
        at_midnight(first),
        at_midnight(last + timedelta(days=1)),
        time_zone,
        ChannelId(channel) if channel else None,
    )
    return span, Drill(root(), first, last, channel)


def _backlog(uow: UnitOfWork) -> Backlog:
    return Backlog(
        runs.open_approvals(uow) if uow.actor.may(READ_TASKS) else None,
        exceptions.open_cases(uow) if uow.actor.may(READ_EXCEPTIONS) else None,
    )


def _oldest(backlog: Backlog, waits: Sequence[Wait]) -> datetime | None:
    since = [each.since for each in waits[:1]]
    known = [*since, *([backlog.oldest_at] if backlog.oldest_at is not None else [])]
    return min(known, default=None)
