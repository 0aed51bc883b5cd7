"""Finds things of the catalog by code, barcode and name, for who does not know where they are.

As in the queries, nothing here asks for a permission: pages ask for `catalog:read`.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from commerce.catalog.folding import fold
from commerce.catalog.queries import Thing
from commerce.catalog.tables import Sku
from commerce.closeness import Closeness, Match, closest
from commerce.keyset import begins_with
from kernel.uow import UnitOfWork

# Words inside names are read and not looked up, so that there is an end to it: a catalog with more
# names is searched by how they begin, and by their codes.
NAMES_READ_MAX = 20_000
_GTIN_LENGTHS = (8, 12, 13, 14)


def find_things(uow: UnitOfWork, table: type[Thing], text: str, limit: int) -> list[Match[Thing]]:
    """Return the things closest to a text: by code or barcode, by name, by words of the name.

    Case and accents do not matter. Each read but that of words is a range of one index.
    """
    key = fold(text)
    if not key:
        return []

    def where(test: ColumnElement[bool], by: Any) -> Any:
        def read(most: int) -> Iterable[Thing]:
            return uow.session.scalars(select(table).where(test).order_by(by, table.id).limit(most))

        return read

    exactly = or_(table.code_key == key, table.name_key == key, *_barcodes(table, text))
    return closest(
        limit,
        [
            (Closeness.EXACT, where(exactly, table.code_key)),
            (Closeness.BEGINS, where(begins_with(table.code_key, key), table.code_key)),
            (Closeness.BEGINS, where(begins_with(table.name_key, key), table.name_key)),
            (Closeness.WORDS, lambda most: _by_words(uow, table, key.split(), most)),
        ],
    )


def _by_words(uow: UnitOfWork, table: type[Thing], words: list[str], most: int) -> Iterable[Thing]:
    # Inside the limit only the index by name is read.
    names = (
        select(table.id, table.name_key)
        .order_by(table.name_key, table.id)
        .limit(NAMES_READ_MAX)
        .subquery()
    )
    holds = (func.strpos(names.c.name_key, word) > 0 for word in words)
    ids = select(names.c.id).where(*holds).order_by(names.c.name_key).limit(most)
    found = uow.session.scalars(ids).all()
    return uow.session.scalars(
        select(table).where(table.id.in_(found)).order_by(table.name_key, table.id)
    )


def _barcodes(table: type[Any], text: str) -> list[ColumnElement[bool]]:
    """Return the test for a scanned barcode: scanners leave zeros out that labels have."""
    if table is not Sku or not (text.isascii() and text.isdigit()):
        return []
    bare = text.lstrip("0")
    spelled = {bare.zfill(length) for length in _GTIN_LENGTHS if len(bare) <= length}
    return [Sku.gtin.in_(sorted(spelled | {text}))] if len(text) <= max(_GTIN_LENGTHS) else []
