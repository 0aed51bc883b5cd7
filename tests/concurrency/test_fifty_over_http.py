"""Fifty units and many buyers over HTTP, served by two processes: fifty are sold (C7, short)."""

import json
import os
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.installation import Installation, token
from bench.web_processes import web_processes
from commerce.intelligence.invariants import BUILT
from commerce.inventory.invariants import violations
from kernel.config import Config
from tenants.identity.clients import create_client
from tests.commerce.order_builders import a_shop
from tests.commerce.stock_builders import SHOP_SYSTEM, a_merchant
from tests.concurrency.racing import race
from tests.conftest import ACME, Cluster, found_tenant
from wareflow import compose

IN_STOCK = 50
BUYERS = 8
ATTEMPTS = 8
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def made(database: Cluster, config: Config) -> Iterator[Installation]:
    """Acme with a client, on the test database."""
    environment = {
        **os.environ,
        "WAREFLOW_VAR": str(config.var_dir),
        "DATABASE_URL": database.app_url,
        "DATABASE_OWNER_URL": database.owner_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "a-key-for-tests-that-is-long-enough-by-far",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
    }
    runtime = compose(Config.from_env(environment))
    found_tenant(runtime, ACME, "Acme Mugs")
    shop = a_shop(a_merchant(runtime, ACME))
    with runtime.unit_of_work(ACME, SHOP_SYSTEM) as uow:
        secret = create_client(uow, "Shop", ("inventory:read", "inventory:write"))
    yield Installation(runtime, database, environment, shop, secret)
    runtime.close()


def buyer(address: str, bearer: str, number: int, lines: list[object]) -> Callable[[], list[int]]:
    """Return somebody who tries to hold a cart again and again, each time as somebody new."""

    def buy() -> list[int]:
        connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
        statuses = []
        for attempt in range(ATTEMPTS):
            headers = {
                "Authorization": f"Bearer {bearer}",
                "Idempotency-Key": f"buy-{number}-{attempt}",
                "Content-Type": "application/json",
            }
            body = json.dumps({"cart": f"cart-{number}-{attempt}", "lines": lines})
            connection.request("POST", "/api/stock/reservations", body, headers)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()
        return statuses

    return buy


def test_two_processes_sell_fifty_of_fifty_to_carts_in_opposite_orders(
    made: Installation, tmp_path: Path
) -> None:
    """C7: sold = 50 of each of three items; nobody is told anything but yes or out of stock."""
    merchant = made.shop.merchant
    shelves = [made.shelf(code, 50) for code in ("CUP", "POT", "JAR")]
    cart: list[object] = [
        {"sku_id": sku_id, "node_id": merchant.berlin, "quantity": 1} for sku_id in shelves
    ]
    with web_processes(made.environment, tmp_path / "web.log", count=2) as address:
        bearer = token(address, made.secret)

        told = race(
            [
                buyer(address, bearer, number, cart if number % 2 else cart[::-1])
                for number in range(BUYERS)
            ],
            within_seconds=180,
        )

    statuses = [status for each in told for status in each]
    assert (statuses.count(201), statuses.count(409)) == (IN_STOCK, BUYERS * ATTEMPTS - IN_STOCK)
    for sku_id in shelves:
        assert merchant.buckets(sku_id, merchant.berlin) == {"reserved": IN_STOCK}
    with merchant.work() as uow:
        assert violations(uow, BUILT) == {}
