"""How orders say no."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.errors import Conflict


@dataclass(eq=False)
class OrderChanged(Conflict):
    """This order came in before and said something else: orders are changed by their own verbs."""

    code: ClassVar[str] = "orders.changed"

    order_id: str
    external_id: str


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
