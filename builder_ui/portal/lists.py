"""The frame of every list: columns, filters, sort and page in the address, and a file of it all.

A list says what it is of (`ListKind`); page, export and columns follow from that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from builder_ui.portal.cell_edits import CellEditing, save_cell
from builder_ui.portal.exports import file_of
from builder_ui.portal.framing import page_for
from builder_ui.portal.page_turns import Turned, Turner
from builder_ui.portal.rooms import root
from builder_ui.portal.view_pages import TOLD, forget_view, save_shown_view, shown_views
from builder_ui.shell.cells import Cell
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from commerce.keyset import PageWish, Slice
from kernel.access import Permission
from kernel.uow import UnitOfWork
from web.access import requires
from web.request import current_actor, current_runtime, current_unit_of_work

Row = TypeVar("Row")
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Choice:
    """A filter with words to choose from; where they are the tenant's own, they are looked up."""

    name: str
    label: str
    of: Callable[[UnitOfWork], Choices]
    blank: str = _("Any")
    """What not choosing is called."""


def _as_it_is(_uow: UnitOfWork, _listing: Listing) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Kept:
    """A filter that only links set: no field asks for it, and its chip takes it away.

    `words` says what its values are called; a value without words is shown as it is.
    """

    name: str
    label: str
    words: Callable[[UnitOfWork, Listing], Mapping[str, str]] = _as_it_is


@dataclass(frozen=True)
class Day:
    """A filter for a calendar day."""

    name: str
    label: str


@dataclass(frozen=True)
class ShownRow:
    """A row as a page shows it: its key, where it leads, and its cells by column."""

    id: str
    name: str
    href: str
    cells: Mapping[str, Cell]
    version: int | None = None
    edits: Mapping[str, str] = field(default_factory=dict)
    """What can be changed in place, as one types it, by column."""


@dataclass(frozen=True)
class ListKind(Generic[Row]):
    """What a list is of and how it is read.

    `path` is the list's, under the tenant. `fetch` lists in the wished direction; `place_of`
    returns a row's sort values; `shown` makes the rows of a page, all at once.
    """

    path: str
    title: str
    one: str
    many: str
    columns: Sequence[Column]
    sorts: Sequence[str]
    fetch: Callable[[UnitOfWork, PageWish, Listing], Slice[Row]]
    place_of: Callable[[Row, str], Sequence[Any]]
    shown: Callable[[UnitOfWork, Sequence[Row]], list[ShownRow]]
    empty: tuple[str, str, str]
    search: str | None = None
    choices: Sequence[Choice] = ()
    days: Sequence[Day] = field(default=())
    kept: Sequence[Kept] = ()
    news: tuple[str, ...] = ()
    """The events that add a row: whoever looks is told that there are newer ones."""
    leap: Callable[[UnitOfWork, Listing, int], Sequence[Any] | None] | None = None
    """Finds the sort values of a row by its place, where people may leap to a page."""
    reading: Callable[[], UnitOfWork] = current_unit_of_work
    """Opens what page and file are read in."""
    editing: CellEditing | None = None

    @property
    def filters(self) -> tuple[str, ...]:
        """Return the names that filters have in the address."""
        asked = [each.name for each in self.choices] + [each.name for each in self.days]
        return (*asked, *(each.name for each in self.kept))

    def listing(self) -> Listing:
        """Read what the address of this request asks of the list."""
        path = f"{root()}/{self.path}"
        return Listing.read(path, request.args, sorts=self.sorts, filters=self.filters)

    def turn(self, uow: UnitOfWork, listing: Listing) -> Turned[Row]:
        """Return the page that an address asks for."""
        return Turner(current_runtime().cursors, uow.tenant_id).turn(
            listing,
            lambda wish: self.fetch(uow, wish, listing),
            lambda row: self.place_of(row, listing.sort),
            partial(self.leap, uow, listing) if self.leap is not None else None,
        )


def serve_list(
    room: Blueprint,
    kind: ListKind[Any],
    permission: str,
    *,
    show: Callable[[], ResponseReturnValue] | None = None,
    at: str = "",
) -> None:
    """Add a list's page, its file and its views to a room; who may see the one has all of it.

    `at` is the list's path in a room of several lists, such as `/products`.
    """

    def plain() -> ResponseReturnValue:
        return list_page(kind)

    def export() -> Response:
        listing = kind.listing()
        return file_of(
            kind.path.rsplit("/", 1)[-1],
            listing.shown(kind.columns),
            lambda uow, wish: kind.fetch(uow, wish, listing),
            kind.shown,
            descending=listing.descending,
            reading=kind.reading,
        )

    def save() -> ResponseReturnValue:
        return save_shown_view(kind.path, kind.listing())

    def forget(view_id: str) -> ResponseReturnValue:
        return forget_view(kind.path, view_id)

    allowed, name = requires(permission), at.strip("/")
    more = f"{name}_" if name else ""
    room.add_url_rule(at, name or "list", allowed(show or plain))
    room.add_url_rule(f"{at}/export.csv", f"{more}export", allowed(export))
    room.add_url_rule(f"{at}/views", f"{more}save_view", allowed(save), methods=["POST"])
    path = f"{at}/views/<view_id>/deletion"
    room.add_url_rule(path, f"{more}forget_view", allowed(forget), methods=["POST"])
    if kind.editing is not None:
        editing = kind.editing

        def edit(identity: str) -> ResponseReturnValue:
            return save_cell(editing, kind.shown, identity)

        marked = requires(editing.permission)(edit)
        room.add_url_rule(f"{at}/<identity>/cell", f"{more}cell", marked, methods=["POST"])


def list_page(kind: ListKind[Row], told: Mapping[str, str] | None = None, **more: Any) -> str:
    """Render a list; `more` is for a template that says more than the frame."""
    listing = kind.listing()
    with kind.reading() as uow:
        turned = kind.turn(uow, listing)
        rows = kind.shown(uow, turned.rows)
        choices = [(each, list(each.of(uow))) for each in kind.choices]
        views = shown_views(uow, kind.path, listing)
        labels = {each.name: (each.label, each.words(uow, listing)) for each in kind.kept}
    labels |= {each.name: (each.label, dict(words)) for each, words in choices}
    query = listing.query()
    return render_page(
        more.pop("template", "portal/list.html"),
        page_for(kind.title, told={**TOLD, **(told or {})}),
        kind=kind,
        listing=listing,
        columns=listing.shown(kind.columns),
        rows=rows,
        choices=choices,
        labels=labels | {day.name: (day.label, {}) for day in kind.days},
        turned=turned,
        views=views,
        may_edit=_may_edit(kind),
        export_href=f"{listing.path}/export.csv" + (f"?{query}" if query else ""),
        root=root(),
        **more,
    )


def _may_edit(kind: ListKind[Any]) -> bool:
    editing = kind.editing
    return editing is not None and current_actor().may(Permission(editing.permission))
