"""The verbs of nodes: the places that hold stock."""

from decimal import Decimal
from typing import Any

from commerce.catalog import access, events
from commerce.catalog.contents import FULFILMENT_TYPES, NodeContent
from commerce.catalog.errors import CodeTaken
from commerce.catalog.folding import fold
from commerce.catalog.network_tables import Node
from commerce.catalog.retirement import reinstate, retire
from commerce.catalog.rules import insist, node_faults
from commerce.ids import PREFIXES, NodeId
from commerce.rows import flush_or_refuse, locked, must_be_version, write
from kernel.audit import Subject
from kernel.uow import UnitOfWork

SIX_PLACES = Decimal("0.000001")


def create_node(uow: UnitOfWork, content: NodeContent) -> Node:
    """Add a node. Raises Invalid with every fault, or CodeTaken."""
    uow.actor.must(access.WRITE)
    insist(node_faults(content))
    node = Node(
        tenant_id=uow.tenant_id,
        id=uow.new_id(PREFIXES["node"]),
        created_at=uow.now,
        **_columns(content),
    )
    uow.session.add(node)
    uow.emit(events.NodeCreated(node.id, node.code))
    _flush(uow, node)
    uow.record("catalog.create_node", Subject("node", node.id, node.version))
    return node


def change_node(
    uow: UnitOfWork, node_id: NodeId, content: NodeContent, *, expected_version: int | None = None
) -> Node:
    """Make a node say this; raises NotFound, StaleWrite, Invalid or CodeTaken."""
    uow.actor.must(access.WRITE)
    insist(node_faults(content))
    node = locked(uow, Node, "node", node_id)
    must_be_version(node, expected_version)
    changed = write(node, _columns(content))
    if changed:
        uow.emit(events.NodeChanged(node.id, node.code, changed))
        _flush(uow, node)
        uow.record("catalog.change_node", Subject("node", node.id, node.version))
    return node


def retire_node(uow: UnitOfWork, node_id: NodeId, *, expected_version: int | None = None) -> Node:
    """Promise nothing more from a node; its stock stays where it is. Twice is once."""
    uow.actor.must(access.WRITE)
    node = locked(uow, Node, "node", node_id)
    must_be_version(node, expected_version)
    retire(uow, node, "node", events.NodeRetired(node.id, node.code))
    return node


def reinstate_node(
    uow: UnitOfWork, node_id: NodeId, *, expected_version: int | None = None
) -> Node:
    """Promise from a retired node again; twice is once."""
    uow.actor.must(access.WRITE)
    node = locked(uow, Node, "node", node_id)
    must_be_version(node, expected_version)
    reinstate(uow, node, "node", events.NodeReinstated(node.id, node.code))
    return node


def node_content(node: Node) -> NodeContent:
    """Return what a node says: what forms and merge patches start from."""
    return NodeContent(
        code=node.code,
        name=node.name,
        kind=node.kind,
        country=node.country,
        latitude=node.latitude,
        longitude=node.longitude,
        city=node.city,
        postal_code=node.postal_code,
        fulfilment_types=tuple(node.fulfilment_types),
    )


def _columns(content: NodeContent) -> dict[str, Any]:
    return {
        "code": content.code,
        "code_key": fold(content.code),
        "name": content.name,
        "name_key": fold(content.name),
        "kind": content.kind,
        "country": content.country,
        # As the column stores it: the audit digest covers the places of a decimal, too.
        "latitude": content.latitude.quantize(SIX_PLACES),
        "longitude": content.longitude.quantize(SIX_PLACES),
        "city": content.city,
        "postal_code": content.postal_code,
        "fulfilment_types": [each for each in FULFILMENT_TYPES if each in content.fulfilment_types],
    }


def _flush(uow: UnitOfWork, node: Node) -> None:
    flush_or_refuse(uow, {"uq_node_tenant_id_code_key": CodeTaken("node", node.code)})
