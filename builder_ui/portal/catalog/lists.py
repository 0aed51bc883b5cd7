"""The list page of any kind of thing: search, filters, sort and page live in the address."""

from collections.abc import Callable

from flask import request

from builder_ui.portal.catalog.things import ListWish, Thing, order_of, place_in
from builder_ui.portal.framing import page_for
from builder_ui.portal.page_turns import Turner
from builder_ui.portal.rooms import root as tenant_root
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.rendering import render_page
from commerce.catalog.access import WRITE
from commerce.catalog.queries import Filter, State
from kernel.errors import NotFound
from web.request import current_actor, current_runtime, current_unit_of_work

STATES = (("retired", "Out of use"), ("any", "All"))


def list_view(thing: Thing) -> Callable[[], str]:
    """Return the view of `…/catalog/<path>`."""

    def view() -> str:
        path = f"{tenant_root()}/catalog/{thing.path}"
        names = ("state", *(name for name, _, _ in thing.filters))
        sorts = ("name", "code", "-created")
        listing = Listing.read(path, request.args, sorts=sorts, filters=names)
        order = order_of(listing)
        state = _state(listing)
        with current_unit_of_work() as uow:
            turned = Turner(current_runtime().cursors, uow.tenant_id).turn(
                listing,
                lambda wish: thing.listed(
                    uow, ListWish(wish, Filter(listing.q, state), order, listing.filters)
                ),
                lambda row: place_in(order, row),
            )
        return render_page(
            "portal/catalog/list.html",
            page_for(thing.words.many_titled),
            thing=thing,
            listing=listing,
            columns=(
                Column("name", "Name", sortable=True),
                Column("code", "Code", sortable=True),
                *thing.columns,
                Column("state", "State", hide_label=True),
            ),
            turned=turned,
            labels=_labels(thing),
            states=STATES,
            path=path,
            may_write=current_actor().may(WRITE),
            can_import=thing.kind == "product",
        )

    return view


def suggestions_view(things: dict[str, Thing]) -> Callable[[str], list[dict[str, str]]]:
    """Return the view that answers a combobox with things whose code or name begins so."""

    def view(path: str) -> list[dict[str, str]]:
        if path not in things:
            raise NotFound("list", path)
        words = request.args.get("q", "")[:200]
        listing = Listing.read(path, request.args, sorts=("name",))
        with current_unit_of_work() as uow:
            turned = Turner(current_runtime().cursors, uow.tenant_id).turn(
                listing,
                lambda wish: things[path].listed(uow, ListWish(wish, Filter(words), "name", {})),
                lambda row: place_in("name", row),
            )
        return [{"value": row.code, "label": row.name, "hint": row.code} for row in turned.rows[:8]]

    return view


def _state(listing: Listing) -> State:
    states: dict[str, State] = {"retired": "retired", "any": "any"}
    return states.get(listing.filters.get("state", ""), "active")


def _labels(thing: Thing) -> dict[str, tuple[str, dict[str, str]]]:
    labels = {name: (label, dict(words)) for name, label, words in thing.filters}
    return {"state": ("State", dict(STATES)), **labels}
