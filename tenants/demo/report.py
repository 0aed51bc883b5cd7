"""The figures of the demo: counted from the sandbox's rows, printed in one order."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from commerce.intelligence.invariants import BUILT, NOT_BUILT
from kernel.canonical import canonical_bytes
from kernel.uow import UnitOfWork

_FIGURES = {
    "orders": "SELECT count(*) FROM sales_order",
    "lines": "SELECT count(*) FROM sales_order_line",
    "units ordered": "SELECT sum(quantity) FROM sales_order_line",
    "lines backordered": "SELECT count(*) FROM sales_order_line WHERE backordered_at IS NOT NULL",
    "purchase orders": "SELECT count(*) FROM purchase_order",
    "purchase orders received": "SELECT count(*) FROM purchase_order WHERE phase = 'received'",
    "approvals asked for": "SELECT count(*) FROM task WHERE kind = 'approval'",
    "approvals given": "SELECT count(*) FROM task WHERE outcome = 'approved'",
    "approvals refused": "SELECT count(*) FROM task WHERE outcome = 'rejected'",
    "incidents": "SELECT count(*) FROM run WHERE incident IS NOT NULL",
    "exceptions": "SELECT count(*) FROM exception_case",
    "events": "SELECT count(*) FROM outbox",
}
_BY_OUTCOME = (
    "SELECT coalesce(run.outcome, run.state), count(*) FROM run"
    " JOIN definition_version AS definition ON definition.id = run.definition_id"
    " WHERE definition.key LIKE 'backorder-%' GROUP BY 1 ORDER BY 1"
)
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

    @property
    def fingerprint(self) -> str:
        """A short digest of every figure and verdict."""
        return hashlib.sha256(canonical_bytes([self.figures, self.invariants])).hexdigest()[:16]

    @property
    def holds(self) -> bool:
        """Whether nothing was oversold and every built invariant holds."""
        verdicts = {verdict for _name, verdict in self.invariants}
        return verdicts <= {"holds", "not built"} and dict(self.figures)["units oversold"] == "0"


def report(uow: UnitOfWork) -> Report:
    """Count the sandbox's rows and prove the invariants that are built."""
    figures = [(name, str(_one(uow, sql))) for name, sql in _FIGURES.items()]
    rows = uow.session.execute(text(_BY_OUTCOME))
    figures += [(f"backorders {outcome}", str(count)) for outcome, count in rows]
    ordered = int(_one(uow, _FIGURES["units ordered"]))
    at_once = int(_one(uow, _ALLOCATED_UNITS, any=False))
    in_the_end = int(_one(uow, _ALLOCATED_UNITS, any=True))
    figures += [
        ("unit fill rate at once", _share(at_once, ordered)),
        ("unit fill rate in the end", _share(in_the_end, ordered)),
        ("units oversold", str(_one(uow, _OVERSOLD))),
    ]
    return Report(figures, _verdicts(uow))


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
