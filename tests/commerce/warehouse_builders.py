"""A warehouse for tests: an order that is ready to leave, and the people who let it."""

from dataclasses import dataclass

from commerce.ids import FulfilmentOrderId, OrderId, OrderLineId, ShipmentId
from commerce.inventory.shortfalls import Shortfall
from commerce.orders.service import release_order, report_short, ship_parcel
from commerce.warehouse import queries, service
from commerce.warehouse.leaving import Parcel, ShortPick
from commerce.warehouse.lifecycle import TASK_KINDS
from commerce.warehouse.tables import FulfilmentOrder, WarehouseTask
from tests.commerce.order_builders import Shop

PARCEL = Parcel("Postman", "TRACK-1")


@dataclass(frozen=True)
class Dock:
    """Where a shop's orders leave."""

    shop: Shop

    def release(self, order_id: OrderId, *, key: str = "release") -> list[FulfilmentOrderId]:
        """Ask the nodes to ship an order."""
        with self.shop.merchant.work() as uow:
            return release_order(uow, order_id, key=f"{key}/{order_id}")

    def pick(
        self,
        identity: FulfilmentOrderId,
        units: dict[int, int] | None = None,
        *,
        key: str = "pick",
    ) -> None:
        """Take units off their shelf: all, unless said otherwise."""
        with self.shop.merchant.work() as uow:
            service.pick(uow, identity, units, key=f"{key}/{identity}")

    def pack(self, identity: FulfilmentOrderId, *, key: str = "pack") -> None:
        """Close a parcel up."""
        with self.shop.merchant.work() as uow:
            service.pack(uow, identity, key=f"{key}/{identity}")

    def ship(self, identity: FulfilmentOrderId, *, key: str = "ship") -> ShipmentId:
        """Let a parcel leave."""
        with self.shop.merchant.work() as uow:
            return ship_parcel(uow, identity, PARCEL, key=f"{key}/{identity}")

    def send(self, identity: FulfilmentOrderId) -> ShipmentId:
        """Pick, pack and ship, step by step."""
        self.pick(identity)
        self.pack(identity)
        return self.ship(identity)

    def short(
        self, identity: FulfilmentOrderId, quantity: int, why: Shortfall, *, position: int = 1
    ) -> OrderLineId:
        """Report units that were not found."""
        with self.shop.merchant.work() as uow:
            short = ShortPick(position, quantity, why)
            return report_short(uow, identity, short, key=f"short/{identity}/{position}/{quantity}")

    def row(self, identity: FulfilmentOrderId) -> FulfilmentOrder:
        """Return a fulfilment order."""
        with self.shop.merchant.work() as uow:
            return queries.one_fulfilment(uow, identity)

    def asked(self, identity: FulfilmentOrderId) -> list[tuple[int, int, int, int]]:
        """Return (quantity, picked, shipped, dropped) of each line."""
        with self.shop.merchant.work() as uow:
            return [
                (line.quantity, line.picked, line.shipped, line.dropped)
                for line in queries.lines_of(uow, identity)
            ]

    def work(self, identity: FulfilmentOrderId) -> list[tuple[str, str]]:
        """Return (kind, state) of each task, in the order of the work."""
        return sorted(
            ((task.kind, task.state) for task in self.tasks(identity)),
            key=lambda task: TASK_KINDS.index(task[0]),
        )

    def tasks(self, identity: FulfilmentOrderId) -> list[WarehouseTask]:
        """Return the tasks of a fulfilment order."""
        with self.shop.merchant.work() as uow:
            return list(queries.tasks_of(uow, identity))
