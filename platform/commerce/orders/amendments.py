"""What a newer version of an order changes: decided from values, without a database."""

from collections.abc import Sequence
from dataclasses import dataclass

from commerce.catalog.folding import fold
from commerce.ids import OrderLineId
from commerce.orders.contents import LineContent


@dataclass(frozen=True)
class Standing:
    """A line of the order that nobody has given up."""

    line_id: OrderLineId
    content: LineContent


@dataclass(frozen=True)
class Amendment:
    """Lines that stay as they are, lines that are given up, and lines that are new."""

    kept: tuple[OrderLineId, ...]
    dropped: tuple[OrderLineId, ...]
    added: tuple[LineContent, ...]


def compare(standing: Sequence[Standing], wanted: Sequence[LineContent]) -> Amendment:
    """Keep every line that the new version asks for just so, and keep no line twice.

    A line is the same when SKU, quantity and price are; what it was given stays with it then.
    """
    free = list(standing)
    kept, added = [], []
    for content in wanted:
        same = next((each for each in free if _same(each.content, content)), None)
        if same is None:
            added.append(content)
        else:
            free.remove(same)
            kept.append(same.line_id)
    return Amendment(tuple(kept), tuple(each.line_id for each in free), tuple(added))


def _same(standing: LineContent, wanted: LineContent) -> bool:
    return (fold(standing.sku_code), standing.quantity, standing.price) == (
        fold(wanted.sku_code),
        wanted.quantity,
        wanted.price,
    )
