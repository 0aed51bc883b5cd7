"""Replays the history: each order at its moment, each decision by a stated rule, quiet between.

The sandbox's clock stands still while anything is due, so what happens depends on the history
alone: neither on the speed of the workers nor on who of them dies in between.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from commerce.orders.contents import CustomerContent, LineContent, OrderContent, ShipTo
from commerce.orders.service import place_order
from kernel.access import Actor
from kernel.clock import monotonic_seconds
from kernel.ids import ActorId
from kernel.runtime import Runtime
from kernel.tenancy import move_clock
from kernel.uow import UnitOfWork
from tenants.demo.enduring import endure
from tenants.demo.founding import FOUNDER, Merchant
from tenants.demo.geography import place_of
from tenants.demo.merchant import NODES, channel_of, draw, placed_at, tier_of
from tenants.demo.people import decide_open_tasks
from tenants.demo.quiet import wait_until_quiet
from tenants.demo.superstore import HistoricLine, HistoricOrder

Progress = Callable[[str, int, int], None]
STORES = tuple(node.code for node in NODES if node.kind == "store")


@dataclass
class Replay:
    """A history on its way through the product."""

    runtime: Runtime
    merchant: Merchant
    progress: Progress
    seconds: float = 0.0
    _desk: Actor | None = field(default=None, repr=False)

    def run(self, orders: Sequence[HistoricOrder]) -> None:
        """Take every order in at its moment, then let time pass until nothing waits any more."""
        began = monotonic_seconds()
        for position, (order, moment) in enumerate(zip(orders, placed_at(orders), strict=True)):
            self._pass_time_until(moment)
            endure(partial(self._take_in, order, moment))
            self.progress("orders", position + 1, len(orders))
        self._pass_time_until(None)
        self.seconds = monotonic_seconds() - began

    def _pass_time_until(self, moment: datetime | None) -> None:
        """Stop at every instant at which something becomes due before `moment` (None: for ever)."""
        while True:
            due = self.come_to_rest()
            if due is None or (moment is not None and due >= moment):
                break
            self._move_clock(due)
        if moment is not None:
            self._move_clock(moment)

    def _move_clock(self, to: datetime) -> None:
        endure(lambda: self._move_clock_once(to))

    def _move_clock_once(self, to: datetime) -> None:
        with self.runtime.unit_of_work(self.merchant.tenant_id, FOUNDER) as uow:
            if uow.now != to:
                move_clock(uow, to)

    def come_to_rest(self) -> datetime | None:
        """Let the workers finish and the people decide, until both have nothing left to do."""
        tenant_id = self.merchant.tenant_id
        while True:
            quiet = endure(lambda: wait_until_quiet(self.runtime, tenant_id))
            if not quiet.tasks:
                return quiet.next_due
            endure(lambda: decide_open_tasks(self.runtime, self.merchant))

    def _take_in(self, order: HistoricOrder, moment: datetime) -> None:
        with self.runtime.unit_of_work(self.merchant.tenant_id, self._order_desk()) as uow:
            place_order(uow, self._content(order, moment))

    def _order_desk(self) -> Actor:
        if self._desk is None:
            with self.runtime.unit_of_work(self.merchant.tenant_id, FOUNDER) as uow:
                self._desk = actor(uow, self.merchant.desk)
        return self._desk

    def _content(self, order: HistoricOrder, moment: datetime) -> OrderContent:
        channel = channel_of(order)
        is_collected = channel.kind == "store"
        place = place_of(order.postal_code)
        ship_to = ShipTo("US", order.postal_code, place.latitude, place.longitude)
        store = STORES[draw(f"store/{order.number}", len(STORES))]
        return OrderContent(
            channel_id=self.merchant.channels[channel.code],
            external_id=order.number,
            placed_at=moment,
            customer=CustomerContent(order.customer_id, order.customer_name, tier_of(order)),
            lines=tuple(_line(line) for line in order.lines),
            ship_to=None if is_collected else ship_to,
            collect_at=self.merchant.nodes[store] if is_collected else None,
        )


def actor(uow: UnitOfWork, member_id: ActorId) -> Actor:
    """Return a member as it stands now."""
    directory = uow.ports.directory
    assert directory is not None, "the front door fills the directory port"
    return directory.actor(uow, member_id)


def _line(line: HistoricLine) -> LineContent:
    return LineContent(line.product_id, line.quantity, line.amount)
