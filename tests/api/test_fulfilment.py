"""Goods that leave, are carried, counted and corrected, as an outsider meets them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kernel.runtime import Runtime
from kernel.settings import write
from tests.api.conftest import ApiClient, told
from tests.commerce.order_builders import Shop, a_shop, mugs
from tests.commerce.stock_builders import Merchant, a_merchant
from tests.conftest import ACME

SCOPES = ("orders:read", "orders:write", "inventory:read", "inventory:write", "inventory:adjust")


@dataclass
class Dock:
    """A machine at ACME's dock."""

    client: ApiClient
    merchant: Merchant
    shop: Shop
    keys: Iterator[int]

    def post(self, address: str, body: Any = None) -> TestResponse:
        """Send something with a key of its own."""
        key = f"key-{next(self.keys)}"
        return self.client.send("POST", f"/api/{address}", body, Idempotency_Key=key)

    def made(self, address: str, body: Any = None) -> Any:
        """Send something that is done."""
        answer = self.post(address, body)
        assert answer.status_code == 201, answer.text
        return json.loads(answer.text)

    def get(self, address: str) -> Any:
        """Read something that is there."""
        answer = self.client.send("GET", f"/api/{address}")
        assert answer.status_code == 200, answer.text
        return json.loads(answer.text)

    def shelf(self, **said: Any) -> Any:
        """Name the mugs of Berlin."""
        return {"sku_id": self.merchant.mug, "node_id": self.merchant.berlin, **said}


@pytest.fixture
def dock(runtime: Runtime, sign_in: Callable[..., ApiClient]) -> Dock:
    """ACME's dock, with nine mugs in Berlin."""
    merchant = a_merchant(runtime, ACME)
    merchant.stock(merchant.mug, merchant.berlin, 9)
    return Dock(sign_in("acme", *SCOPES), merchant, a_shop(merchant), iter(range(1, 999)))


def test_an_order_is_released_picked_short_packed_and_shipped(dock: Dock) -> None:
    order_id = dock.shop.place(mugs(5))

    released = dock.made(f"orders/{order_id}/release")
    (identity,) = released["fulfilment_order_ids"]
    parcel = f"fulfilment-orders/{identity}"
    too_early = dock.post(f"{parcel}/packing")
    dock.made(f"{parcel}/picks", {"lines": [{"position": 1, "quantity": 3}]})
    short = {"position": 1, "quantity": 2, "reason": "damaged"}
    picked = dock.made(f"{parcel}/short-picks", short)
    packed = dock.made(f"{parcel}/packing")
    shipped = dock.made(f"{parcel}/shipment", {"carrier": "Postman", "tracking": "T-1"})

    assert (too_early.status_code, told(too_early)["code"]) == (
        409,
        "warehouse.not_in_this_status",
    )
    assert [line["remaining"] for line in picked["lines"]] == [3]
    assert (packed["status"], shipped["status"]) == ("packed", "closed")
    order = dock.get(f"orders/{order_id}")
    assert [(line["phase"], line["quantity"]) for line in order["lines"]] == [
        ("fulfilled", 3),
        ("backordered", 2),
    ]
    assert dock.merchant.buckets(dock.merchant.mug, dock.merchant.berlin) == {
        "available": 4,
        "damaged": 2,
    }
    listed = dock.get(f"fulfilment-orders?order_id={order_id}&status=closed")["data"]
    assert [each["id"] for each in listed] == [identity]
    assert dock.get(f"fulfilment-orders?node_id={dock.merchant.oslo}")["data"] == []


def test_tasks_are_listed_taken_and_end_with_their_parcel(dock: Dock) -> None:
    order_id = dock.shop.place(mugs(5))
    dock.made(f"orders/{order_id}/release")
    (task,) = dock.get(f"warehouse-tasks?kind=pick&node_id={dock.merchant.berlin}")["data"]

    taken = dock.made(f"warehouse-tasks/{task['id']}/assignment", {"assignee_id": "mem_ana"})
    dock.made(f"fulfilment-orders/{task['fulfilment_order_id']}/picks", {})
    not_this_one = dock.post(f"warehouse-tasks/{task['id']}/completion")

    assert taken["assignee_id"] == "mem_ana"
    assert told(not_this_one)["code"] == "warehouse.not_in_this_status"
    assert [each["kind"] for each in dock.get("warehouse-tasks")["data"]] == ["pack"]
    assert dock.get(f"warehouse-tasks/{task['id']}")["state"] == "done"


def test_an_order_is_held_resumed_amended_and_given_up(dock: Dock) -> None:
    order_id = dock.shop.place(mugs(5))

    held = dock.made(f"orders/{order_id}/holds", {"reason": "fraud check"})
    refused = dock.post(f"orders/{order_id}/release")
    again = dock.post(f"orders/{order_id}/holds", {"reason": "fraud check"})
    resumed = dock.made(f"orders/{order_id}/resumption")
    dock.shop.place(mugs(2), external_version=2)
    given_up = dock.made(f"orders/{order_id}/cancellation", {"reason": "regret"})

    assert [each["phase"] for each in (held, resumed, given_up)] == [
        "held",
        "allocated",
        "cancelled",
    ]
    assert (told(refused)["code"], told(again)["code"]) == ("orders.held", "orders.already_held")
    (hold,) = dock.get(f"orders/{order_id}/holds")["data"]
    assert hold["reason"] == "fraud check"
    assert hold["ended_at"] is not None
    assert dock.merchant.buckets(dock.merchant.mug, dock.merchant.berlin) == {"available": 9}


def test_goods_are_sent_and_arrive_in_parts_and_the_rest_is_written_off(dock: Dock) -> None:
    merchant = dock.merchant
    ways = {"source_node_id": merchant.berlin, "target_node_id": merchant.oslo}
    some = [{"sku_id": merchant.mug, "quantity": 2}]
    carried = [{"sku_id": merchant.mug, "quantity": 5}]

    sent = dock.made("transfers", {**ways, "lines": carried})
    arrived = dock.made(f"transfers/{sent['id']}/arrivals", {"lines": some})
    too_many = dock.post(f"transfers/{sent['id']}/arrivals", {"lines": carried})
    closed = dock.made(f"transfers/{sent['id']}/closing", {"reason": "robbed"})
    over = dock.post(f"transfers/{sent['id']}/cancellation")

    assert [each["state"] for each in (sent, arrived, closed)] == ["shipped", "shipped", "received"]
    assert arrived["lines"][0]["on_the_road"] == 3
    assert told(too_many)["on_the_road"] == 3
    assert told(over)["code"] == "inventory.transfer_over"
    assert merchant.buckets(merchant.mug, merchant.oslo) == {"available": 2}
    assert [each["id"] for each in dock.get("transfers?state=received")["data"]] == [sent["id"]]


def test_many_units_are_corrected_by_two_and_counts_meet_the_books(
    dock: Dock, sign_in: Callable[..., ApiClient]
) -> None:
    with dock.merchant.work() as uow:
        write(uow, (), "inventory.approval_above", 3)
    wish = dock.shelf(difference=-5, reason="flood")

    alone = dock.post("stock/corrections", wish)
    proposed = dock.made("stock-adjustments", wish)
    decision = f"stock-adjustments/{proposed['id']}/approval"
    own = dock.post(decision, {"digest": proposed["digest"]})
    dock.client = sign_in("acme", *SCOPES)
    posted = dock.made(decision, {"digest": proposed["digest"]})
    late = dock.post("stock/counts", dock.shelf(counted=3, expected_quantity=9, reason="count"))
    counted = dock.made("stock/counts", dock.shelf(counted=3, expected_quantity=4, reason="count"))

    assert told(alone)["code"] == "inventory.approval_needed"
    assert told(own)["code"] == "inventory.own_adjustment"
    assert (posted["state"], told(late)["on_hand"], counted) == ("posted", 4, {"difference": -1})
    assert dock.get("stock-adjustments?state=posted")["data"][0]["id"] == proposed["id"]


def test_a_line_moves_to_another_node_and_channels_are_told_why(dock: Dock) -> None:
    merchant = dock.merchant
    merchant.stock(merchant.mug, merchant.oslo, 4)
    order_id = dock.shop.place(mugs(3))
    (line,) = dock.shop.lines(order_id)

    moved = dock.made(f"orders/{order_id}/lines/{line.id}/routing", {"node_id": merchant.oslo})
    seen = dock.get(f"channel-stock/{dock.shop.channel_id}/skus/{merchant.mug}")

    assert moved["node_id"] == merchant.oslo
    assert seen["quantity"] == 10
    assert {each["term"]: each["units"] for each in seen["why"]} == {
        "node BERLIN": 9,
        "node OSLO": 1,
        "unrouted_demand": 0,
        "network_threshold": 0,
    }
