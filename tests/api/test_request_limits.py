"""How often a tenant may ask: told in every answer, refused beyond, and nobody else's concern."""

from __future__ import annotations

import json

from sqlalchemy import select

from kernel.access import operator_actor, system_actor
from kernel.exceptions import ExceptionCase
from kernel.quotas import set_limit
from kernel.runtime import Runtime
from tests.api.conftest import ApiClient, told
from tests.conftest import ACME, GLOBEX


def allow(runtime: Runtime, most: int) -> None:
    """Let ACME make so many requests a minute; without Redis each process counts for itself."""
    with runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        set_limit(uow, "requests_per_minute", most)


def test_the_limit_is_told_and_one_more_is_refused(
    runtime: Runtime, acme: ApiClient, globex: ApiClient
) -> None:
    """TEN-10, API-17: code, limit, when to come back; a second tenant is untouched."""
    allow(runtime, 3)

    answers = [acme.send("GET", "/api/products") for _ in range(5)]

    assert [each.status_code for each in answers] == [200, 200, 200, 429, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"requests_per_minute";q=3;w=60'
    assert [each.headers["RateLimit"].split(";")[1] for each in answers] == [
        "r=2", "r=1", "r=0", "r=0", "r=0"
    ]  # fmt: skip
    problem = told(answers[3])
    assert (problem["code"], problem["quota"], problem["most"]) == (
        "quota.requests", "requests_per_minute", 3
    )  # fmt: skip
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 20
    assert globex.send("GET", "/api/products").status_code == 200


def test_people_are_told_when_requests_run_short(runtime: Runtime, acme: ApiClient) -> None:
    """TEN-10: noticed with the next look at the limit, some seconds later at most."""
    allow(runtime, 10)
    for _ in range(9):
        acme.send("GET", "/api/products")
    runtime.ports.meter.forget(ACME)

    acme.send("GET", "/api/products")

    for tenant_id, expected in ((ACME, ["quota.nearly_used"]), (GLOBEX, [])):
        with runtime.unit_of_work(tenant_id, system_actor("tests")) as uow:
            assert [case.kind for case in uow.session.scalars(select(ExceptionCase))] == expected


def test_what_the_plan_does_not_allow_is_402(runtime: Runtime, acme: ApiClient) -> None:
    """TEN-10: a stock of something that is used up is not a matter of waiting."""
    with runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        set_limit(uow, "skus", 0)
    mug = {"code": "MUG", "name": "Coffee mug", "category": "Kitchen"}
    product = acme.send("POST", "/api/products", mug, Idempotency_Key="k1")
    sku = {
        "product_id": json.loads(product.text)["id"],
        "code": "MUG-BLUE",
        "name": "Coffee mug, blue",
    }

    answer = acme.send("POST", "/api/skus", sku, Idempotency_Key="k2")

    assert answer.status_code == 402
    problem = told(answer)
    assert (problem["code"], problem["quota"], problem["most"]) == ("quota.reached", "skus", 0)
    assert "larger plan" in problem["detail"]
