"""How much of a SKU a channel may be told of: one formula, with every term it is the sum of."""

from collections.abc import Sequence
from dataclasses import dataclass

from commerce.ids import NodeId


@dataclass(frozen=True)
class NodeShare:
    """What one node adds: available to promise less its buffer, and never less than nothing."""

    node_id: NodeId
    node_code: str
    available_to_promise: int
    node_buffer: int

    @property
    def quantity(self) -> int:
        """The units it adds. Clamped here, so that one node's deficit never hides another's."""
        return max(0, self.available_to_promise - self.node_buffer)


@dataclass(frozen=True)
class ChannelPromise:
    """Available to sell of a SKU in a channel, with every term that leads to it.

    The shares of its nodes, less what is ordered and not at a node yet, less the network's
    threshold; at most the cap, and never less than 0.
    """

    nodes: Sequence[NodeShare]
    unrouted_demand: int
    network_threshold: int
    cap: int

    @property
    def quantity(self) -> int:
        """The units that the channel may be told of now."""
        return max(0, min(self.cap, sum(units for _term, units in self.why)))

    @property
    def why(self) -> list[tuple[str, int]]:
        """The terms in the order they are added up, each with its sign; the cap is no term."""
        return [
            *((f"node {each.node_code}", each.quantity) for each in self.nodes),
            ("unrouted_demand", -self.unrouted_demand),
            ("network_threshold", -self.network_threshold),
        ]
