"""What must hold of orders after every transaction: named statements that find violations."""

from commerce.inventory.invariants import Invariant

ONE_OUTCOME = Invariant(
    6,
    "every_line_has_exactly_one_outcome",
    "Each accepted line has one outcome: its allocations and shipments are what that says.",
    """
    SELECT line.id, line.phase, line.quantity, line.quantity_short,
           coalesce(held.units, 0) AS allocated, coalesce(kept.units, 0) AS reserved,
           coalesce(shipped.units, 0) AS shipped
    FROM sales_order_line AS line
    LEFT JOIN (SELECT order_line_id AS id, sum(quantity) AS units FROM allocation
               WHERE tenant_id = :tenant AND state = 'open' GROUP BY order_line_id)
         AS held USING (id)
    LEFT JOIN (SELECT owner_id AS id, sum(quantity) AS units FROM reservation
               WHERE tenant_id = :tenant AND state = 'active' AND owner_kind = 'order_line'
               GROUP BY owner_id) AS kept USING (id)
    LEFT JOIN (SELECT order_line_id AS id, sum(quantity) AS units FROM shipment_line
               WHERE tenant_id = :tenant GROUP BY order_line_id) AS shipped USING (id)
    WHERE line.tenant_id = :tenant AND NOT CASE line.phase
        WHEN 'allocated' THEN coalesce(held.units, 0) = line.quantity
        WHEN 'backordered' THEN coalesce(held.units, 0) = line.quantity - line.quantity_short
        WHEN 'reserved' THEN coalesce(kept.units, 0) = line.quantity
        WHEN 'held' THEN coalesce(held.units, 0) = 0
        WHEN 'cancelled' THEN coalesce(held.units, 0) = 0 AND coalesce(kept.units, 0) = 0
        WHEN 'fulfilled' THEN coalesce(held.units, 0) = 0
             AND coalesce(shipped.units, 0) = line.quantity
        ELSE false
    END
    OR line.tenant_id = :tenant AND line.phase <> 'fulfilled' AND shipped.units > 0
    """,
)

NO_ORPHANS = Invariant(
    6,
    "nothing_is_allocated_to_nobody",
    "Every open allocation belongs to a line of an order, and is of the line's own SKU.",
    """
    SELECT allocation.id, allocation.order_line_id, allocation.sku_id FROM allocation
    LEFT JOIN sales_order_line AS line
         ON line.tenant_id = allocation.tenant_id AND line.id = allocation.order_line_id
    WHERE allocation.tenant_id = :tenant AND allocation.state = 'open'
      AND line.sku_id IS DISTINCT FROM allocation.sku_id
    """,
)

ORDERS_ARE_THEIR_LINES = Invariant(
    6,
    "an_order_is_what_its_lines_make_of_it",
    "The phase of each order follows from the phases of its lines, and from whether it is held.",
    """
    SELECT o.id, o.phase, made.phase AS expected
    FROM sales_order AS o
    JOIN (SELECT order_id, CASE
              WHEN bool_and(phase = 'cancelled') THEN 'cancelled'
              WHEN bool_or(phase = 'held') THEN 'held'
              WHEN bool_and(phase IN ('fulfilled', 'cancelled')) THEN 'fulfilled'
              WHEN EXISTS (SELECT FROM order_hold AS hold
                           WHERE hold.tenant_id = :tenant AND hold.ended_at IS NULL
                             AND hold.order_id = sales_order_line.order_id) THEN 'held'
              WHEN bool_and(phase IN ('allocated', 'fulfilled', 'cancelled')) THEN 'allocated'
              WHEN bool_or(phase IN ('allocated', 'fulfilled')) THEN 'partially_allocated'
              ELSE 'placed' END AS phase
          FROM sales_order_line WHERE tenant_id = :tenant GROUP BY order_id)
         AS made ON made.order_id = o.id
    WHERE o.tenant_id = :tenant AND made.phase <> o.phase
    """,
)

ORDER_INVARIANTS = (ONE_OUTCOME, NO_ORPHANS, ORDERS_ARE_THEIR_LINES)
