"""Lists of any length in a stable order: each page goes on after the last row of the one before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from kernel.errors import Malformed
from kernel.paging import LIMIT_MAX
from kernel.uow import UnitOfWork

Row = TypeVar("Row")

_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """Some rows and, where there are more, the sort values to go on after."""

    rows: Sequence[Row]
    next_after: tuple[Any, ...] | None


@dataclass(frozen=True)
class PageWish:
    """Where to go on, how many rows, and in which direction of the order."""

    after: Sequence[Any] | None = None
    limit: int = 50
    descending: bool = False


def keyset_slice(
    uow: UnitOfWork,
    statement: Select[Row],
    columns: Sequence[InstrumentedAttribute[Any]],
    wish: PageWish,
) -> Slice[Row]:
    """Return the rows after the wished place, ordered by columns that together are unique.

    An index that begins with the tenant and these columns serves every page alike. Raises
    Malformed for sort values that are not of these columns.
    """
    assert 1 <= wish.limit <= LIMIT_MAX, f"a page has 1 to {LIMIT_MAX} rows"
    if wish.after is not None:
        if len(wish.after) != len(columns):
            raise Malformed
        here, place = tuple_(*columns), tuple_(*wish.after)
        statement = statement.where(here < place if wish.descending else here > place)
    order = [column.desc() if wish.descending else column for column in columns]
    rows = list(uow.session.scalars(statement.order_by(*order).limit(wish.limit + 1)))
    if len(rows) <= wish.limit:
        return Slice(rows, None)
    del rows[wish.limit :]
    return Slice(rows, tuple(getattr(rows[-1], column.key) for column in columns))


def place_at(
    uow: UnitOfWork,
    statement: Select[Any],
    columns: Sequence[InstrumentedAttribute[Any]],
    offset: int,
    *,
    descending: bool,
) -> tuple[Any, ...] | None:
    """Return the sort values of the row with so many at or before it; None where there is none.

    Only the index is walked, so that a leap to a far page stays cheap.
    """
    if offset < 1:
        return None
    order = [column.desc() if descending else column for column in columns]
    walked = statement.with_only_columns(*columns).order_by(*order).offset(offset - 1).limit(1)
    found = uow.session.execute(walked).one_or_none()
    return tuple(found) if found is not None else None


def begins_with(
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], prefix: str
) -> ColumnElement[bool]:
    """Return a prefix test that keeps its index behind row-level security: a range, never LIKE.

    The column's collation is "C", so that the range is one of code points.
    """
    return and_(column >= prefix, column < prefix + _LAST_CHARACTER)
