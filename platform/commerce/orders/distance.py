"""How far a node is from a customer, and which is nearest: geometry without a database."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import asin, cos, floor, radians, sin, sqrt

from commerce.ids import NodeId

EARTH_RADIUS_METRES = 6_371_008.8
"""The mean radius of the IUGG."""


@dataclass(frozen=True)
class Point:
    """A place on earth, in degrees as they are stored: exact, with six places."""

    latitude: Decimal
    longitude: Decimal


@dataclass(frozen=True)
class Place:
    """A node where it stands; `rank` settles who goes first at equal distance."""

    node_id: NodeId
    rank: str
    point: Point


def metres_between(here: Point, there: Point) -> int:
    """Return the great-circle distance in whole metres, half a metre rounded up.

    Haversine on a sphere: up to 0.5 % off the ellipsoid, the same for every node. It is the only
    place where degrees become floats, and only whole metres leave it, so that distances compare
    exactly afterwards.
    """
    latitude, other = radians(here.latitude), radians(there.latitude)
    across = radians(there.longitude) - radians(here.longitude)
    half_chord = (
        sin((other - latitude) / 2) ** 2 + cos(latitude) * cos(other) * sin(across / 2) ** 2
    )
    # Rounding may lift the sum a hair above 1 for opposite points.
    angle = 2 * asin(min(1.0, sqrt(half_chord)))
    return floor(EARTH_RADIUS_METRES * angle + 0.5)


def nearest_first(customer: Point, places: Iterable[Place]) -> list[NodeId]:
    """Return the nodes by distance from the customer; ties by rank, then by id."""
    ordered = sorted(
        places,
        key=lambda place: (metres_between(customer, place.point), place.rank, place.node_id),
    )
    return [place.node_id for place in ordered]
