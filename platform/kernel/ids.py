"""Typed, prefixed ids whose order is the order of creation."""

import secrets
from datetime import datetime
from typing import NewType

TenantId = NewType("TenantId", str)
ActorId = NewType("ActorId", str)
EventId = NewType("EventId", str)
JobId = NewType("JobId", str)
RequestId = NewType("RequestId", str)
ExceptionId = NewType("ExceptionId", str)

ID_LENGTH_MAX = 40

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_ORDERS_PER_MILLISECOND = 4096


def new_id(prefix: str, now: datetime, order: int = 0) -> str:
    """Make an id such as `ord_01j…`: a UUIDv7 (RFC 9562 §5.7) in Crockford's base 32.

    Ids of one instant sort by `order`, which a unit of work counts up, so the ids of one
    transaction sort as they were made. 62 random bits keep ids of others from being guessed.
    """
    milliseconds = int(now.timestamp() * 1000) + order // _ORDERS_PER_MILLISECOND
    number = (
        (milliseconds & 0xFFFF_FFFF_FFFF) << 80
        | 0x7 << 76
        | (order % _ORDERS_PER_MILLISECOND) << 64
        | 0b10 << 62
        | secrets.randbits(62)
    )
    return _spelled(prefix, number)


def first_id(prefix: str, at: datetime) -> str:
    """Return what sorts before every id of this kind made at an instant or later.

    To the millisecond; behind it come no ids of before.
    """
    return _spelled(prefix, (int(at.timestamp() * 1000) & 0xFFFF_FFFF_FFFF) << 80)


def _spelled(prefix: str, number: int) -> str:
    digits = (_CROCKFORD[number >> shift & 31] for shift in range(125, -5, -5))
    return f"{prefix}_{''.join(digits)}"
