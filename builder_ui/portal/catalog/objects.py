"""The page of one thing: its facts, what hangs on it, and what can be done with it."""

from collections.abc import Callable
from dataclasses import replace

from flask import redirect, request
from flask.typing import ResponseReturnValue

from builder_ui.portal.catalog.forms import version_in
from builder_ui.portal.catalog.things import Thing
from builder_ui.portal.framing import page_for
from builder_ui.portal.rooms import root as tenant_root
from builder_ui.shell.page import Crumb, Notice
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from commerce.catalog import queries
from commerce.catalog.access import WRITE
from kernel.access import Permission
from kernel.errors import StaleWrite
from web.request import current_actor, current_unit_of_work

READ_AUDIT = Permission("audit:read")

DONE = {
    "created": "Added.",
    "changed": _("Your changes are saved."),
    "retired": _("Out of use from now on."),
    "reinstated": _("Back in use."),
    "removed": _("Taken out."),
}


def object_view(thing: Thing) -> Callable[[str], str]:
    """Return the view of `…/<path>/<id>`."""

    def view(identity: str) -> str:
        return _shown(thing, identity)

    return view


def retirement_view(thing: Thing, *, back: bool) -> Callable[[str], ResponseReturnValue]:
    """Return the view that takes a thing out of use, or with `back` brings it back."""
    verb, word = (thing.reinstate, "reinstated") if back else (thing.retire, "retired")

    def view(identity: str) -> ResponseReturnValue:
        here = f"{tenant_root()}/catalog/{thing.path}/{identity}"
        try:
            with current_unit_of_work() as uow:
                version = version_in(request.form.get("version", ""))
                verb(uow, identity, expected_version=version)
        except StaleWrite:
            stale = _("Somebody changed this since you opened it: look again, then decide.")
            return _shown(thing, identity, Notice(stale, "warn")), 412
        return redirect(f"{here}?told={word}", 303)

    return view


def _shown(thing: Thing, identity: str, *told: Notice) -> str:
    root = tenant_root()
    here = f"{root}/catalog/{thing.path}/{identity}"
    with current_unit_of_work() as uow:
        row = queries.one(uow, thing.table, identity)
        facts = thing.facts(uow, row, root)
        related = thing.related(uow, row, root)
    actor = current_actor()
    above = Crumb(thing.words.titled, f"{root}/catalog/{thing.path}")
    page = page_for(row.name, above, told=DONE)
    trail = f"{root}/audit?subject={thing.kind}/{identity}"
    return render_page(
        "portal/catalog/thing.html",
        replace(page, notices=(*page.notices, *told)),
        thing=thing,
        row=row,
        here=here,
        facts=facts,
        related=related,
        may_write=actor.may(WRITE),
        trail_href=trail if actor.may(READ_AUDIT) else None,
    )
