"""What every inventory command is checked for before it locks anything."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from commerce.catalog.network_tables import Node
from commerce.catalog.tables import Sku
from commerce.ids import NodeId
from commerce.inventory.allocation import Demand
from commerce.inventory.errors import NodeClosed
from commerce.inventory.policy import LINES_MAX, QUANTITY_MAX
from kernel.db import among, prepared
from kernel.errors import Fault, Invalid, NotFound
from kernel.uow import UnitOfWork


def must_be_movable(lines: Sequence[Demand]) -> None:
    """Raise Invalid with every fault: no lines, too many, or a quantity nobody can mean."""
    if not 0 < len(lines) <= LINES_MAX:
        detail = f"Send between 1 and {LINES_MAX} lines; there are {len(lines)}."
        raise Invalid((Fault("/lines", "inventory.lines", detail),))
    faults = [
        Fault(
            f"/lines/{position}/quantity",
            "inventory.quantity",
            f"A quantity is a whole number from 1 to {QUANTITY_MAX}; {line.quantity} is not.",
        )
        for position, line in enumerate(lines)
        if not 0 < line.quantity <= QUANTITY_MAX
    ]
    if faults:
        raise Invalid(tuple(faults))


_KNOWN = prepared(select(Sku.id).where(among(Sku.id, "ids")))
_NODES = prepared(select(Node).where(among(Node.id, "ids")))


def must_exist(uow: UnitOfWork, lines: Collection[Demand]) -> None:
    """Raise NotFound for a SKU or node this tenant does not have, NodeClosed for a retired one."""
    wanted = {line.sku_id for line in lines}
    known = set(uow.session.scalars(_KNOWN, {"ids": sorted(wanted)}))
    for sku_id in sorted(wanted - known):
        raise NotFound("sku", sku_id)
    must_be_open(uow, {line.node_id for line in lines})


def must_be_open(uow: UnitOfWork, node_ids: Collection[NodeId]) -> None:
    """Raise NotFound for a node this tenant does not have, NodeClosed for a retired one."""
    found = uow.session.scalars(_NODES, {"ids": sorted(node_ids)})
    active = {node.id: node.is_active for node in found}
    for node_id in sorted(node_ids):
        if node_id not in active:
            raise NotFound("node", node_id)
        if not active[node_id]:
            raise NodeClosed(node_id)
