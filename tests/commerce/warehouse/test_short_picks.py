"""Units that are not where the books say: the reason decides about the stock, the line waits."""

from collections.abc import Iterator

import pytest

from commerce.inventory.shortfalls import Shortfall
from commerce.orders.service import report_short
from commerce.orders.waiting import SERVE_WAITING
from commerce.warehouse.errors import MoreThanAsked, NotInThisStatus
from commerce.warehouse.leaving import ShortPick
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.errors import Invalid, NotFound, PermissionMissing
from kernel.ports import Ports
from kernel.runtime import Runtime
from tests.commerce.builders import ANA
from tests.commerce.order_builders import Shop, a_shop, mugs
from tests.commerce.stock_builders import Merchant
from tests.commerce.warehouse_builders import Dock
from tests.conftest import ACME, GLOBEX, Cluster, found_tenant


@pytest.fixture
def runtime(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """The kernel with the consumer that serves waiting lines, for two tenants."""
    composed = Runtime(config, ports=Ports(), consumers=[SERVE_WAITING], clock=clock)
    found_tenant(composed, ACME, "Acme Mugs")
    found_tenant(composed, GLOBEX, "Globex Grocery")
    yield composed
    composed.close()


@pytest.fixture
def shop(acme: Merchant) -> Shop:
    """Acme's own shop, with nine mugs in Berlin."""
    acme.stock(acme.mug, acme.berlin, 9)
    return a_shop(acme)


@pytest.fixture
def dock(shop: Shop) -> Dock:
    """Where Acme's orders leave."""
    return Dock(shop)


@pytest.mark.parametrize(
    ("why", "left"),
    [
        pytest.param("mismatch", {"available": 4, "committed": 3}, id="two are missing"),
        pytest.param("not_in_stock", {"committed": 3}, id="the shelf is empty"),
        pytest.param(
            "damaged", {"available": 4, "committed": 3, "damaged": 2}, id="two are broken"
        ),
    ],
)
def test_the_reason_decides_what_becomes_of_the_stock(
    acme: Merchant, shop: Shop, dock: Dock, why: Shortfall, left: dict[str, int]
) -> None:
    order_id = shop.place(mugs(5, price="10.00"))
    (identity,) = dock.release(order_id)

    waits = dock.short(identity, 2, why)

    assert acme.buckets(acme.mug, acme.berlin) == left
    found, missing = shop.lines(order_id)
    assert (found.quantity, found.phase, found.price.minor) == (3, "allocated", 600)
    assert (missing.id, missing.quantity, missing.phase) == (waits, 2, "backordered")
    assert (missing.quantity_short, missing.price.minor, missing.priority) == (2, 400, 3)
    (told,) = shop.events("order.backordered")
    assert (told["order_line_id"], told["quantity_short"]) == (waits, 2)
    assert [each["reason"] for each in shop.events("fulfilment.fell_short")] == [why]
    assert shop.proves_sound()
    dock.send(identity)
    assert shop.outcomes(order_id) == [("fulfilled", 0), ("backordered", 2)]
    assert shop.proves_sound()


def test_a_line_of_which_nothing_is_found_waits_itself(
    acme: Merchant, shop: Shop, dock: Dock
) -> None:
    order_id = shop.place(mugs(5))
    (line,) = shop.lines(order_id)
    (identity,) = dock.release(order_id)

    waits = dock.short(identity, 5, "mismatch")

    assert waits == line.id
    assert shop.outcomes(order_id) == [("backordered", 5)]
    assert (dock.row(identity).status, dock.work(identity)) == (
        "cancelled",
        [("pick", "cancelled")],
    )
    assert shop.proves_sound()


def test_units_that_come_in_serve_who_fell_short_and_leave_in_another_parcel(
    acme: Merchant, shop: Shop, dock: Dock, runtime: Runtime
) -> None:
    """An undersell as feared as an oversell: what fell short is asked for once, not twice."""
    order_id = shop.place(mugs(5))
    (identity,) = dock.release(order_id)
    dock.short(identity, 2, "not_in_stock")
    dock.send(identity)

    acme.stock(acme.mug, acme.berlin, 7, key="delivery")
    runtime.drain_all()
    (second,) = dock.release(order_id, key="second")
    dock.send(second)

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}
    assert shop.outcomes(order_id) == [("fulfilled", 0), ("fulfilled", 0)]
    assert shop.proves_sound()


def test_an_empty_shelf_leaves_what_others_were_promised_to_those_who_look_for_it(
    acme: Merchant, shop: Shop, dock: Dock
) -> None:
    (identity,) = dock.release(shop.place(mugs(3)))
    other = shop.place(mugs(2), number="A-2")

    dock.short(identity, 3, "not_in_stock")

    assert acme.buckets(acme.mug, acme.berlin) == {"committed": 2}
    assert shop.outcomes(other) == [("allocated", 0)]
    assert shop.proves_sound()


def test_only_units_that_are_still_to_be_picked_fall_short(
    acme: Merchant, globex: Merchant, shop: Shop, dock: Dock
) -> None:
    (identity,) = dock.release(shop.place(mugs(3)))
    dock.pick(identity, {1: 2})

    with pytest.raises(MoreThanAsked):
        dock.short(identity, 2, "mismatch")
    for quantity in (0, -1, 10**12):
        with pytest.raises(Invalid):
            dock.short(identity, quantity, "mismatch")
    with pytest.raises(Invalid):
        dock.short(identity, 1, "eaten by mice")  # type: ignore[arg-type] # On purpose.
    with pytest.raises(NotFound):
        dock.short(identity, 1, "mismatch", position=7)
    with pytest.raises(NotFound), globex.work() as uow:
        report_short(uow, identity, ShortPick(1, 1, "mismatch"), key="x")
    with pytest.raises(PermissionMissing), acme.work(ANA) as uow:
        report_short(uow, identity, ShortPick(1, 1, "mismatch"), key="x")
    dock.short(identity, 1, "mismatch")
    dock.pack(identity)
    with pytest.raises(NotInThisStatus):
        dock.short(identity, 3, "damaged")

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 6, "committed": 2}
    assert shop.proves_sound()
