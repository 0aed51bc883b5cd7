"""Coordinates of American postal codes, offline, as exact decimals (package zipcodes, MIT)."""

from dataclasses import dataclass
from decimal import Decimal

import zipcodes


@dataclass(frozen=True)
class Place:
    """A postal code's middle, in decimal degrees."""

    postal_code: str
    latitude: Decimal
    longitude: Decimal


def place_of(postal_code: str) -> Place:
    """Return where a postal code is; LookupError where it is no code of the United States."""
    found = zipcodes.matching(postal_code)  # type: ignore[no-untyped-call] # It has no types.
    if not found:
        raise LookupError(f"{postal_code} is not a postal code of the United States")
    return Place(postal_code, Decimal(found[0]["lat"]), Decimal(found[0]["long"]))
