"""Saved views above a list: shown as tabs, kept and taken away with a form."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import go_to
from builder_ui.portal.rooms import root
from builder_ui.shell.listing import Listing
from builder_ui.shell.words import _
from kernel.uow import UnitOfWork
from tenants import views
from web.request import current_unit_of_work

TOLD = {"view-saved": _("The view was saved."), "view-deleted": _("The view was deleted.")}


@dataclass(frozen=True)
class ShownView:
    """A view as a tab above its list."""

    id: str
    name: str
    href: str
    shared: bool
    is_shown: bool
    may_delete: bool


def shown_views(uow: UnitOfWork, path: str, listing: Listing) -> Sequence[ShownView]:
    """Return the views that the viewer may use; the shown ones are those of this address."""
    query = listing.query()
    return [
        ShownView(
            view.id,
            view.name,
            f"{listing.path}?{view.query}",
            view.shared,
            view.query == query,
            views.may_delete(uow, view),
        )
        for view in views.views_of(uow, path)
    ]


def save_shown_view(path: str, listing: Listing) -> ResponseReturnValue:
    """Keep what the address says under the name in the form, and lead back to it."""
    query = listing.query()
    with current_unit_of_work() as uow:
        shared = request.form.get("shared") == "yes"
        views.save_view(uow, path, request.form.get("name", ""), query, shared=shared)
    return go_to(f"{listing.path}?{query}", "view-saved")


def forget_view(path: str, view_id: str) -> ResponseReturnValue:
    """Take a view away, and lead to its list."""
    with current_unit_of_work() as uow:
        views.delete_view(uow, path, view_id)
    return go_to(f"{root()}/{path}", "view-deleted")
