"""What must hold of the whole of commerce after every transaction, rule by rule."""

from commerce.inventory.invariants import STOCK_INVARIANTS, Invariant
from commerce.orders.invariants import ORDER_INVARIANTS
from commerce.procurement.invariants import PURCHASE_INVARIANTS
from commerce.warehouse.invariants import WAREHOUSE_INVARIANTS

BUILT: tuple[Invariant, ...] = (
    *STOCK_INVARIANTS,
    *WAREHOUSE_INVARIANTS,
    *ORDER_INVARIANTS,
    *PURCHASE_INVARIANTS,
)

NOT_BUILT = (
    (4, "Sub-ledgers equal the general ledger, and every journal balances."),
    (5, "Goods received and not invoiced, and each channel's clearing account, equal open lines."),
)
"""Rules over books that no department keeps yet."""
