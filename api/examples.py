"""Example values of the document: one small trade in mugs, of which every example speaks.

A member has the same value wherever it stands, so the id that one answer shows is the id that the
next request sends. A schema's own `example` comes first.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from commerce.ids import PREFIXES

_MOMENT = "01jd3w8m4tq5v0c7x2y9kz6ehp"

_PREFIX_OF: Mapping[str, str] = {
    **{f"{thing}_id": prefix for thing, prefix in PREFIXES.items()},
    **dict.fromkeys(("source_node_id", "target_node_id", "collect_at"), PREFIXES["node"]),
    **dict.fromkeys(
        ("approver_id", "assignee_id", "author_id", "decided_by", "ended_by", "held_by",
         "made_by", "manager_id", "member_id", "of_id", "requester_id", "to_id", "voter_id",
         "actor_id", "actorid"),
        "mem",
    ),
    "adjustment_id": "adj",
    "customer_id": "cus",
    "definition_id": "def",
    "delegation_id": "dlg",
    "fulfilment_order_id": "ful",
    "operation_id": "opn",
    "order_id": "ord",
    "order_line_id": "orl",
    "purchase_order_id": "pur",
    "request_id": "req",
    "reservation_id": "rsv",
    "run_id": "run",
    "subject_id": "ord",
    "task_id": "tsk",
    "transfer_id": "trf",
    "warehouse_task_id": "wtk",
    "webhook_id": "whe",
    "delivery_id": "whm",
    "event_id": "evt",
}  # fmt: skip

# What the schema of an answer is called, without what it is a part of: whose `id` it has.
_ID_OF_SCHEMA: Mapping[str, str] = {
    "Product": "product_id", "Sku": "sku_id", "Supplier": "supplier_id",
    "SupplierItem": "supplier_item_id", "Node": "node_id", "Channel": "channel_id",
    "Listing": "listing_id", "Member": "member_id", "Order": "order_id", "OrderHead": "order_id",
    "OrderLine": "order_line_id", "Fulfilment": "fulfilment_order_id",
    "FulfilmentHead": "fulfilment_order_id", "WarehouseTask": "warehouse_task_id",
    "PurchaseOrder": "purchase_order_id", "PurchaseOrderHead": "purchase_order_id",
    "Task": "task_id", "Run": "run_id", "Operation": "operation_id",
    "Adjustment": "adjustment_id", "ShippedTransfer": "transfer_id",
    "TransferHead": "transfer_id", "Reservation": "reservation_id",
    "Webhook": "webhook_id", "WebhookDelivery": "delivery_id",
    "Delegation": "delegation_id",
}  # fmt: skip

_IN_SCHEMA: Mapping[tuple[str, str], Any] = {
    ("Customer", "name"): "Nora Lind",
    ("Customer", "reference"): "shop-customer-204",
    ("Member", "name"): "Ana Ruiz",
    ("Member", "email"): "ana@acme.example",
    ("Delegation", "reason"): "Away until Monday",
    ("Node", "name"): "Berlin warehouse",
    ("Supplier", "name"): "Delft Pottery",
    ("Channel", "name"): "Own shop",
    ("Sku", "name"): "Coffee mug, blue",
    ("Event", "id"): f"evt_{_MOMENT}",
    ("Event", "type"): "product.created",
    ("Webhook", "description"): "Orders for the shop",
    ("WebhookDelivery", "event_type"): "order.placed",
    ("WebhookAttempt", "status"): 204,
    ("WebhookAttempt", "told"): "",
    ("WebhookAttempt", "answer"): "",
    ("Event", "source"): "https://wareflow.example/t/acme",
    ("Operation", "kind"): "catalog.import",
    ("Order", "phase"): "allocated",
}

_VALUES: Mapping[str, Any] = {
    "available": 98,
    "carrier": "PostNord",
    "cart": "cart-7f3a",
    "category": "Kitchen",
    "city": "Berlin",
    "counted": 98,
    "country": "DE",
    "currency": "EUR",
    "description": "Stoneware, 300 ml.",
    "difference": -2,
    "digest": "sha256:9f2c41d7",
    "document_id": "DN-2041",
    "document_kind": "delivery_note",
    "email": "orders@delft-pottery.example",
    "expected_available": 100,
    "expected_quantity": 100,
    "external_id": "1000-42",
    "external_version": 1,
    "latitude": "52.520008",
    "lead_time_days": 7,
    "longitude": "13.404954",
    "minimum_quantity": 12,
    "multiple_quantity": 12,
    "name": "Coffee mug",
    "number": 1042,
    "on_hand": 100,
    "position": 1,
    "postal_code": "10115",
    "quantity": 2,
    "rank": 1,
    "reason": "Two mugs were broken on the shelf",
    "sku": "MUG-BLUE",
    "supplier_code": "DP-MUG-B",
    "title": "Approve purchase order 17",
    "tracking": "370000000001",
    "version": 1,
    "weight_grams": 340,
    **{member: f"{prefix}_{_MOMENT}" for member, prefix in _PREFIX_OF.items()},
}

# A request that keeps rules which no schema says: an order goes somewhere.
_WHOLE: Mapping[str, Any] = {
    "NewOrder": {
        "channel_id": _VALUES["channel_id"],
        "external_id": _VALUES["external_id"],
        "placed_at": "2026-03-02T08:00:00Z",
        "customer": {"reference": "shop-customer-204", "name": "Nora Lind"},
        "ship_to": {
            "country": "DE",
            "postal_code": "14467",
            "latitude": "52.390569",
            "longitude": "13.064473",
        },
        "lines": [
            {"sku": "MUG-BLUE", "quantity": 2, "price": {"amount": "12.34", "currency": "EUR"}}
        ],
    },
}


def add_examples(document: dict[str, Any]) -> None:
    """Give members and parts of addresses that have no example the one of our small trade."""
    for name, schema in document["components"]["schemas"].items():
        for member, described in schema.get("properties", {}).items():
            _add(described, name, member)
        if name in _WHOLE:
            schema["example"] = _WHOLE[name]
    for described in _parts(document):
        _add(described["schema"], "", described["name"])


def _parts(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from (each for each in methods.get("parameters", ()) if each["in"] == "path")


def _add(described: dict[str, Any], schema: str, member: str) -> None:
    kinds = described.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else kinds
    is_plain = {"string", "integer"}.intersection(kinds) and not {"enum", "example"} & {*described}
    if not is_plain or "format" in described:
        return
    example = _value(schema.removeprefix("New").removesuffix("Patch"), member)
    fits = isinstance(example, str) if "string" in kinds else isinstance(example, int)
    if example is not None and fits:
        described["example"] = example


def _value(schema: str, member: str) -> Any:
    if member == "id":
        named = _ID_OF_SCHEMA.get(schema)
        return _VALUES[named] if named else _IN_SCHEMA.get((schema, member))
    return _IN_SCHEMA.get((schema, member), _VALUES.get(member))
