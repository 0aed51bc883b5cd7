"""What must hold of purchases after every transaction: named statements that find violations."""

from commerce.inventory.invariants import Invariant

RECEIPTS_ARE_PURCHASES = Invariant(
    1,
    "receipts_of_an_order_are_what_it_received",
    "The receipt lines of each purchase order are what its own lines say was received.",
    """
    SELECT coalesce(said.order_id, came.order_id) AS po_id, sku_id,
           coalesce(said.units, 0) AS said, coalesce(came.units, 0) AS came
    FROM (SELECT order_id, sku_id, sum(quantity_received) AS units
          FROM purchase_order_line WHERE tenant_id = :tenant GROUP BY order_id, sku_id) AS said
    FULL JOIN (SELECT receipt.source_id AS order_id, line.sku_id, sum(line.quantity) AS units
               FROM stock_receipt AS receipt
               JOIN stock_receipt_line AS line
                    ON line.tenant_id = receipt.tenant_id AND line.receipt_id = receipt.id
               WHERE receipt.tenant_id = :tenant AND receipt.source_kind = 'purchase_order'
               GROUP BY receipt.source_id, line.sku_id) AS came USING (order_id, sku_id)
    WHERE coalesce(said.units, 0) <> coalesce(came.units, 0)
    """,
)

INCOMING_IS_OWED = Invariant(
    1,
    "incoming_is_what_suppliers_owe",
    "What a shelf has incoming is what open purchase orders still owe it.",
    """
    SELECT sku_id, node_id,
           coalesce(balance.units, 0) AS incoming, coalesce(owed.units, 0) AS owed
    FROM (SELECT sku_id, node_id, incoming AS units FROM stock_balance
          WHERE tenant_id = :tenant) AS balance
    FULL JOIN (SELECT line.sku_id, po.node_id,
                      sum(coalesce(line.quantity_confirmed, line.quantity)
                          - line.quantity_received) AS units
               FROM purchase_order AS po
               JOIN purchase_order_line AS line
                    ON line.tenant_id = po.tenant_id AND line.order_id = po.id
               WHERE po.tenant_id = :tenant
                 AND po.phase IN ('sent', 'acknowledged', 'partially_received')
               GROUP BY line.sku_id, po.node_id) AS owed USING (sku_id, node_id)
    WHERE coalesce(balance.units, 0) <> coalesce(owed.units, 0)
    """,
)

PURCHASE_INVARIANTS = (RECEIPTS_ARE_PURCHASES, INCOMING_IS_OWED)
