"""One of every order, purchase and movement, for the tests that run over every route."""

import itertools
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from commerce.ids import NodeId, SkuId
from commerce.procurement import service
from commerce.procurement.service import Need
from kernel.access import system_actor
from tests.conftest import MONDAY

if TYPE_CHECKING:
    from tests.api.factories import IdOf, World

_numbers = itertools.count(1)
_EUROS = {"amount": "12.00", "currency": "EUR"}
HUSH = "hush-of-acme"


def _order(id_of: "IdOf") -> Any:
    return {
        "channel_id": id_of("channel_id"),
        "external_id": f"{HUSH}-{next(_numbers)}",
        "placed_at": MONDAY.isoformat(),
        "customer": {"reference": HUSH, "name": HUSH},
        "ship_to": {
            "country": "DE",
            "postal_code": "14467",
            "latitude": "52.390569",
            "longitude": "13.064473",
        },
        "lines": [{"sku": HUSH, "quantity": 2, "price": _EUROS}],
    }


def _units(id_of: "IdOf", quantity: int = 1) -> Any:
    return [{"sku_id": id_of("sku_id"), "node_id": id_of("node_id"), "quantity": quantity}]


def _receipt(id_of: "IdOf") -> Any:
    return {"document_kind": "note", "document_id": HUSH, "lines": _units(id_of, 9)}


def _reservation(id_of: "IdOf") -> Any:
    return {"cart": f"{HUSH}-{next(_numbers)}", "lines": _units(id_of)}


def _correction(id_of: "IdOf") -> Any:
    shelf = {"sku_id": id_of("sku_id"), "node_id": id_of("node_id")}
    return {**shelf, "difference": 1, "reason": HUSH}


def _transfer(id_of: "IdOf") -> Any:
    ways = {"source_node_id": id_of("node_id"), "target_node_id": id_of("other_node_id")}
    return {"sku_id": id_of("sku_id"), "quantity": 1, **ways}


def _send(world: "World", address: str, body: Any) -> Any:
    key = f"make-{next(_numbers)}"
    answer = world.client.send("POST", address, body, Idempotency_Key=key)
    assert answer.status_code == 201, answer.text
    return json.loads(answer.text)


def _made_order(world: "World") -> str:
    made = _send(world, "/api/orders", _order(world.id))
    world.ids["order_line_id"] = made["lines"][0]["id"]
    return str(made["id"])


def _made_line(world: "World") -> str:
    world.id("order_id")
    return world.ids["order_line_id"]


def _made_reservation(world: "World") -> str:
    _send(world, "/api/stock/receipts", _receipt(world.id))
    made = _send(world, "/api/stock/reservations", _reservation(world.id))
    return str(made["data"][0]["id"])


def _made_purchase(world: "World") -> str:
    world.id("supplier_item_id")
    need = Need(SkuId(world.id("sku_id")), 3, NodeId(world.id("node_id")))
    with world.runtime.unit_of_work(world.tenant_id, system_actor("tests")) as uow:
        return service.draft_order(uow, need, key=f"draft-{next(_numbers)}").id


def _other_node(world: "World") -> str:
    place = {"country": "DE", "latitude": "52.520008", "longitude": "13.404954"}
    code = f"BERLIN-{next(_numbers)}"
    return world.post("/api/nodes", {"code": code, "name": HUSH, "kind": "store", **place})


def _made_fulfilment(world: "World") -> str:
    """Let a node be asked for an order that it has, and its work be listed."""
    _send(world, "/api/stock/receipts", _receipt(world.id))
    wanted = {**_order(world.id), "lines": [_line_in_stock(world)]}
    order = _send(world, "/api/orders", wanted)
    made = _send(world, f"/api/orders/{order['id']}/release", None)
    identity = str(made["fulfilment_order_ids"][0])
    answer = world.client.send("GET", "/api/warehouse-tasks")
    world.ids["warehouse_task_id"] = next(
        task["id"]
        for task in json.loads(answer.text)["data"]
        if task["fulfilment_order_id"] == identity
    )
    return identity


def _line_in_stock(world: "World") -> Any:
    answer = world.client.send("GET", f"/api/skus/{world.id('sku_id')}")
    return {"sku": json.loads(answer.text)["code"], "quantity": 1, "price": _EUROS}


def _made_warehouse_task(world: "World") -> str:
    world.id("fulfilment_order_id")
    return world.ids["warehouse_task_id"]


def _shipped(id_of: "IdOf") -> Any:
    ways = {"source_node_id": id_of("node_id"), "target_node_id": id_of("other_node_id")}
    return {**ways, "lines": [{"sku_id": id_of("sku_id"), "quantity": 1}]}


def _made_transfer(world: "World") -> str:
    _send(world, "/api/stock/receipts", _receipt(world.id))
    return str(_send(world, "/api/transfers", _shipped(world.id))["id"])


def _made_adjustment(world: "World") -> str:
    return str(_send(world, "/api/stock-adjustments", _correction(world.id))["id"])


TRADE_MAKERS: Mapping[str, Callable[["World"], str]] = {
    "order_id": _made_order,
    "order_line_id": _made_line,
    "reservation_id": _made_reservation,
    "purchase_order_id": _made_purchase,
    "transfer_id": _made_transfer,
    "adjustment_id": _made_adjustment,
    "fulfilment_order_id": _made_fulfilment,
    "warehouse_task_id": _made_warehouse_task,
    "other_node_id": _other_node,
}

_FULFILMENT = "/api/fulfilment-orders/<fulfilment_order_id>"
_CANCELLATION = "/api/orders/<order_id>/lines/<order_line_id>/cancellation"

TRADE_BODIES: Mapping[tuple[str, str], Callable[["IdOf"], Any]] = {
    ("POST", "/api/orders"): _order,
    ("POST", _CANCELLATION): lambda _id: {"reason": HUSH},
    ("POST", "/api/orders/<order_id>/cancellation"): lambda _id: {"reason": HUSH},
    ("POST", "/api/orders/<order_id>/lines/<order_line_id>/routing"): lambda id_of: {
        "node_id": id_of("node_id")
    },
    ("POST", "/api/orders/<order_id>/holds"): lambda _id: {"reason": HUSH},
    ("POST", f"{_FULFILMENT}/picks"): lambda _id: {},
    ("POST", f"{_FULFILMENT}/short-picks"): lambda _id: {
        "position": 1,
        "quantity": 1,
        "reason": "mismatch",
    },
    ("POST", f"{_FULFILMENT}/shipment"): lambda _id: {"carrier": HUSH},
    ("POST", f"{_FULFILMENT}/hold"): lambda _id: {"reason": HUSH},
    ("POST", f"{_FULFILMENT}/cancellation"): lambda _id: {"reason": HUSH},
    ("POST", "/api/warehouse-tasks/<warehouse_task_id>/assignment"): lambda _id: {},
    ("POST", "/api/transfers"): _shipped,
    ("POST", "/api/transfers/<transfer_id>/arrivals"): lambda id_of: {
        "lines": [{"sku_id": id_of("sku_id"), "quantity": 1}]
    },
    ("POST", "/api/transfers/<transfer_id>/closing"): lambda _id: {"reason": HUSH},
    ("POST", "/api/stock-adjustments"): _correction,
    ("POST", "/api/stock-adjustments/<adjustment_id>/approval"): lambda _id: {
        "digest": "sha256:of-something-else"
    },
    ("POST", "/api/stock-adjustments/<adjustment_id>/rejection"): lambda _id: {"reason": HUSH},
    ("POST", "/api/stock/counts"): lambda id_of: {
        "sku_id": id_of("sku_id"),
        "node_id": id_of("node_id"),
        "counted": 1,
        "expected_quantity": 0,
        "reason": HUSH,
    },
    ("POST", "/api/stock/receipts"): _receipt,
    ("POST", "/api/stock/reservations"): _reservation,
    ("POST", "/api/stock/corrections"): _correction,
    ("POST", "/api/stock/transfers"): _transfer,
    ("POST", "/api/purchase-orders/<purchase_order_id>/approval"): lambda _id: {
        "digest": "sha256:of-something-else"
    },
}
