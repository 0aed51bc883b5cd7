"""Orders, stock and purchases as an outsider meets them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from commerce.procurement import service
from kernel.runtime import Runtime
from tests.api.conftest import ApiClient, told
from tests.commerce.order_builders import Shop, a_shop
from tests.commerce.purchase_builders import BEA, a_desk
from tests.commerce.stock_builders import Merchant, a_merchant
from tests.conftest import ACME, MONDAY

SCOPES = (
    "orders:read", "orders:write", "inventory:read", "inventory:write", "inventory:adjust",
    "procurement:read", "procurement:approve",
)  # fmt: skip


@dataclass
class Counter:
    """A machine at ACME's counter."""

    client: ApiClient
    merchant: Merchant
    shop: Shop
    keys: Iterator[int]

    def post(self, address: str, body: Any = None, *, key: str | None = None) -> TestResponse:
        """Send something with a key of its own, or a given one."""
        named = key or f"key-{next(self.keys)}"
        return self.client.send("POST", f"/api/{address}", body, Idempotency_Key=named)

    def get(self, address: str) -> Any:
        """Read something that is there."""
        answer = self.client.send("GET", f"/api/{address}")
        assert answer.status_code == 200, answer.text
        return json.loads(answer.text)

    def order(self, quantity: Any = 2, *, number: str = "A-1", sku: str = "MUG-BLUE") -> Any:
        """Spell an order of mugs, shipped to Potsdam."""
        return {
            "channel_id": self.shop.channel_id,
            "external_id": number,
            "placed_at": MONDAY.isoformat(),
            "customer": {"reference": "C-1", "name": "Carla", "tier": "gold"},
            "ship_to": {
                "country": "DE",
                "postal_code": "14467",
                "latitude": "52.390569",
                "longitude": "13.064473",
            },
            "lines": [
                {"sku": sku, "quantity": quantity, "price": {"amount": "20.00", "currency": "EUR"}}
            ],
        }

    def units(self, quantity: int) -> Any:
        """Spell mugs in Berlin."""
        merchant = self.merchant
        return [{"sku_id": merchant.mug, "node_id": merchant.berlin, "quantity": quantity}]

    def receive(self, quantity: int) -> TestResponse:
        """Take mugs in, in Berlin."""
        lines = self.units(quantity)
        document = {"document_kind": "delivery_note", "document_id": "DN-1"}
        return self.post("stock/receipts", {**document, "lines": lines})


@pytest.fixture
def counter(runtime: Runtime, sign_in: Callable[..., ApiClient]) -> Counter:
    """ACME's counter, with MUG and LAMP, BERLIN and OSLO."""
    merchant = a_merchant(runtime, ACME)
    return Counter(sign_in("acme", *SCOPES), merchant, a_shop(merchant), iter(range(1, 999)))


def test_an_order_is_placed_shown_listed_and_given_up(counter: Counter) -> None:
    assert counter.receive(5).status_code == 201

    placed = counter.post("orders", counter.order())
    order = json.loads(placed.text)
    (line,) = order["lines"]
    given_up = counter.post(
        f"orders/{order['id']}/lines/{line['id']}/cancellation", {"reason": "regret"}
    )

    assert (placed.status_code, order["phase"], line["phase"]) == (201, "allocated", "allocated")
    assert placed.headers["Location"].endswith(f"/api/orders/{order['id']}")
    assert json.loads(given_up.text)["phase"] == "cancelled"
    shown = counter.get(f"orders/{order['id']}")
    assert (shown["phase"], shown["number"], shown["total"]["amount"]) == ("cancelled", 1, "20.00")
    listed = counter.get("orders?phase=cancelled")["data"]
    assert [each["id"] for each in listed] == [order["id"]]
    assert counter.get("orders?phase=held")["data"] == []


def test_the_same_order_under_another_key_is_the_same_order(counter: Counter) -> None:
    """API-11 and the channel's own number: neither a retry nor a second delivery makes two."""
    counter.receive(5)

    first = counter.post("orders", counter.order(), key="first")
    retried = counter.post("orders", counter.order(), key="first")
    delivered_again = counter.post("orders", counter.order(), key="second")
    changed = counter.post("orders", counter.order(quantity=3))

    assert retried.headers["Idempotent-Replayed"] == "true"
    ids = {json.loads(each.text)["id"] for each in (first, retried, delivered_again)}
    assert len(ids) == 1
    assert (changed.status_code, told(changed)["code"]) == (409, "orders.changed")
    assert counter.get(f"stock/levels?sku_id={counter.merchant.mug}")["data"][0]["buckets"] == {
        "available": 3,
        "committed": 2,
        "reserved": 0,
        "quality_control": 0,
        "damaged": 0,
        "incoming": 0,
        "in_transit": 0,
    }


@pytest.mark.parametrize("quantity", [0, -1, 1.5, "2", True, 10**12])
def test_a_quantity_nobody_can_mean_is_pointed_at(counter: Counter, quantity: Any) -> None:
    refused = counter.post("orders", counter.order(quantity=quantity))

    assert refused.status_code == 422
    assert [each["pointer"] for each in told(refused)["errors"]] == ["/lines/0/quantity"]


def test_an_unknown_sku_is_held_and_a_wrong_currency_refused(counter: Counter) -> None:
    held = json.loads(counter.post("orders", counter.order(sku="TEAPOT")).text)
    dollars = counter.order(number="A-2")
    dollars["lines"][0]["price"]["currency"] = "USD"
    refused = counter.post("orders", dollars)

    assert (held["phase"], held["lines"][0]["reason"]) == ("held", "unknown_sku")
    assert told(refused)["errors"][0]["pointer"] == "/lines/0/price/currency"


def test_orders_are_paged_newest_first(counter: Counter) -> None:
    for number in range(5):
        counter.post("orders", counter.order(number=f"A-{number}"))

    first = counter.get("orders?limit=3")
    rest = counter.get(first["next"].removeprefix("/api/"))

    assert [each["number"] for each in first["data"] + rest["data"]] == [5, 4, 3, 2, 1]
    assert rest["next"] is None


def test_availability_explains_itself(counter: Counter) -> None:
    counter.receive(5)
    counter.post("orders", counter.order())

    shown = counter.get(f"stock/skus/{counter.merchant.mug}/availability")

    (berlin,) = shown["nodes"]
    assert (shown["quantity"], berlin["node"], berlin["quantity"]) == (3, "BERLIN", 3)
    assert {each["term"]: each["units"] for each in berlin["why"]} == {
        "on_hand": 5,
        "quality_control": 0,
        "damaged": 0,
        "committed": -2,
        "active_reservations": 0,
        "safety_stock": 0,
    }


def test_every_movement_of_a_shelf_can_be_read_page_by_page(counter: Counter) -> None:
    counter.receive(5)
    counter.post("orders", counter.order())
    shelf = f"stock/skus/{counter.merchant.mug}/nodes/{counter.merchant.berlin}/movements"

    newest = counter.get(f"{shelf}?limit=1")
    oldest = counter.get(newest["next"].removeprefix("/api/"))

    rows = newest["data"] + oldest["data"]
    assert [(row["seq"], row["source"], row["target"], row["quantity"]) for row in rows] == [
        (2, "available", "committed", 2),
        (1, "supplier", "available", 5),
    ]
    assert oldest["next"] is None


def test_units_are_held_for_a_cart_and_given_back(counter: Counter) -> None:
    counter.receive(5)

    held = counter.post("stock/reservations", {"cart": "cart-7", "lines": counter.units(3)})
    too_many = counter.post("stock/reservations", {"cart": "cart-8", "lines": counter.units(3)})
    (reservation,) = json.loads(held.text)["data"]
    released = counter.post(f"stock/reservations/{reservation['id']}/release")

    assert (reservation["state"], json.loads(released.text)["state"]) == ("active", "released")
    assert (too_many.status_code, told(too_many)["code"]) == (409, "inventory.out_of_stock")
    assert told(too_many)["shortages"] == [
        {
            "sku_id": counter.merchant.mug,
            "node_id": counter.merchant.berlin,
            "wanted": 3,
            "available": 2,
        }
    ]


def test_stock_is_corrected_against_a_count_and_carried(counter: Counter) -> None:
    counter.receive(5)
    merchant = counter.merchant
    shelf = {"sku_id": merchant.mug, "node_id": merchant.berlin}
    counted = {**shelf, "difference": -1, "reason": "one broke", "expected_available": 5}

    corrected = counter.post("stock/corrections", counted)
    stale = counter.post("stock/corrections", counted)
    carried = counter.post(
        "stock/transfers",
        {
            "sku_id": merchant.mug,
            "quantity": 3,
            "source_node_id": merchant.berlin,
            "target_node_id": merchant.oslo,
        },
    )

    assert json.loads(corrected.text) == {"available": 4}
    assert (stale.status_code, told(stale)["code"]) == (409, "inventory.counted_meanwhile")
    assert carried.status_code == 201
    levels = counter.get("stock/levels")["data"]
    assert {(each["node"], each["buckets"]["available"]) for each in levels} == {
        ("BERLIN", 1),
        ("OSLO", 3),
    }


def test_levels_are_paged(counter: Counter) -> None:
    merchant = counter.merchant
    for sku_id in (merchant.mug, merchant.lamp):
        for node_id in (merchant.berlin, merchant.oslo):
            merchant.stock(sku_id, node_id, 1)

    first = counter.get("stock/levels?limit=3")
    rest = counter.get(first["next"].removeprefix("/api/"))

    assert [len(first["data"]), len(rest["data"]), rest["next"]] == [3, 1, None]


def test_a_purchase_order_is_approved_as_it_was_shown_by_another(counter: Counter) -> None:
    desk = a_desk(counter.merchant)
    order = desk.draft(actor=BEA)
    with counter.merchant.work(BEA) as uow:
        service.submit_order(uow, order.id, key="p1")
    address = f"purchase-orders/{order.id}"
    shown = counter.get(address)

    other = counter.post(f"{address}/approval", {"digest": "sha256:of-something-else"})
    approved = counter.post(f"{address}/approval", {"digest": shown["digest"]})

    assert (shown["phase"], shown["lines"][0]["quantity"]) == ("pending_approval", 6)
    assert (other.status_code, told(other)["code"]) == (409, "procurement.changed_since_approval")
    assert json.loads(approved.text)["phase"] == "approved"
    assert [each["id"] for each in counter.get("purchase-orders?phase=approved")["data"]] == [
        order.id
    ]


def test_stock_movements_and_orders_need_a_key(counter: Counter) -> None:
    for address in ("orders", "stock/receipts", "stock/corrections", "stock/transfers"):
        refused = counter.client.send("POST", f"/api/{address}", {})
        assert refused.status_code in (400, 422), refused.text


def test_a_line_is_found_under_its_own_order_only(counter: Counter) -> None:
    one = json.loads(counter.post("orders", counter.order()).text)
    two = json.loads(counter.post("orders", counter.order(number="A-2")).text)

    crossed = counter.post(
        f"orders/{one['id']}/lines/{two['lines'][0]['id']}/cancellation", {"reason": "regret"}
    )

    assert crossed.status_code == 404
