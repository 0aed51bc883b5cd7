"""Pages of the organisation: the tree, one unit with its places, and a new unit."""

from datetime import date

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import go_to, page_for
from builder_ui.portal.refused import refused_form, version_in
from builder_ui.portal.rooms import portal_room, root
from builder_ui.shell.form_state import FormState
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from kernel.errors import Fault, Invalid, Refusal
from kernel.uow import UnitOfWork
from tenants.organisation import tree
from tenants.organisation.tree import Branch
from web.access import requires
from web.request import current_actor, current_unit_of_work

NAV = (
    NavEntry(
        "Administration", _("Organisation"), "organisation", "building", "members:read", rank=30
    ),
)

KIND_NAMES = {
    "company": _("Company"), "brand": _("Brand"), "region": _("Region"), "channel": _("Channel"),
    "node": _("Node"),
}  # fmt: skip
_TOLD = {
    "added": _("The unit was added."),
    "renamed": _("The unit was renamed."),
    "moved": _("The move is set down."),
}

organisation_pages = portal_room("organisation", "organisation")


@organisation_pages.get("")
@requires("members:read")
def show_tree() -> ResponseReturnValue:
    """Show the tree as it stands today."""
    with current_unit_of_work() as uow:
        branches = tree.tree(uow)
    return render_page(
        "portal/organisation.html",
        page_for(_("Organisation"), told=_TOLD),
        branches=[_linked(branch) for branch in branches],
        may_write=_may_write(),
        root=root(),
    )


@organisation_pages.get("/new")
@requires("organisation:write")
def show_new() -> ResponseReturnValue:
    """Ask what to add, and where."""
    return _new_page(FormState({"parent": request.args.get("parent", "")}))


@organisation_pages.post("")
@requires("organisation:write")
def add() -> ResponseReturnValue:
    """Add a unit."""
    form = request.form
    try:
        with current_unit_of_work() as uow:
            unit = tree.add_unit(
                uow,
                form.get("kind", ""),
                form.get("code", ""),
                form.get("name", ""),
                parent_id=form.get("parent") or None,
            )
    except Refusal as refusal:
        return _new_page(*refused_form(form, refusal))
    return go_to(f"{root()}/organisation/{unit.id}", "added")


@organisation_pages.get("/<unit_id>")
@requires("members:read")
def show_unit(unit_id: str) -> ResponseReturnValue:
    """Show a unit, its path today, and where it stood."""
    return _unit_page(unit_id)


@organisation_pages.post("/<unit_id>")
@requires("organisation:write")
def rename(unit_id: str) -> ResponseReturnValue:
    """Change what a unit is called."""
    form = request.form
    try:
        with current_unit_of_work() as uow:
            tree.rename_unit(uow, unit_id, form.get("name", ""), expected_version=version_in(form))
    except Refusal as refusal:
        state, status = refused_form(form, refusal)
        return _unit_page(unit_id, naming=state, status=status)
    return go_to(f"{root()}/organisation/{unit_id}", "renamed")


@organisation_pages.post("/<unit_id>/moves")
@requires("organisation:write")
def move(unit_id: str) -> ResponseReturnValue:
    """Let a unit stand elsewhere from a day on."""
    form = request.form
    try:
        with current_unit_of_work() as uow:
            on = _day(form.get("on", ""))
            tree.move_unit(uow, unit_id, form.get("parent") or None, on)
    except Refusal as refusal:
        state, status = refused_form(form, refusal)
        return _unit_page(unit_id, moving=state, status=status)
    return go_to(f"{root()}/organisation/{unit_id}", "moved")


def _new_page(form: FormState, status: int = 200) -> ResponseReturnValue:
    with current_unit_of_work() as uow:
        parents = _choices(tree.tree(uow))
    body = render_page(
        "portal/organisation_new.html",
        page_for(_("Add a unit"), Crumb(_("Organisation"), f"{root()}/organisation")),
        form=form,
        kinds=tuple(KIND_NAMES.items()),
        parents=parents,
        action=f"{root()}/organisation",
    )
    return body, status


def _unit_page(
    unit_id: str,
    *,
    naming: FormState | None = None,
    moving: FormState | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    with current_unit_of_work() as uow:
        unit = tree.unit_named(uow, unit_id)
        branches = tree.tree(uow)
        names = dict(_choices(branches))
        places = [
            (
                names.get(place.parent_id or "", _("Nothing above")).strip(),
                place.valid_from,
                place.valid_until,
            )
            for place in tree.places_of(uow, unit_id)
        ]
        path = [names.get(each, each).strip() for each in _path(uow, unit_id)]
        today = tree.today(uow)
    body = render_page(
        "portal/organisation_unit.html",
        page_for(unit.name, Crumb(_("Organisation"), f"{root()}/organisation"), told=_TOLD),
        unit=unit,
        kind=KIND_NAMES[unit.kind],
        path=" › ".join(path),
        places=places,
        naming=naming or FormState({"name": unit.name, "version": unit.version}),
        moving=moving or FormState({"on": today.isoformat()}),
        parents=_possible_parents(branches, unit.kind),
        may_write=_may_write(),
        action=f"{root()}/organisation/{unit_id}",
        root=root(),
    )
    return body, status


def _path(uow: UnitOfWork, unit_id: str) -> tuple[str, ...]:
    """Return today's path; a unit that stands nowhere today has none, and that is no fault."""
    try:
        return tree.path_of(uow, unit_id)
    except Refusal:
        return ()


def _choices(branches: list[Branch], depth: int = 0) -> list[tuple[str, str]]:
    """Return the units of a tree for a select, narrower ones indented under broader ones."""
    choices = []
    for branch in branches:
        choices.append((branch.id, "\u2003" * depth + branch.name))
        choices += _choices(branch.branches, depth + 1)
    return choices


def _possible_parents(branches: list[Branch], kind: str) -> list[tuple[str, str]]:
    broader = set(tree.KINDS[: tree.KINDS.index(kind)])
    found = []
    for branch in branches:
        if branch.kind in broader:
            found.append((branch.id, f"{branch.name} ({str(KIND_NAMES[branch.kind]).lower()})"))
        found += _possible_parents(branch.branches, kind)
    return found


def _linked(branch: Branch) -> dict[str, object]:
    return {
        "label": branch.name,
        "href": f"{root()}/organisation/{branch.id}",
        "is_current": False,
        "kind": KIND_NAMES[branch.kind],
        "branches": [_linked(below) for below in branch.branches],
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        sentence = _("Enter the day from which it holds.")
        raise Invalid((Fault("/on", "organisation.day", sentence),)) from error


def _may_write() -> bool:
    return current_actor().may(tree.WRITE_ORGANISATION)
