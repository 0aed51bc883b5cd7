"""What must hold of stock after every transaction: each a named statement that finds violations."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from commerce.inventory.ledger import INTERNAL
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Invariant:
    """One rule as one SQL statement over a tenant's rows; each row it returns is a violation.

    `number` is the rule's place in the list of what must hold of the whole of commerce.
    """

    number: int
    name: str
    sentence: str
    sql: str

    def violations(self, uow: UnitOfWork, *, limit: int = 100) -> list[dict[str, Any]]:
        """Return up to `limit` rows that break the rule; an empty list proves it."""
        statement = text(f"SELECT * FROM ({self.sql}) AS violation LIMIT :most")  # noqa: S608 - ours.
        rows = uow.session.execute(statement, {"tenant": uow.tenant_id, "most": limit})
        return [dict(row) for row in rows.mappings()]


def violations(
    uow: UnitOfWork, invariants: tuple[Invariant, ...]
) -> dict[str, list[dict[str, Any]]]:
    """Return the violations of each rule that is broken, by its name."""
    found = {each.name: each.violations(uow) for each in invariants}
    return {name: rows for name, rows in found.items() if rows}


_REPLAYED = " UNION ALL ".join(
    f"SELECT sku_id, node_id, '{bucket}' AS bucket,"  # noqa: S608 - bucket names are ours.
    f" sum(CASE WHEN bucket_to = '{bucket}' THEN quantity ELSE 0 END)"
    f" - sum(CASE WHEN bucket_from = '{bucket}' THEN quantity ELSE 0 END) AS units"
    " FROM stock_ledger WHERE tenant_id = :tenant GROUP BY sku_id, node_id"
    for bucket in INTERNAL
)
_HELD = " UNION ALL ".join(
    f"SELECT sku_id, node_id, '{bucket}' AS bucket, {bucket} AS units"  # noqa: S608 - as above.
    " FROM stock_balance WHERE tenant_id = :tenant"
    for bucket in INTERNAL
)

BALANCE_IS_REPLAY = Invariant(
    2,
    "balance_is_the_replay_of_its_ledger",
    "Every bucket of every shelf holds what the movements of its ledger add up to.",
    f"""
    SELECT sku_id, node_id, bucket,
           coalesce(held.units, 0) AS held, coalesce(replayed.units, 0) AS replayed
    FROM ({_HELD}) AS held
    FULL JOIN ({_REPLAYED}) AS replayed USING (sku_id, node_id, bucket)
    WHERE coalesce(held.units, 0) <> coalesce(replayed.units, 0)
    """,  # noqa: S608 - Both parts are spelled above.
)

LEDGER_HAS_NO_GAPS = Invariant(
    2,
    "ledger_has_no_gaps",
    "The movements of a shelf are numbered 1, 2, 3 … up to the number its balance remembers.",
    """
    SELECT balance.sku_id, balance.node_id, balance.last_seq,
           count(ledger.id) AS movements, coalesce(max(ledger.seq), 0) AS highest
    FROM stock_balance AS balance
    LEFT JOIN stock_ledger AS ledger USING (tenant_id, sku_id, node_id)
    WHERE balance.tenant_id = :tenant
    GROUP BY balance.sku_id, balance.node_id, balance.last_seq
    HAVING balance.last_seq <> count(ledger.id) OR balance.last_seq <> coalesce(max(ledger.seq), 0)
    """,
)


def _promised(name: str, sentence: str, bucket: str, table: str, state: str) -> Invariant:
    return Invariant(
        2,
        name,
        sentence,
        f"""
        SELECT sku_id, node_id,
               coalesce(balance.{bucket}, 0) AS held, coalesce(promised.units, 0) AS promised
        FROM (SELECT sku_id, node_id, {bucket} FROM stock_balance WHERE tenant_id = :tenant)
             AS balance
        FULL JOIN (SELECT sku_id, node_id, sum(quantity) AS units FROM {table}
                   WHERE tenant_id = :tenant AND state = '{state}' GROUP BY sku_id, node_id)
             AS promised USING (sku_id, node_id)
        WHERE coalesce(balance.{bucket}, 0) <> coalesce(promised.units, 0)
        """,  # noqa: S608 - Names are spelled below.
    )


COMMITTED_IS_ALLOCATED = _promised(
    "committed_is_what_is_allocated",
    "What a shelf holds as committed is the sum of its open allocations.",
    "committed",
    "allocation",
    "open",
)
RESERVED_IS_HELD = _promised(
    "reserved_is_what_is_held",
    "What a shelf holds as reserved is the sum of its active reservations.",
    "reserved",
    "reservation",
    "active",
)

NOTHING_NEGATIVE = Invariant(
    3,
    "no_balance_is_negative",
    "No bucket of any shelf is below zero.",
    "SELECT sku_id, node_id, "  # noqa: S608 - bucket names are ours.
    + ", ".join(INTERNAL)
    + " FROM stock_balance WHERE tenant_id = :tenant AND least("
    + ", ".join(INTERNAL)
    + ") < 0",
)


def movements_are_documented(
    name: str, sentence: str, *, bucket: str, inwards: bool, documents: tuple[str, str, str]
) -> Invariant:
    """Return what compares an external bucket's movements with its documents, shelf by shelf.

    `inwards` tells whether units that come out of the bucket count as positive; `documents` are
    the table of lines, its column of units, and what the units are called in a violation.
    """
    table, column, called = documents
    counted = "bucket_from" if inwards else "bucket_to"
    # The names are ours, never input.
    statement = f"""
    SELECT sku_id, node_id,
           coalesce(moved.units, 0) AS moved, coalesce({called}.units, 0) AS {called}
    FROM (SELECT sku_id, node_id,
                 sum(CASE WHEN {counted} = '{bucket}' THEN quantity ELSE -quantity END) AS units
          FROM stock_ledger
          WHERE tenant_id = :tenant AND '{bucket}' IN (bucket_from, bucket_to)
          GROUP BY sku_id, node_id) AS moved
    FULL JOIN (SELECT sku_id, node_id, sum({column}) AS units FROM {table}
               WHERE tenant_id = :tenant GROUP BY sku_id, node_id) AS {called}
         USING (sku_id, node_id)
    WHERE coalesce(moved.units, 0) <> coalesce({called}.units, 0)
    """  # noqa: S608
    return Invariant(1, name, sentence, statement)


FROM_SUPPLIERS_IS_RECEIVED = movements_are_documented(
    "from_suppliers_is_what_receipts_say",
    "What came in from suppliers, shelf by shelf, is the sum of the receipt lines.",
    bucket="supplier",
    inwards=True,
    documents=("stock_receipt_line", "quantity", "received"),
)

ADJUSTED_IS_CORRECTED = movements_are_documented(
    "adjustments_are_what_corrections_say",
    "What was adjusted, shelf by shelf, is the sum of the corrections with their reasons.",
    bucket="adjustment",
    inwards=True,
    documents=("stock_correction", "difference", "corrected"),
)

NOTHING_IS_SCRAPPED = Invariant(
    1,
    "nothing_is_scrapped_without_a_document",
    "Nothing has gone to scrap: no document for that exists yet.",
    """
    SELECT sku_id, node_id, seq, bucket_from, bucket_to, quantity FROM stock_ledger
    WHERE tenant_id = :tenant AND 'scrap' IN (bucket_from, bucket_to)
    """,
)

TRANSIT_IS_EVEN = Invariant(
    1,
    "what_leaves_one_node_enters_another",
    "Transfers carry as many units of a SKU into nodes as out of them.",
    """
    SELECT sku_id,
           sum(CASE WHEN bucket_to = 'transit' THEN quantity ELSE -quantity END) AS missing
    FROM stock_ledger WHERE tenant_id = :tenant AND 'transit' IN (bucket_from, bucket_to)
    GROUP BY sku_id
    HAVING sum(CASE WHEN bucket_to = 'transit' THEN quantity ELSE -quantity END) <> 0
    """,
)

ON_THE_ROAD_IS_TRANSFERRED = Invariant(
    2,
    "in_transit_is_what_transfers_carry",
    "What a shelf expects from other nodes is what its transfers have on the road.",
    """
    SELECT sku_id, node_id,
           coalesce(balance.in_transit, 0) AS held, coalesce(carried.units, 0) AS carried
    FROM (SELECT sku_id, node_id, in_transit FROM stock_balance WHERE tenant_id = :tenant)
         AS balance
    FULL JOIN (SELECT line.sku_id, transfer.target_id AS node_id,
                      sum(line.shipped - line.received - line.lost - line.returned) AS units
               FROM transfer_line AS line
               JOIN transfer ON transfer.tenant_id = line.tenant_id
                            AND transfer.id = line.transfer_id
               WHERE line.tenant_id = :tenant GROUP BY line.sku_id, transfer.target_id)
         AS carried USING (sku_id, node_id)
    WHERE coalesce(balance.in_transit, 0) <> coalesce(carried.units, 0)
    """,
)

STOCK_INVARIANTS = (
    ON_THE_ROAD_IS_TRANSFERRED,
    FROM_SUPPLIERS_IS_RECEIVED,
    ADJUSTED_IS_CORRECTED,
    NOTHING_IS_SCRAPPED,
    TRANSIT_IS_EVEN,
    BALANCE_IS_REPLAY,
    LEDGER_HAS_NO_GAPS,
    COMMITTED_IS_ALLOCATED,
    RESERVED_IS_HELD,
    NOTHING_NEGATIVE,
)
