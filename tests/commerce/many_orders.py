"""Orders by the thousand, written by the database itself: for what only their number can show."""

from sqlalchemy import text

from tests.commerce.order_builders import Shop, mugs

# One order a quarter of an hour; of ten, eight are allocated, one waits for a unit, one is over.
ORDERS = text("""
    INSERT INTO sales_order (tenant_id, version, id, number, channel_id, external_id, customer_id,
        phase, ship_to_country, ship_to_postal_code, total_minor, total_currency,
        placed_at, received_at)
    SELECT o.tenant_id, 1, 'ord_' || lpad(n::text, 26, '0'), o.number + n, o.channel_id,
        'M-' || n, o.customer_id,
        CASE n % 10 WHEN 0 THEN 'placed' WHEN 1 THEN 'cancelled' ELSE 'allocated' END,
        'DE', '14467', 1000 + n, 'EUR',
        o.placed_at + n * interval '15 minutes', o.placed_at + n * interval '15 minutes'
    FROM sales_order o CROSS JOIN generate_series(1, :count) n
    WHERE o.id = :first
""")
LINES = text("""
    INSERT INTO sales_order_line (tenant_id, version, id, order_id, position, sku_id, sku_code,
        quantity, quantity_short, price_minor, price_currency, phase, phase_since, node_id,
        priority, placed_at, backordered_at)
    SELECT l.tenant_id, 1, 'lin_' || lpad(n::text, 26, '0'), 'ord_' || lpad(n::text, 26, '0'), 1,
        l.sku_id, l.sku_code, 2, CASE n % 10 WHEN 0 THEN 1 ELSE 0 END, 1000 + n, 'EUR',
        CASE n % 10 WHEN 0 THEN 'backordered' WHEN 1 THEN 'cancelled' ELSE 'allocated' END,
        l.placed_at, l.node_id, 3, l.placed_at + n * interval '15 minutes',
        CASE n % 10 WHEN 0 THEN l.placed_at END
    FROM sales_order_line l CROSS JOIN generate_series(1, :count) n
    WHERE l.order_id = :first
""")


def place_many(shop: Shop, count: int) -> None:
    """Write so many orders after one that was placed as any other, each with one line of mugs."""
    merchant = shop.merchant
    merchant.stock(merchant.mug, merchant.berlin, 10, key="many")
    first = shop.place(mugs(1), number="M-0")
    with merchant.work() as uow:
        for statement in (ORDERS, LINES):
            uow.session.execute(statement, {"count": count, "first": first})
