"""What waits, as lists: what is mine, what is anybody's, and what is due today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from werkzeug.datastructures import MultiDict

from builder_ui.portal.days import at_midnight, today
from builder_ui.portal.rooms import root
from builder_ui.shell.listing import Listing
from builder_ui.shell.words import _
from kernel.clock import parse_instant
from kernel.errors import Malformed
from kernel.uow import UnitOfWork
from web.request import current_runtime
from workflow_engine.runtime import queries
from workflow_engine.runtime.delegated_tasks import tasks_on_behalf, tasks_waiting
from workflow_engine.runtime.task_tables import Task

ROWS_PER_PAGE = 50
VIEWS = {
    "mine": _("Mine"),
    "team": _("Team"),
    "due": _("Due today"),
    "delegated": _("Delegated"),
}


@dataclass(frozen=True)
class WorkList:
    """One of the views, at a place that the address says."""

    view: str
    listing: Listing

    @classmethod
    def read(cls, arguments: MultiDict[str, str]) -> "WorkList":
        """Read `?view=&cursor=`; a view that does not exist is Mine."""
        path = f"{root()}/tasks"
        listing = Listing.read(path, arguments, sorts=("opened_at",), filters=("view",))
        view = listing.filters.get("view", "mine")
        return cls(view if view in VIEWS else "mine", listing)

    @property
    def tabs(self) -> list[tuple[str, str, None]]:
        """Return the views as links; the first is the list without further words."""
        named = [(name, "" if name == "mine" else f"?view={name}") for name in VIEWS]
        return [(VIEWS[name], f"{self.listing.path}{query}", None) for name, query in named]

    @property
    def at(self) -> str:
        """Return what an address adds to come back to this place of the list."""
        href = self.listing.page_href(self.listing.cursor) or self.listing.href()
        return href.removeprefix(self.listing.path)

    def fetch(self, uow: UnitOfWork) -> tuple[Sequence[Task], str | None]:
        """Return the tasks of the page, and the cursor of the next where there is one."""
        cursors, asked = current_runtime().cursors, {"list": "tasks", "view": self.view}
        cursor = self.listing.cursor
        after = cursors.read(uow.tenant_id, asked, cursor) if cursor else None
        found = self.following(uow, _place(after), ROWS_PER_PAGE + 1)
        rows = found[:ROWS_PER_PAGE]
        if len(found) <= ROWS_PER_PAGE:
            return rows, None
        last = [rows[-1].opened_at, rows[-1].id]
        return rows, cursors.write(uow.tenant_id, asked, last)

    def following(
        self, uow: UnitOfWork, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Task]:
        """Return the tasks of this view after a place."""
        if self.view == "team":
            return queries.tasks_for(uow, limit=limit, after=after, everybody=True)
        if self.view == "delegated":
            return tasks_on_behalf(uow, limit=limit, after=after)
        due_before = _tomorrow(uow) if self.view == "due" else None
        return tasks_waiting(uow, limit=limit, after=after, due_before=due_before)


def _tomorrow(uow: UnitOfWork) -> datetime:
    """Return when the day of who looks ends: what is overdue is due today as well."""
    return at_midnight(today(uow.now) + timedelta(days=1))


def _place(after: Sequence[object] | None) -> tuple[datetime, str] | None:
    if after is None:
        return None
    if len(after) != 2:
        raise Malformed
    return parse_instant(str(after[0])), str(after[1])
