"""The notifications of whoever is signed in: what happened, where to look, and which are wanted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import current_visit, go_to, page_for
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.wording import TASK_OUTCOMES, spoken
from builder_ui.shell.listing import Listing
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from kernel.access import Actor, Permission
from kernel.clock import parse_instant
from kernel.errors import Malformed
from tenants.notifications import reading
from tenants.notifications.kinds import KINDS
from tenants.notifications.tables import Notification
from web.access import signed_in
from web.request import current_runtime, current_unit_of_work

ROWS_PER_PAGE = 50
_TOLD = {
    "read": _("Everything is marked as read."),
    "kept": _("Your choice is kept. It holds from the next notification on."),
}
# Where a thing has its page, and what it takes to open it.
_PAGES: Mapping[str, tuple[str, Permission | None]] = {
    "task": ("tasks/{id}", Permission("tasks:read")),
    "exception": ("exceptions/{id}", Permission("exceptions:read")),
    "order": ("orders/{id}", Permission("orders:read")),
    "delegation": ("me/delegations", None),
}

notification_pages = portal_room("notifications", "notifications")


@dataclass(frozen=True)
class Shown:
    """A notification in words; without `href` the reader may not open the thing any more."""

    id: str
    kind: str
    title: str
    detail: str
    href: str | None
    happened_at: datetime
    is_new: bool


@notification_pages.get("")
@signed_in()
def show_all() -> ResponseReturnValue:
    """Show what one was told of, the newest first."""
    listing = Listing.read(request.path, request.args, sorts=("-made_at",))
    cursors, asked = current_runtime().cursors, {"list": "notifications"}
    with current_unit_of_work() as uow:
        place = cursors.read(uow.tenant_id, asked, listing.cursor) if listing.cursor else None
        found = reading.newest(uow, after=_place(place), limit=ROWS_PER_PAGE + 1)
        rows, unread = found[:ROWS_PER_PAGE], reading.unread(uow)
        following = None
        if len(found) > ROWS_PER_PAGE:
            last = [rows[-1].made_at, rows[-1].id]
            following = cursors.write(uow.tenant_id, asked, last)
    return render_page(
        "portal/notifications.html",
        page_for(_("Notifications"), told=_TOLD),
        listing=listing,
        rows=[_shown(row, current_visit().actor) for row in rows],
        unread=unread,
        next_href=listing.page_href(following) if following else None,
        root=root(),
    )


@notification_pages.get("/unread")
@signed_in()
def tell_unread() -> ResponseReturnValue:
    """Answer how many are unread, and the newest of them, for the bell of a page left open."""
    with current_unit_of_work() as uow:
        unread = reading.unread(uow)
        found = reading.newest(uow, after=None, limit=1, only_unread=True)
    shown = [_shown(each, current_visit().actor) for each in found]
    told = [{"id": each.id, "title": each.title} for each in shown]
    return {"unread": unread, "newest": next(iter(told), None)}


@notification_pages.post("/<notification_id>/reading")
@signed_in()
def read_one(notification_id: str) -> ResponseReturnValue:
    """Mark one as read, and go on to what it is about."""
    with current_unit_of_work() as uow:
        shown = _shown(reading.read_one(uow, notification_id), uow.actor)
    return go_to(shown.href or f"{root()}/notifications")


@notification_pages.post("/reading")
@signed_in()
def read_all() -> ResponseReturnValue:
    """Mark all as read."""
    with current_unit_of_work() as uow:
        reading.read_all(uow)
    return go_to(f"{root()}/notifications", "read")


@notification_pages.get("/preferences")
@signed_in()
def show_preferences() -> ResponseReturnValue:
    """Show which kinds one is told of."""
    with current_unit_of_work() as uow:
        wanted, kinds = reading.preferences(uow), reading.offered(uow)
    title = _("What you are told of")
    return render_page(
        "portal/notification_preferences.html",
        page_for(title, Crumb(_("Notifications"), f"{root()}/notifications")),
        kinds=kinds,
        wanted=wanted,
        root=root(),
    )


@notification_pages.post("/preferences")
@signed_in()
def prefer() -> ResponseReturnValue:
    """Keep which kinds one is told of."""
    with current_unit_of_work() as uow:
        reading.prefer(uow, [each for each in request.form.getlist("kind") if each in KINDS])
    return go_to(f"{root()}/notifications", "kept")


def _shown(row: Notification, actor: Actor) -> Shown:
    title, detail = _SENTENCES[row.kind](row.facts)
    path, permission = _PAGES[row.subject_kind]
    may_open = permission is None or actor.may(permission)
    href = f"{root()}/{path.format(id=row.subject_id)}" if may_open else None
    return Shown(row.id, row.kind, title, detail, href, row.happened_at, is_new=row.read_at is None)


def _asked(facts: Mapping[str, Any]) -> tuple[str, str]:
    return str(facts["title"]), _("It waits for you or for one of your roles.")


def _decided(facts: Mapping[str, Any]) -> tuple[str, str]:
    outcome = str(TASK_OUTCOMES[facts["outcome"]][0])
    title = _("%(outcome)s: %(title)s", outcome=outcome, title=facts["title"])
    return title, _("Because: %(reason)s", reason=facts["reason"]) if facts["reason"] else ""


def _standing_in(facts: Mapping[str, Any]) -> tuple[str, str]:
    if facts["what"] == "answered":
        title = (
            _("%(by)s approved for you: %(title)s", by=facts["by"], title=facts["title"])
            if facts["decision"] == "approve"
            else _("%(by)s rejected for you: %(title)s", by=facts["by"], title=facts["title"])
        )
        return title, ""
    what = facts["title"] or _("Whatever is asked")
    if facts["what"] == "ended":
        title = _("%(to)s no longer answers for %(of)s", to=facts["to"], of=facts["of"])
        return title, what
    until = current_visit().formats.moment(parse_instant(facts["until"]))
    title = _("%(to)s may answer for %(of)s", to=facts["to"], of=facts["of"])
    return title, _("%(what)s, until %(until)s", what=what, until=until)


def _problem(facts: Mapping[str, Any]) -> tuple[str, str]:
    return spoken(facts["kind"]), str(facts["cause"])


def _held(facts: Mapping[str, Any]) -> tuple[str, str]:
    title = _("Order %(number)s is held", number=facts["number"])
    return title, _("Because: %(reason)s", reason=facts["reason"])


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "asked": _asked,
    "decided": _decided,
    "standing_in": _standing_in,
    "problem": _problem,
    "held": _held,
}


def _place(after: list[Any] | None) -> tuple[datetime, str] | None:
    if after is None:
        return None
    if len(after) != 2:
        raise Malformed
    return parse_instant(str(after[0])), str(after[1])
