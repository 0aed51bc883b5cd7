"""Turning pages of a keyset list both ways, with the place in the address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from builder_ui.shell.listing import Listing
from builder_ui.shell.words import _
from commerce.keyset import PageWish, Slice
from kernel.ids import TenantId
from kernel.paging import CursorInvalid, CursorSigner

Row = TypeVar("Row")

ROWS_PER_PAGE = 50


@dataclass(frozen=True)
class Turned(Generic[Row]):
    """The rows of one page, and the addresses of the pages beside it where there are any."""

    rows: Sequence[Row]
    previous_href: str | None
    next_href: str | None

    def shown(self, one: str, many: str) -> str:
        """Say how much is on this page: "50 products on this page, more follow"."""
        count = len(self.rows)
        what = one if count == 1 else many
        if self.next_href:
            return _("%(count)s %(what)s on this page, more follow", count=count, what=what)
        return _("%(count)s %(what)s on this page", count=count, what=what)


@dataclass(frozen=True)
class Turner:
    """Signs and reads the cursors of one tenant's lists."""

    cursors: CursorSigner
    tenant_id: TenantId

    def turn(
        self,
        listing: Listing,
        fetch: Callable[[PageWish], Slice[Row]],
        place_of: Callable[[Row], Sequence[Any]],
        leap: Callable[[int], Sequence[Any] | None] | None = None,
    ) -> Turned[Row]:
        """Return the page that the address asks for.

        `fetch` lists in the wished direction; `place_of` returns a row's sort values. A cursor
        of another list, filter, sort or tenant shows the first page instead of an error:
        people keep addresses for longer than lists keep their shape. `leap` returns the sort
        values of the row with so many before it and itself, for addresses that name a page; a
        page beyond the last shows the first.
        """
        direction, after = self._place(listing)
        if listing.page is not None and listing.cursor is None and leap is not None:
            after = leap((listing.page - 1) * ROWS_PER_PAGE)
        backwards = direction == "back"
        wish = PageWish(after, ROWS_PER_PAGE, descending=listing.descending != backwards)
        found = fetch(wish)
        rows = list(reversed(found.rows)) if backwards else list(found.rows)
        if backwards and not rows:
            return self.turn(replace(listing, cursor=None, page=None), fetch, place_of)
        more_ahead = found.next_after is not None if not backwards else True
        more_behind = found.next_after is not None if backwards else after is not None
        return Turned(
            rows,
            self._href(listing, "back", place_of(rows[0])) if rows and more_behind else None,
            self._href(listing, "on", place_of(rows[-1])) if rows and more_ahead else None,
        )

    def _place(self, listing: Listing) -> tuple[str, Sequence[Any] | None]:
        if listing.cursor is None:
            return "on", None
        try:
            direction, *after = self.cursors.read(self.tenant_id, _bound(listing), listing.cursor)
        except (CursorInvalid, ValueError):
            return "on", None
        return direction, after

    def _href(self, listing: Listing, direction: str, place: Sequence[Any]) -> str | None:
        cursor = self.cursors.write(self.tenant_id, _bound(listing), [direction, *place])
        return listing.page_href(cursor)


def _bound(listing: Listing) -> Mapping[str, Any]:
    return {
        "page": listing.path,
        "q": listing.q,
        "filters": dict(listing.filters),
        "sort": listing.sort_key,
    }
