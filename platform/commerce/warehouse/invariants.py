"""What must hold of warehouses after every transaction: named statements that find violations."""

from commerce.inventory.invariants import Invariant, movements_are_documented

TO_CUSTOMERS_IS_SHIPPED = movements_are_documented(
    "to_customers_is_what_shipments_say",
    "What went to customers, shelf by shelf, is the sum of the shipment lines.",
    bucket="customer",
    inwards=False,
    documents=("shipment_line", "quantity", "shipped"),
)

SHIPPED_IS_ASKED = Invariant(
    1,
    "shipments_are_what_nodes_were_asked_for",
    "What left of each line is what its fulfilment orders say has left.",
    """
    SELECT order_line_id, coalesce(left_.units, 0) AS left_units, coalesce(asked.units, 0) AS asked
    FROM (SELECT order_line_id, sum(quantity) AS units FROM shipment_line
          WHERE tenant_id = :tenant GROUP BY order_line_id) AS left_
    FULL JOIN (SELECT order_line_id, sum(shipped) AS units FROM fulfilment_line
               WHERE tenant_id = :tenant AND shipped > 0 GROUP BY order_line_id) AS asked
         USING (order_line_id)
    WHERE coalesce(left_.units, 0) <> coalesce(asked.units, 0)
    """,
)

ASKED_IS_COMMITTED = Invariant(
    2,
    "nodes_are_asked_for_what_is_committed",
    "A node is asked for as many units of a line as are committed to it there, and for no others.",
    """
    SELECT line.fulfilment_order_id, line.order_line_id,
           line.quantity - line.shipped - line.dropped AS remaining,
           coalesce(held.units, 0) AS committed, fulfilment.status
    FROM fulfilment_line AS line
    JOIN fulfilment_order AS fulfilment
         ON fulfilment.tenant_id = line.tenant_id AND fulfilment.id = line.fulfilment_order_id
    LEFT JOIN (SELECT order_line_id, node_id, sku_id, sum(quantity) AS units FROM allocation
               WHERE tenant_id = :tenant AND state = 'open' GROUP BY order_line_id, node_id, sku_id)
         AS held ON held.order_line_id = line.order_line_id
                AND held.node_id = fulfilment.node_id AND held.sku_id = line.sku_id
    WHERE line.tenant_id = :tenant AND line.quantity > line.shipped + line.dropped
      AND (line.quantity - line.shipped - line.dropped <> coalesce(held.units, 0)
           OR fulfilment.status IN ('closed', 'cancelled'))
    """,
)

WAREHOUSE_INVARIANTS = (TO_CUSTOMERS_IS_SHIPPED, SHIPPED_IS_ASKED, ASKED_IS_COMMITTED)
