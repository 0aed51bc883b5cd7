"""A merchant with stock for tests: who sells what from where, in two tenants."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import text

from commerce.ids import NodeId, SkuId
from commerce.inventory import goods
from commerce.inventory.allocation import Demand, Shelf
from commerce.inventory.goods import Source
from commerce.inventory.invariants import STOCK_INVARIANTS, violations
from commerce.inventory.ledger import Internal
from commerce.inventory.queries import buckets_of
from commerce.inventory.tables import StockBalance
from kernel.access import Actor, system_actor
from kernel.ids import TenantId
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from tests.commerce.builders import BERLIN, MUG_BLUE, OSLO, a_node, a_sku

SHOP_SYSTEM = system_actor("shop")


@dataclass(frozen=True)
class Merchant:
    """A tenant with two SKUs and two nodes, and nothing in stock."""

    runtime: Runtime
    tenant_id: TenantId
    mug: SkuId
    lamp: SkuId
    berlin: NodeId
    oslo: NodeId

    @contextmanager
    def work(self, actor: Actor = SHOP_SYSTEM) -> Iterator[UnitOfWork]:
        """Open a unit of work for this merchant."""
        with self.runtime.unit_of_work(self.tenant_id, actor) as uow:
            yield uow

    def stock(self, sku_id: SkuId, node_id: NodeId, quantity: int, *, key: str = "opening") -> None:
        """Put units on a shelf, as an opening receipt."""
        with self.work() as uow:
            goods.receive(
                uow,
                [Demand(sku_id, node_id, quantity)],
                source=Source("opening", key),
                key=f"{key}/{sku_id}/{node_id}",
            )

    def buckets(self, sku_id: SkuId, node_id: NodeId) -> dict[Internal, int]:
        """Return the buckets of a shelf that hold anything."""
        with self.work() as uow:
            row = uow.session.get(StockBalance, (self.tenant_id, sku_id, node_id))
            held = buckets_of(row) if row is not None else {}
        return {bucket: units for bucket, units in held.items() if units}

    def shelf(self, sku_id: SkuId, node_id: NodeId) -> Shelf:
        """Name a shelf."""
        return Shelf(sku_id, node_id)

    def proves_sound(self) -> bool:
        """Assert every invariant of stock; True, so that it can be asserted itself."""
        with self.work() as uow:
            assert violations(uow, STOCK_INVARIANTS) == {}
        return True

    def ledger(self) -> list[tuple[str, str, int]]:
        """Return (from, to, quantity) of every movement, shelf by shelf, oldest first."""
        with self.work() as uow:
            rows = uow.session.execute(
                text(
                    "SELECT bucket_from, bucket_to, quantity FROM stock_ledger"
                    " ORDER BY sku_id, node_id, seq"
                )
            )
            return [(source, target, units) for source, target, units in rows]


def a_merchant(runtime: Runtime, tenant_id: TenantId) -> Merchant:
    """Set a merchant up: MUG and LAMP, BERLIN and OSLO."""
    with runtime.unit_of_work(tenant_id, SHOP_SYSTEM) as uow:
        mug = a_sku(uow, MUG_BLUE)
        lamp = a_sku(uow, MUG_BLUE, code="LAMP-RED", name="Desk lamp, red")
        berlin, oslo = a_node(uow, BERLIN), a_node(uow, OSLO)
        return Merchant(runtime, tenant_id, mug.id, lamp.id, berlin.id, oslo.id)
