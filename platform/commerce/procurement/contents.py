"""What a purchase order says, its digest, and how much of a SKU can be ordered: pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from commerce.ids import NodeId, SkuId, SupplierId
from kernel.canonical import canonical_bytes
from kernel.money import Money


@dataclass(frozen=True)
class OrderedLine:
    """Units of a SKU and what all of them together cost."""

    sku_id: SkuId
    quantity: int
    cost: Money


@dataclass(frozen=True)
class PurchaseContent:
    """What is approved: from whom, to where, what, and for how much."""

    supplier_id: SupplierId
    node_id: NodeId
    lines: Sequence[OrderedLine]

    @property
    def total(self) -> Money:
        """What all lines cost together."""
        first, *others = [line.cost for line in self.lines]
        return sum(others, first)

    @property
    def digest(self) -> str:
        """What an approval covers: it changes with anything that the order says."""
        said = {
            "supplier_id": self.supplier_id,
            "node_id": self.node_id,
            "lines": list(self.lines),
            "total": self.total,
        }
        return "sha256:" + hashlib.sha256(canonical_bytes(said)).hexdigest()


def quantity_to_order(needed: int, *, minimum: int, multiple: int) -> int:
    """Return the least quantity that covers the need on the supplier's terms."""
    at_least = max(needed, minimum)
    return -(-at_least // multiple) * multiple


def days_late(eta: datetime, expected: datetime) -> int:
    """Return how many whole days an announced date is behind the one that was expected."""
    return max(0, (eta - expected).days)
