"""Tells the API what happens in the channels, and notes what it answered."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kernel.canonical import to_json
from tenants.demo.agenda import Entry
from tenants.demo.founding import Merchant
from tenants.demo.geography import place_of
from tenants.demo.merchant import NODES, channel_of, draw, tier_of
from tenants.demo.storefront import Answer, Storefront
from tenants.demo.superstore import HistoricLine, HistoricOrder

CREATED, CONFLICT, UNPROCESSABLE = 201, 409, 422
STORES = tuple(node.code for node in NODES if node.kind == "store")
NOT_LISTED = "-OLD"


class UnexpectedAnswer(Exception):
    """The API answered what nothing in the history explains; the message says what."""


@dataclass
class Channels:
    """Everything that reaches the merchant from outside, in the order of the agenda."""

    storefront: Storefront
    merchant: Merchant
    orders: Sequence[HistoricOrder]
    moments: Sequence[datetime]
    """When each order was placed."""
    told: Counter[str] = field(default_factory=Counter)
    """How often each kind of answer came."""
    _ids: dict[int, str] = field(default_factory=dict, repr=False)

    def tell(self, entry: Entry) -> None:
        """Tell the API of one happening; UnexpectedAnswer where the answer fits nothing."""
        if entry.happening in ("placed", "malformed", "unknown", "put right"):
            self._place(entry)
        else:
            self._change(entry)

    def _place(self, entry: Entry) -> None:
        order, is_right = self.orders[entry.position], entry.happening != "malformed"
        body = order_body(order, self.moments[entry.position], self.merchant)
        if entry.happening == "malformed":
            body["lines"][0]["quantity"] = 0
        if entry.happening == "unknown":
            body["lines"][0]["sku"] += NOT_LISTED
        if entry.happening == "put right":
            body["external_version"] = 2
        key = f"{order.number}/{entry.happening}/{entry.time}".replace(" ", "-")
        answer = self.storefront.post("/api/orders", body, key=key)
        if answer.status == CONFLICT and entry.happening == "put right":
            self.told["orders put right too late"] += 1
            return
        self._expect(answer, entry, CREATED if is_right else UNPROCESSABLE)
        if not is_right:
            self.told["malformed orders refused"] += 1
            return
        known = self._ids.setdefault(entry.position, answer.document["id"])
        if known != answer.document["id"]:
            raise UnexpectedAnswer(f"{order.number} became a second order when it came again")
        if entry.time > 1:
            self.told["orders that came again"] += 1

    def _change(self, entry: Entry) -> None:
        verb = {"held": "holds", "resumed": "resumption", "cancelled": "cancellation"}
        order = self.orders[entry.position]
        path = f"/api/orders/{self._ids[entry.position]}/{verb[entry.happening]}"
        body = None if entry.happening == "resumed" else {"reason": "The customer asked for it."}
        key = f"{order.number}/{entry.happening}"
        answer = self.storefront.post(path, body, key=key)
        if answer.status == CONFLICT:
            self.told[f"orders {entry.happening} too late"] += 1
            return
        self._expect(answer, entry, CREATED)
        self.told[f"orders {entry.happening}"] += 1

    def _expect(self, answer: Answer, entry: Entry, status: int) -> None:
        if answer.status != status:
            number = self.orders[entry.position].number
            raise UnexpectedAnswer(
                f"{number}, {entry.happening}: {answer.status} {answer.document}"
            )


def order_body(order: HistoricOrder, moment: datetime, merchant: Merchant) -> dict[str, Any]:
    """Return an order as its channel hands it over."""
    channel = channel_of(order)
    is_collected = channel.kind == "store"
    store = STORES[draw(f"store/{order.number}", len(STORES))]
    return {
        "channel_id": merchant.channels[channel.code],
        "external_id": order.number,
        "placed_at": to_json(moment),
        "customer": {
            "reference": order.customer_id,
            "name": order.customer_name,
            "tier": tier_of(order),
            "email": f"{order.customer_id.lower()}@customers.example",
        },
        "lines": [_line(line) for line in order.lines],
        "ship_to": None if is_collected else _ship_to(order.postal_code),
        "collect_at": merchant.nodes[store] if is_collected else None,
    }


def _line(line: HistoricLine) -> dict[str, Any]:
    return {
        "sku": line.product_id,
        "quantity": line.quantity,
        "price": to_json(line.amount),
    }


def _ship_to(postal_code: str) -> Mapping[str, str]:
    place = place_of(postal_code)
    return {
        "country": "US",
        "postal_code": postal_code,
        "latitude": str(place.latitude),
        "longitude": str(place.longitude),
    }
