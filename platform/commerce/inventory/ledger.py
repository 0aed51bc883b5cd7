"""Movements in, balances out: what the ledger's rows add up to, and where balances disagree."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Internal = Literal[
    "available", "committed", "reserved", "quality_control", "damaged", "incoming", "in_transit"
]
"""Where units of a node can be. All but incoming and in_transit are physically there."""

External = Literal["supplier", "customer", "scrap", "adjustment", "transit", "expected"]
"""The world outside a node: whatever leaves one node's buckets by `transit` enters another's,
and `expected` stands for what suppliers still owe."""

Bucket = Internal | External
INTERNAL: tuple[Internal, ...] = get_args(Internal)
EXTERNAL: tuple[External, ...] = get_args(External)
ON_HAND: tuple[Internal, ...] = (
    "available", "committed", "reserved", "quality_control", "damaged",
)  # fmt: skip


@dataclass(frozen=True)
class Movement:
    """Units that went from one bucket of a shelf to another; `quantity` is positive."""

    source: Bucket
    target: Bucket
    quantity: int


@dataclass(frozen=True)
class Difference:
    """A bucket that does not hold what its movements add up to."""

    bucket: Internal
    held: int
    replayed: int


def replay(movements: Iterable[Movement]) -> dict[Bucket, int]:
    """Return what each bucket holds after the movements, from empty; together they hold zero.

    Outside buckets go negative by what came from them.
    """
    held: Counter[Bucket] = Counter(dict.fromkeys((*INTERNAL, *EXTERNAL), 0))
    for movement in movements:
        held[movement.source] -= movement.quantity
        held[movement.target] += movement.quantity
    return dict(held)


def reconcile(balance: Mapping[Internal, int], movements: Iterable[Movement]) -> list[Difference]:
    """Return every bucket in which a balance differs from the replay of its movements."""
    replayed = replay(movements)
    return [
        Difference(bucket, balance[bucket], replayed[bucket])
        for bucket in INTERNAL
        if balance[bucket] != replayed[bucket]
    ]
