"""A list page's state lives in its address: search, filters, sort and cursor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict


@dataclass(frozen=True)
class Column:
    """A column's heading. Only a sortable one gets a link, so only offer what an index serves."""

    key: str
    label: str
    sortable: bool = False
    align: Literal["start", "end"] = "start"
    on_phone: bool = True
    hide_label: bool = False
    at_first: bool = True
    """Whether it is shown to who has not chosen columns."""


@dataclass(frozen=True)
class Listing:
    """What one request asks of a list. Unknown sorts and filters are left out, never an error."""

    path: str
    sort: str
    descending: bool = False
    q: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    cursor: str | None = None
    default_sort: str = ""
    columns: tuple[str, ...] = ()
    """The columns that were chosen; none chosen is the list's own choice."""
    page: int | None = None
    """The page to leap to, counted from one, where the address names one instead of a cursor."""

    @classmethod
    def read(
        cls,
        path: str,
        arguments: MultiDict[str, str],
        *,
        sorts: Sequence[str],
        filters: Sequence[str] = (),
    ) -> "Listing":
        """Read `?q=&sort=-name&status=open&cursor=`; the first of `sorts` is the default.

        A default such as `-placed_at` sorts descending.
        """
        asked = arguments.get("sort", "")
        known = {name.lstrip("-") for name in sorts}
        sort = asked if asked.lstrip("-") in known else sorts[0]
        chosen = {name: arguments[name] for name in filters if arguments.get(name)}
        return cls(
            path=path,
            sort=sort.lstrip("-"),
            descending=sort.startswith("-"),
            q=arguments.get("q", "").strip()[:200],
            filters=chosen,
            cursor=arguments.get("cursor") or None,
            default_sort=sorts[0],
            columns=tuple(dict.fromkeys(each[:40] for each in arguments.getlist("columns")[:40])),
            page=_page(arguments.get("page", "")),
        )

    def href(self, **changes: str | None) -> str:
        """Return this list's address with some parts changed; every change starts at page one.

        `None` takes a part away. Parts that say the default are left out.
        """
        query = self.query(**changes)
        return f"{self.path}?{query}" if query else self.path

    def query(self, **changes: str | None) -> str:
        """Return what stands behind the question mark, without the page."""
        parts: dict[str, str | None] = {"q": self.q, **self.filters, "sort": self.sort_key}
        parts |= changes
        if parts["sort"] == self.default_sort:
            parts["sort"] = None
        kept = [(name, value) for name, value in parts.items() if value]
        return urlencode([*kept, *(("columns", each) for each in self.columns)])

    def shown(self, columns: Sequence[Column]) -> tuple[Column, ...]:
        """Return the columns to show, in their own order; the first heads its row and stays."""
        known = {column.key for column in columns} & set(self.columns)
        return tuple(
            column
            for place, column in enumerate(columns)
            if not place or (column.key in known if known else column.at_first)
        )

    @property
    def sort_key(self) -> str:
        """Return the sort as the address spells it: `name` or `-name`."""
        return f"-{self.sort}" if self.descending else self.sort

    def sort_href(self, column: str) -> str:
        """Return the address that sorts by a column, or turns the order round if it already is."""
        turned = column == self.sort and not self.descending
        return self.href(sort=f"-{column}" if turned else column)

    def page_href(self, cursor: str | None) -> str | None:
        """Return the address of the page at a cursor; no cursor, no page."""
        return self.href(cursor=cursor) if cursor else None

    @property
    def is_narrowed(self) -> bool:
        """Tell whether a search or a filter hides rows: an empty list then says so."""
        return bool(self.q or self.filters)


def _page(text: str) -> int | None:
    """Read a page's number; what is none, or absurd, is as not said."""
    is_one = text.isascii() and text.isdigit() and len(text) < 8
    return max(1, int(text)) if is_one else None
