"""What benchmarks over HTTP run on: a durable database with one merchant, and its address."""

import json
import os
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from commerce.ids import SkuId
from commerce.inventory import goods
from commerce.inventory.allocation import Demand
from commerce.inventory.goods import Source
from kernel import embedded
from kernel.access import operator_actor
from kernel.config import Config
from kernel.quotas import set_limit
from kernel.runtime import Runtime
from tenants.identity.clients import NewSecret, create_client
from tests.commerce.builders import a_sku
from tests.commerce.order_builders import Shop, a_shop
from tests.commerce.stock_builders import SHOP_SYSTEM, a_merchant
from tests.conftest import ACME, Cluster, found_tenant
from wareflow import compose

ROOT = Path(__file__).resolve().parents[1]
YARDSTICKS = ROOT.parent / "shared" / "bench-peers"
SCOPES = ("inventory:read", "inventory:write", "orders:read", "orders:write")
# What is measured is the work, not the plan.
REQUESTS_PER_MINUTE = 10_000_000


@dataclass(frozen=True)
class Installation:
    """A database with one merchant, and the environment in which web processes find it."""

    runtime: Runtime
    cluster: Cluster
    environment: Mapping[str, str]
    shop: Shop
    secret: NewSecret

    def shelf(self, code: str, units: int) -> SkuId:
        """Put units of a new SKU into the first node."""
        merchant = self.shop.merchant
        with merchant.work() as uow:
            sku_id = a_sku(uow, code=code).id
            demand = Demand(sku_id, merchant.berlin, units)
            goods.receive(uow, [demand], source=Source("opening", code), key=code)
        return sku_id


@contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """Set a durable database up, as an operator's is."""
    with embedded.postgres(folder / "postgres", durable=True) as server:
        cluster = Cluster(server)
        environment = {
            **os.environ,
            "WAREFLOW_VAR": str(folder / "var"),
            "DATABASE_URL": cluster.app_url,
            "DATABASE_OWNER_URL": cluster.owner_url,
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "SECRET_KEY": "a-key-for-benches-that-is-long-enough-by-far",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            "LOG_LEVEL": "ERROR",
        }
        runtime = compose(Config.from_env(environment))
        found_tenant(runtime, ACME, "Acme Mugs")
        shop = a_shop(a_merchant(runtime, ACME))
        with runtime.unit_of_work(ACME, SHOP_SYSTEM) as uow:
            secret = create_client(uow, "Harness", SCOPES)
        with runtime.unit_of_work(ACME, operator_actor("bench")) as uow:
            set_limit(uow, "requests_per_minute", REQUESTS_PER_MINUTE)
        yield Installation(runtime, cluster, environment, shop, secret)
        runtime.close()


def token(address: str, secret: NewSecret) -> str:
    """Ask for a token, as a client does."""
    pair = b64encode(f"{secret.client_id}:{secret.secret}".encode()).decode()
    request = urllib.request.Request(
        f"{address}/t/acme/oauth/token",
        data=b"grant_type=client_credentials",
        headers={"Authorization": f"Basic {pair}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.loads(answer.read())["access_token"])
