"""The figures of the demo: counted from the sandbox's rows, printed in one order."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text

from commerce.intelligence.invariants import BUILT, NOT_BUILT
from kernel.canonical import canonical_bytes
from kernel.uow import UnitOfWork

_FIGURES = {
    "orders": "SELECT count(*) FROM sales_order",
    "lines": "SELECT count(*) FROM sales_order_line",
    "units ordered": "SELECT sum(quantity) FROM sales_order_line",
    "orders amended": "SELECT count(*) FROM order_inbox WHERE external_version > 1",
    "lines backordered": "SELECT count(*) FROM sales_order_line WHERE backordered_at IS NOT NULL",
    "units shipped": "SELECT sum(shipped) FROM fulfilment_line",
    "approvals asked for": "SELECT count(*) FROM task WHERE kind = 'approval'",
    "approvals given": "SELECT count(*) FROM task WHERE outcome = 'approved'",
    "approvals refused": "SELECT count(*) FROM task WHERE outcome = 'rejected'",
    "messages": "SELECT count(*) FROM message",
    "incidents": "SELECT count(*) FROM run WHERE incident IS NOT NULL",
}
# Tables of counts: what is counted, and by which word of the rows themselves.
_COUNTED = {
    "orders in the end": "SELECT phase, count(*) FROM sales_order GROUP BY 1",
    "purchase orders in the end": "SELECT phase, count(*) FROM purchase_order GROUP BY 1",
    "runs of": (
        "SELECT run.key || ', ' || coalesce(run.outcome, run.state), count(*) FROM run GROUP BY 1"
    ),
    "exceptions": "SELECT kind || ', ' || state, count(*) FROM exception_case GROUP BY 1",
}
# How it came about differs with who of the workers was first; it is told, and not compared.
_WAY = {
    "events": "SELECT count(*) FROM outbox",
    "parcels": "SELECT count(*) FROM shipment",
    "audit entries": "SELECT count(*) FROM audit_entry",
}
_ALLOCATED_UNITS = (
    "SELECT coalesce(sum(quantity - quantity_short), 0) FROM sales_order_line"
    " WHERE phase IN ('allocated', 'backordered', 'fulfilled') AND (:any OR backordered_at IS NULL)"
)
# Units that were promised to lines beyond what ever was on the shelf, shelf by shelf.
_OVERSOLD = """
    SELECT coalesce(sum(greatest(0, promised.units - coalesce(came.units, 0))), 0)
    FROM (SELECT sku_id, node_id, sum(quantity) AS units FROM allocation
          WHERE state IN ('open', 'fulfilled') GROUP BY sku_id, node_id) AS promised
    LEFT JOIN (SELECT sku_id, node_id,
                      sum(CASE WHEN bucket_from = 'supplier' THEN quantity ELSE -quantity END)
                      AS units
               FROM stock_ledger WHERE 'supplier' IN (bucket_from, bucket_to)
               GROUP BY sku_id, node_id) AS came USING (sku_id, node_id)
"""


@dataclass(frozen=True)
class Report:
    """What a replay led to; two replays that led to the same have the same fingerprint."""

    figures: Sequence[tuple[str, str]]
    invariants: Sequence[tuple[str, str]]
    way: Sequence[tuple[str, str]] = field(default=(), compare=False)
    """How it came about, which no two replays share."""

    @property
    def fingerprint(self) -> str:
        """A short digest of every figure and verdict."""
        return hashlib.sha256(canonical_bytes([self.figures, self.invariants])).hexdigest()[:16]

    @property
    def holds(self) -> bool:
        """Whether nothing was oversold and every built invariant holds."""
        verdicts = {verdict for _name, verdict in self.invariants}
        return verdicts <= {"holds", "not built"} and dict(self.figures)["units oversold"] == "0"


def report(uow: UnitOfWork, told: Mapping[str, int]) -> Report:
    """Count the sandbox's rows and prove the invariants that are built.

    `told` is what the channels were answered, by kind.
    """
    figures = [(name, str(_one(uow, sql))) for name, sql in _FIGURES.items()]
    figures += sorted((name, str(count)) for name, count in told.items())
    for what, sql in _COUNTED.items():
        rows = uow.session.execute(text(f"{sql} ORDER BY 1"))
        figures += [(f"{what}: {by}", str(count)) for by, count in rows]
    ordered = int(_one(uow, _FIGURES["units ordered"]))
    at_once = int(_one(uow, _ALLOCATED_UNITS, any=False))
    in_the_end = int(_one(uow, _ALLOCATED_UNITS, any=True))
    figures += [
        ("unit fill rate at once", _share(at_once, ordered)),
        ("unit fill rate in the end", _share(in_the_end, ordered)),
        ("units oversold", str(_one(uow, _OVERSOLD))),
    ]
    way = [(name, str(_one(uow, sql))) for name, sql in _WAY.items()]
    return Report(figures, _verdicts(uow), way)


def _verdicts(uow: UnitOfWork) -> list[tuple[str, str]]:
    found = []
    for invariant in BUILT:
        broken = len(invariant.violations(uow))
        verdict = "holds" if not broken else f"BROKEN by {broken} rows"
        found.append((f"invariant {invariant.number}: {invariant.sentence}", verdict))
    found += [(f"invariant {number}: {sentence}", "not built") for number, sentence in NOT_BUILT]
    return sorted(found)


def _share(part: int, whole: int) -> str:
    """Return a percentage with two places, computed in whole numbers."""
    hundredths = part * 10_000 // whole if whole else 0
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def _one(uow: UnitOfWork, sql: str, **values: object) -> int:
    return int(uow.session.execute(text(sql), values).scalar_one() or 0)
