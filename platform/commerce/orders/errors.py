"""How orders say no."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.errors import Conflict


@dataclass(eq=False)
class OrderChanged(Conflict):
    """This version of the order came in before and said something else: send a larger version."""

    code: ClassVar[str] = "orders.changed"

    order_id: str
    external_id: str


@dataclass(eq=False)
class OrderIsOver(Conflict):
    """Everything of this order has left or was given up: send what is wanted now as a new order."""

    code: ClassVar[str] = "orders.over"

    order_id: str
    phase: str


@dataclass(eq=False)
class NotAmendable(Conflict):
    """A new version cannot change who ordered, or whether the order is shipped or collected."""

    code: ClassVar[str] = "orders.not_amendable"

    order_id: str
    external_version: int


@dataclass(eq=False)
class TooManyLines(Conflict):
    """This order was changed so often that it has too many lines: give it up, send a new one."""

    code: ClassVar[str] = "orders.too_many_lines"

    order_id: str
    most: int


@dataclass(eq=False)
class ChannelClosed(Conflict):
    """This channel is closed: it takes no orders."""

    code: ClassVar[str] = "orders.channel_closed"

    channel_id: str


@dataclass(eq=False)
class LineNotCancellable(Conflict):
    """This line cannot be cancelled any more."""

    code: ClassVar[str] = "orders.line_not_cancellable"

    order_line_id: str
    phase: str


@dataclass(eq=False)
class LineNotMovable(Conflict):
    """This line is served by no node, or has left it."""

    code: ClassVar[str] = "orders.line_not_movable"

    order_line_id: str
    phase: str


@dataclass(eq=False)
class OrderNotCancellable(Conflict):
    """Nothing of this order can be cancelled any more."""

    code: ClassVar[str] = "orders.not_cancellable"

    order_id: str
    phase: str


@dataclass(eq=False)
class OrderIsHeld(Conflict):
    """This order is held: nothing of it leaves until it is resumed."""

    code: ClassVar[str] = "orders.held"

    order_id: str


@dataclass(eq=False)
class AlreadyHeld(Conflict):
    """This order is held already: resume it, or leave it to whoever holds it."""

    code: ClassVar[str] = "orders.already_held"

    order_id: str
    reason: str


@dataclass(eq=False)
class NothingToHold(Conflict):
    """Nothing of this order is still to come: there is nothing to hold or to resume."""

    code: ClassVar[str] = "orders.nothing_to_hold"

    order_id: str
    phase: str
