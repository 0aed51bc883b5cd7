"""The list of any kind of thing, and what answers a field that asks for one."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from builder_ui.portal.catalog.forms import FieldRefused
from builder_ui.portal.catalog.things import ListWish, Thing, order_of, place_in
from builder_ui.portal.cell_edits import CellEditing
from builder_ui.portal.lists import Choice, ListKind, ShownRow, list_page
from builder_ui.portal.page_turns import Turner
from builder_ui.portal.rooms import root
from builder_ui.shell import cells
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.words import _
from commerce.catalog import queries
from commerce.catalog.access import WRITE
from commerce.catalog.queries import Filter, State
from commerce.keyset import PageWish, Slice
from kernel.errors import Fault, Invalid, NotFound
from kernel.uow import UnitOfWork
from web.request import current_actor, current_runtime, current_unit_of_work

STATES = (("retired", _("Out of use")), ("any", _("All")))


def list_kind(thing: Thing) -> ListKind[Any]:
    """Return the list of `…/catalog/<path>`."""

    def fetch(uow: UnitOfWork, wish: PageWish, listing: Listing) -> Slice[Any]:
        only = Filter(listing.q, _state(listing))
        return thing.listed(uow, ListWish(wish, only, order_of(listing.sort), listing.filters))

    def shown(_uow: UnitOfWork, found: Sequence[Any]) -> list[ShownRow]:
        return [_row(thing, row) for row in found]

    words = thing.words
    return ListKind(
        path=f"catalog/{thing.path}",
        title=words.titled,
        one=words.one,
        many=words.many,
        columns=(
            Column("name", _("Name"), sortable=True),
            Column("code", _("Code"), sortable=True),
            *thing.columns,
            Column("created", _("Added"), sortable=True, on_phone=False, at_first=False),
            Column("state", _("State")),
        ),
        sorts=("name", "code", "-created"),
        fetch=fetch,
        place_of=lambda row, sort: place_in(order_of(sort), row),
        shown=shown,
        empty=(_("No %(many)s yet", many=words.many), words.about, words.icon),
        search=_("Code or name begins with"),
        choices=(
            *(Choice(name, label, _same(options)) for name, label, options in thing.filters),
            Choice("state", _("State"), _same(STATES), blank=_("In use")),
        ),
        editing=_editing(thing),
    )


def list_view(thing: Thing, kind: ListKind[Any]) -> Callable[[], str]:
    """Return the view of a list, with what can be added to it."""

    def view() -> str:
        return list_page(
            kind,
            template="portal/catalog/list.html",
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


def _row(thing: Thing, row: Any) -> ShownRow:
    told = dict(zip((column.key for column in thing.columns), thing.cells(row), strict=True))
    state = cells.text(_("In use")) if row.is_active else cells.badge((_("Out of use"), "neutral"))
    return ShownRow(
        row.id,
        row.name,
        f"{root()}/catalog/{thing.path}/{row.id}",
        {
            "name": cells.text(row.name),
            "code": cells.code(row.code),
            **told,
            "created": cells.moment(row.created_at),
            "state": state,
        },
        row.version,
        {name: _typed(getattr(row, name)) for name in thing.edits},
    )


def _typed(value: object) -> str:
    return "" if value is None else str(value)


def _editing(thing: Thing) -> CellEditing:
    """Return how one value is saved: as the form with that one field changed."""

    def read(uow: UnitOfWork, identity: str) -> Any:
        return queries.one(uow, thing.table, identity)

    def save(uow: UnitOfWork, identity: str, column: str, words: str, version: int) -> Any:
        form: MultiDict[str, str] = MultiDict()
        for name, value in thing.values(uow, read(uow, identity)).items():
            several = value if isinstance(value, list | tuple) else [value]
            form.setlist(name, [_typed(each) for each in several])
        form[column] = words
        try:
            content = thing.read(uow, form)
        except FieldRefused as error:
            told = error.told.items()
            faults = (Fault(f"/{name}", "catalog.unreadable", why) for name, why in told)
            raise Invalid(tuple(faults)) from error
        return thing.change(uow, identity, content, expected_version=version)

    return CellEditing(WRITE, thing.kind, thing.edits, read, save)


def _same(
    options: Sequence[tuple[str, str]],
) -> Callable[[UnitOfWork], Sequence[tuple[str, str]]]:
    return lambda _uow: options


def _state(listing: Listing) -> State:
    states: dict[str, State] = {"retired": "retired", "any": "any"}
    return states.get(listing.filters.get("state", ""), "active")
