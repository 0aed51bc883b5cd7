"""Lists and searches keep their indexes behind row-level security, however large a neighbour is."""

import psycopg
import pytest
from sqlalchemy import text

from kernel.runtime import Runtime
from tests.commerce.builders import ANA
from tests.conftest import ACME, GLOBEX, Cluster

ROWS = 20_000

FILL = """
    INSERT INTO product (tenant_id, version, id, code, code_key, name, name_key, category,
                         description, created_at)
    SELECT tenant, 1, 'prd_' || tenant || n, 'C-' || n, 'c-' || n, 'Mug ' || n, 'mug ' || n,
           'Kitchen', '', now()
    FROM generate_series(1, %s) AS n, unnest(%s::text[]) AS tenant
"""


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        pytest.param("name_key >= 'mug 199' AND name_key < 'mug 199\U0010ffff'",
                     "ix_product_name", id="a name that begins so"),
        pytest.param("code_key >= 'c-199' AND code_key < 'c-199\U0010ffff'",
                     "uq_product_tenant_id_code_key", id="a code that begins so"),
        pytest.param("(name_key, id) > ('mug 5', 'prd_x') ORDER BY name_key, id LIMIT 51",
                     "ix_product_name", id="a page by name"),
        pytest.param("code_key = 'c-77'", "uq_product_tenant_id_code_key", id="one code"),
    ],
)  # fmt: skip
def test_the_plan_goes_through_the_index_with_the_condition(
    runtime: Runtime, database: Cluster, condition: str, index: str
) -> None:
    """TEN-09, API-09: the condition is part of the index scan, not a filter after it."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute(FILL, [ROWS, [ACME, GLOBEX]])
        connection.execute("ANALYZE product")

    with runtime.unit_of_work(ACME, ANA) as uow:
        # The statement is put together from the cases above, never from input.
        explain = text(f"EXPLAIN SELECT * FROM product WHERE {condition}")
        plan = "\n".join(uow.session.scalars(explain))

    column = condition.lstrip("(").split("_")[0]
    conditions = [line for line in plan.splitlines() if "Index Cond" in line]
    assert index in plan, plan
    assert any("tenant_id" in line and f"{column}_key" in line for line in conditions), plan
