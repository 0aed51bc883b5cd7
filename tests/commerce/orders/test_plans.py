"""Lists and searches of orders keep their indexes, however many orders there are."""

import psycopg
import pytest
from sqlalchemy import text

from tests.commerce.order_builders import a_shop
from tests.commerce.stock_builders import Merchant
from tests.conftest import Cluster

ROWS = 20_000

FILL = """
    INSERT INTO sales_order (tenant_id, version, id, number, channel_id, external_id, customer_id,
        phase, ship_to_country, ship_to_postal_code, total_minor, total_currency, placed_at,
        received_at)
    SELECT tenant_id, 1, 'ord_' || n, 1000 + n, channel_id, 'B-' || n, customer_id,
        phase, ship_to_country, ship_to_postal_code, total_minor, total_currency, placed_at,
        received_at
    FROM sales_order, generate_series(1, %s) AS n
"""


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        pytest.param(
            "external_id >= 'B-199' AND external_id < 'B-199\U0010ffff'",
            "ix_sales_order_external",
            id="the channel's number begins so",
        ),
        pytest.param(
            "channel_id = 'chn_other' AND number < 5000 ORDER BY number DESC LIMIT 51",
            "ix_sales_order_channel",
            id="a page of a channel",
        ),
        pytest.param(
            "phase = 'held' AND number < 5000 ORDER BY number DESC LIMIT 51",
            "ix_sales_order_phase",
            id="a page of a phase",
        ),
    ],
)
def test_the_plan_goes_through_the_index_with_the_condition(
    acme: Merchant, database: Cluster, condition: str, index: str
) -> None:
    """API-09: a filter of orders is part of an index scan, not a filter after it."""
    a_shop(acme).place(number="A-1")
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute(FILL, [ROWS])
        connection.execute("ANALYZE sales_order")

    with acme.work() as uow:
        # The statement is put together from the cases above, never from input.
        explain = text(f"EXPLAIN SELECT * FROM sales_order WHERE {condition}")
        plan = "\n".join(uow.session.scalars(explain))

    column = condition.split(" ", maxsplit=1)[0]
    conditions = [line for line in plan.splitlines() if "Index Cond" in line]
    assert index in plan, plan
    assert any("tenant_id" in line and column in line for line in conditions), plan
