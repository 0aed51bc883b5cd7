"""Orders for tests: each builder says only what the test is about."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from commerce.ids import ChannelId, OrderId
from commerce.inventory.invariants import STOCK_INVARIANTS, violations
from commerce.orders.contents import CustomerContent, LineContent, OrderContent, ShipTo
from commerce.orders.invariants import ORDER_INVARIANTS
from commerce.orders.service import place_order
from commerce.orders.tables import SalesOrderLine
from commerce.warehouse.invariants import WAREHOUSE_INVARIANTS
from kernel.money import Money
from kernel.outbox import OutboxEvent
from tests.commerce.builders import a_channel
from tests.commerce.stock_builders import Merchant
from tests.conftest import MONDAY

POTSDAM = ShipTo("DE", "14467", Decimal("52.390569"), Decimal("13.064473"))
BERGEN = ShipTo("NO", "5003", Decimal("60.391263"), Decimal("5.322054"))
CARLA = CustomerContent("C-1", "Carla", "basic")
GREG = CustomerContent("C-2", "Greg", "gold")


def mugs(quantity: int, *, sku: str = "MUG-BLUE", price: str = "10.00") -> LineContent:
    """Spell a line."""
    return LineContent(sku, quantity, Money.parse(price, "EUR"))


@dataclass(frozen=True)
class Shop:
    """A merchant with a channel that takes orders."""

    merchant: Merchant
    channel_id: ChannelId

    def order(self, *lines: LineContent, number: str = "A-1", **said: Any) -> OrderContent:
        """Spell an order of Carla's, shipped to Potsdam, unless said otherwise."""
        plain = OrderContent(
            self.channel_id, number, MONDAY, CARLA, lines or (mugs(1),), ship_to=POTSDAM
        )
        return replace(plain, **said)

    def place(self, *lines: LineContent, number: str = "A-1", **said: Any) -> OrderId:
        """Place an order."""
        with self.merchant.work() as uow:
            return place_order(uow, self.order(*lines, number=number, **said)).order_id

    def lines(self, order_id: OrderId) -> list[SalesOrderLine]:
        """Return an order's lines."""
        with self.merchant.work() as uow:
            return list(
                uow.session.scalars(
                    select(SalesOrderLine)
                    .where(SalesOrderLine.order_id == order_id)
                    .order_by(SalesOrderLine.position)
                )
            )

    def outcomes(self, order_id: OrderId) -> list[tuple[str, int]]:
        """Return (phase, units short) of an order's lines."""
        return [(line.phase, line.quantity_short) for line in self.lines(order_id)]

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return what the events of a name say, oldest first."""
        with self.merchant.work() as uow:
            rows = uow.session.scalars(
                select(OutboxEvent)
                .where(OutboxEvent.name == name)
                .order_by(OutboxEvent.written_in, OutboxEvent.id)
            )
            return [row.data for row in rows]

    def proves_sound(self) -> bool:
        """Assert every invariant of stock, warehouses and orders."""
        with self.merchant.work() as uow:
            assert (
                violations(uow, (*STOCK_INVARIANTS, *WAREHOUSE_INVARIANTS, *ORDER_INVARIANTS)) == {}
            )
        return True


def a_shop(merchant: Merchant) -> Shop:
    """Open a channel in which a merchant's SKUs are ordered by code."""
    with merchant.work() as uow:
        return Shop(merchant, a_channel(uow).id)
