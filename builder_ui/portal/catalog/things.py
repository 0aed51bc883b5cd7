"""What a page needs to know of a kind of thing: words, columns, fields and verbs, said once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from builder_ui.shell.cells import Cell
from builder_ui.shell.listing import Column
from builder_ui.shell.words import _
from commerce.catalog.queries import Filter, Order
from commerce.keyset import PageWish, Slice
from kernel.uow import UnitOfWork

FieldKind = Literal["line", "text", "choice", "checks", "code", "decimal"]


class Row(Protocol):
    """A thing as lists and pages show it."""

    code: str
    code_key: str
    name: str
    name_key: str
    version: int

    @property
    def id(self) -> str:
        """The id of the thing."""
        ...

    @property
    def is_active(self) -> bool:
        """Whether it is in use."""
        ...


@dataclass(frozen=True)
class FormField:
    """One field of a form; `source` is where a code field looks up what people type."""

    name: str
    label: str
    kind: FieldKind = "line"
    hint: str | None = None
    is_required: bool = True
    options: Sequence[tuple[str, str]] = ()
    source: str | None = None

    @property
    def checks(self) -> Sequence[tuple[str, str, None]]:
        """The options as check boxes, none of which needs more words."""
        return [(value, label, None) for value, label in self.options]


@dataclass(frozen=True)
class Related:
    """Things that hang on another, as a table on its page; `add` is (words, address)."""

    title: str
    headings: Sequence[str]
    rows: Sequence["RelatedRow"]
    nothing: str
    add: tuple[str, str] | None = None
    more_href: str | None = None


@dataclass(frozen=True)
class RelatedRow:
    """One row: where its first cell leads, its cells, and whether it is in use."""

    href: str
    cells: Sequence[str]
    is_active: bool = True


@dataclass(frozen=True)
class ListWish:
    """What a list page asks of the query behind it."""

    page: PageWish
    only: Filter
    order: Order
    filters: Mapping[str, str]


@dataclass(frozen=True)
class Words:
    """How people call a kind of thing; `about` says to a newcomer what it is."""

    one: str
    many: str
    titled: str
    icon: str
    about: str
    retire: str = _("Take out of use")
    retire_question: str = _("Take {code} out of use?")
    reinstate: str = _("Bring back into use")


Filters = Sequence[tuple[str, str, Sequence[tuple[str, str]]]]


@dataclass(frozen=True)
class Thing:
    """One kind of thing. `path` is its place under `catalog/`; filters are (name, label, words)."""

    kind: str
    path: str
    words: Words
    table: type[Any]
    columns: tuple[Column, ...]
    cells: Callable[[Any], Sequence[Cell]]
    fields: Callable[[UnitOfWork, str], Sequence[FormField]]
    values: Callable[[UnitOfWork, Any], dict[str, object]]
    read: Callable[[UnitOfWork, MultiDict[str, str]], Any]
    listed: Callable[[UnitOfWork, ListWish], Slice[Any]]
    facts: Callable[[UnitOfWork, Any, str], Sequence[tuple[str, str]]]
    related: Callable[[UnitOfWork, Any, str], Sequence[Related]]
    create: Callable[[UnitOfWork, Any], Any] | None
    change: Callable[..., Any]
    retire: Callable[..., Any]
    reinstate: Callable[..., Any]
    filters: Filters = field(default_factory=tuple)
    edits: Sequence[str] = ("name",)
    """Which columns can be changed in the list; each is a field of the form as well."""


def adding(root: str, path: str, **known: str) -> str:
    """Return the address of a form to add something, with what is known already filled in."""
    return f"{root}/catalog/{path}/new?{urlencode(known)}"


def order_of(sort: str) -> Order:
    """Return the order that an address calls so."""
    orders: dict[str, Order] = {"name": "name", "code": "code", "created": "created"}
    return orders[sort]


def place_in(order: Order, row: Row) -> Sequence[str]:
    """Return the sort values of a row in an order."""
    places: dict[Order, Sequence[str]] = {
        "name": (row.name_key, row.id),
        "code": (row.code_key,),
        "created": (row.id,),
    }
    return places[order]
