"""What an order says when it comes in, and every fault that can be seen without the database."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from commerce.ids import ChannelId, NodeId
from commerce.inventory.policy import QUANTITY_MAX
from commerce.orders.distance import Point
from commerce.orders.policy import (
    CLOCKS_DIFFER_BY,
    LINES_MAX,
    PRICE_MINOR_MAX,
    TIERS,
    VERSION_MAX,
    Tier,
)
from kernel.errors import Fault, Invalid
from kernel.money import Money

EXTERNAL_ID_LENGTH_MAX = 100
SIX_PLACES = Decimal("0.000001")
CODE_LENGTH_MAX = 64
NAME_LENGTH_MAX = 200
EMAIL_LENGTH_MAX = 254
# Whether it can be reached shows when it is written to: only what nobody can mean is refused.
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True)
class CustomerContent:
    """Who ordered, under the reference by which the merchant knows them."""

    reference: str
    name: str
    tier: Tier = "basic"
    email: str | None = None
    """Where messages about orders go; without it the customer gets none."""


@dataclass(frozen=True)
class ShipTo:
    """Where an order goes: the postal code for people, the coordinates for distances."""

    country: str
    postal_code: str
    latitude: Decimal
    longitude: Decimal

    @property
    def point(self) -> Point:
        """The place on earth, with the six places that are stored: what distances are from."""
        return Point(self.latitude.quantize(SIX_PLACES), self.longitude.quantize(SIX_PLACES))


@dataclass(frozen=True)
class LineContent:
    """Units of a SKU and what the customer pays for all of them together."""

    sku_code: str
    quantity: int
    price: Money


@dataclass(frozen=True)
class OrderContent:
    """An order as a channel hands it over.

    It is shipped to `ship_to`, or collected at the node `collect_at`: one of the two. A channel
    that changes an order sends it again, whole, with a larger `external_version`.
    """

    channel_id: ChannelId
    external_id: str
    placed_at: datetime
    customer: CustomerContent
    lines: tuple[LineContent, ...]
    ship_to: ShipTo | None = None
    collect_at: NodeId | None = None
    external_version: int = 1


def insist_on_sense(content: OrderContent, *, now: datetime, currency: str) -> None:
    """Raise Invalid with every fault of an order: where, what, and how to mend it."""
    faults = (*_faults_of_head(content, now), *_faults_of_lines(content, currency))
    if faults:
        raise Invalid(faults)


def _faults_of_head(content: OrderContent, now: datetime) -> Iterator[Fault]:
    if not 0 < len(content.external_id.strip()) <= EXTERNAL_ID_LENGTH_MAX:
        detail = f"Send the channel's own number of the order, up to {EXTERNAL_ID_LENGTH_MAX} long."
        yield Fault("/external_id", "orders.external_id", detail)
    if not 0 < content.external_version <= VERSION_MAX:
        detail = f"A version is a whole number from 1 to {VERSION_MAX}, larger for what is newer."
        yield Fault("/external_version", "orders.external_version", detail)
    if content.placed_at > now + CLOCKS_DIFFER_BY:
        yield Fault("/placed_at", "orders.placed_in_future", "An order cannot come from later on.")
    if not 0 < len(content.customer.reference.strip()) <= CODE_LENGTH_MAX:
        detail = f"Send the customer's reference, up to {CODE_LENGTH_MAX} characters."
        yield Fault("/customer/reference", "orders.customer", detail)
    if not 0 < len(content.customer.name.strip()) <= NAME_LENGTH_MAX:
        detail = f"Send the customer's name, up to {NAME_LENGTH_MAX} characters."
        yield Fault("/customer/name", "orders.customer", detail)
    email = content.customer.email
    if email is not None and not (len(email) <= EMAIL_LENGTH_MAX and _EMAIL.fullmatch(email)):
        detail = f"Send a mail address such as carla@example.com, up to {EMAIL_LENGTH_MAX} long."
        yield Fault("/customer/email", "orders.customer", detail)
    if content.customer.tier not in TIERS:
        yield Fault("/customer/tier", "orders.tier", f"A tier is one of {', '.join(TIERS)}.")
    if (content.ship_to is None) == (content.collect_at is None):
        detail = "Say where it is shipped to, or at which node it is collected: one of the two."
        yield Fault("/ship_to", "orders.destination", detail)
    if content.ship_to is not None:
        yield from _faults_of_destination(content.ship_to)


def _faults_of_destination(ship_to: ShipTo) -> Iterator[Fault]:
    if len(ship_to.country) != 2 or not ship_to.country.isupper():
        detail = "A country is two capital letters, such as DE."
        yield Fault("/ship_to/country", "orders.country", detail)
    if not 0 < len(ship_to.postal_code) <= 20:
        detail = "A postal code has up to 20 characters."
        yield Fault("/ship_to/postal_code", "orders.postal_code", detail)
    for name, degrees, most in (
        ("latitude", ship_to.latitude, 90),
        ("longitude", ship_to.longitude, 180),
    ):
        if not degrees.is_finite() or abs(degrees) > most:
            detail = f"Degrees from -{most} to {most}."
            yield Fault(f"/ship_to/{name}", "orders.coordinates", detail)


def _faults_of_lines(content: OrderContent, currency: str) -> Iterator[Fault]:
    if not 0 < len(content.lines) <= LINES_MAX:
        detail = f"An order has between 1 and {LINES_MAX} lines; this one has {len(content.lines)}."
        yield Fault("/lines", "orders.lines", detail)
    for position, line in enumerate(content.lines):
        here = f"/lines/{position}"
        if not 0 < len(line.sku_code.strip()) <= CODE_LENGTH_MAX:
            yield Fault(f"{here}/sku", "orders.sku", "Send the code of what was ordered.")
        if not 0 < line.quantity <= QUANTITY_MAX:
            detail = f"A quantity is a whole number from 1 to {QUANTITY_MAX}."
            yield Fault(f"{here}/quantity", "orders.quantity", detail)
        if line.price.currency != currency:
            detail = f"This channel sells in {currency}, not in {line.price.currency}."
            yield Fault(f"{here}/price/currency", "orders.currency", detail)
        if not 0 <= line.price.minor <= PRICE_MINOR_MAX:
            yield Fault(f"{here}/price/amount", "orders.price", "A price is 0 or more.")
