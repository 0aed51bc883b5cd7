"""`/api/nodes`: the places that hold stock."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import fields, validate

from api.catalog_lists import NamedListFields, ThingFields, filter_of, wish_of
from api.fields import Choice, Exact, Fields, Text, listed
from api.paging import page
from api.resource import Resource
from commerce.catalog import queries, service
from commerce.catalog.contents import FULFILMENT_TYPES, NODE_KINDS, NodeContent
from commerce.catalog.network_tables import Node
from commerce.ids import NodeId
from kernel.uow import UnitOfWork

nodes = Resource("nodes", "The places that hold stock.")


class NewNodeFields(Fields):
    """What is known of a node. One without a fulfilment type holds stock and fulfils nothing."""

    code = Text(required=True, max=64, metadata={"example": "BERLIN"})
    name = Text(required=True, max=200)
    kind = Choice(*NODE_KINDS, required=True)
    country = Text(required=True, max=2, metadata={"example": "DE"})
    city = Text(max=100, allow_none=True)
    postal_code = Text(max=20, allow_none=True)
    latitude = Exact(required=True, metadata={"example": "52.520008"})
    longitude = Exact(required=True, metadata={"example": "13.404954"})
    fulfilment_types = fields.List(Choice(*FULFILMENT_TYPES), validate=validate.Length(max=2))


class NodeFields(ThingFields, NewNodeFields):
    """A node."""


class NodeListFields(NamedListFields):
    """Which nodes."""

    kind = Choice(*NODE_KINDS, load_default=None)


@nodes.operation(
    "GET",
    "",
    "catalog:read",
    query=NodeListFields,
    answer=listed(NodeFields, "NodePage"),
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List nodes."""
    found = queries.nodes(
        uow, wish_of(uow, query), filter_of(query), order=query["sort"], kind=query["kind"]
    )
    return page(uow, query, found.rows, found.next_after)


@nodes.operation(
    "POST",
    "",
    "catalog:write",
    body=NewNodeFields,
    answer=NodeFields,
    status=201,
    location="/api/nodes/{id}",
)
def create(uow: UnitOfWork, body: Mapping[str, Any]) -> Node:
    """Add a node."""
    return service.create_node(uow, NodeContent(**body))


@nodes.operation("GET", "/<node_id>", "catalog:read", answer=NodeFields)
def show(uow: UnitOfWork, node_id: str) -> Node:
    """Show a node."""
    return queries.one(uow, Node, node_id)


@nodes.operation("PATCH", "/<node_id>", "catalog:write", body=NewNodeFields, answer=NodeFields)
def change(uow: UnitOfWork, node_id: str, body: Mapping[str, Any], expected_version: int) -> Node:
    """Change a node."""
    row = queries.one(uow, Node, node_id)
    content = replace(service.node_content(row), **body)
    return service.change_node(uow, NodeId(node_id), content, expected_version=expected_version)


@nodes.operation("POST", "/<node_id>/retirement", "catalog:write", answer=NodeFields)
def retire(uow: UnitOfWork, node_id: str) -> Node:
    """Promise nothing more from a node; its stock stays where it is."""
    return service.retire_node(uow, NodeId(node_id))


@nodes.operation("DELETE", "/<node_id>/retirement", "catalog:write", answer=NodeFields)
def reinstate(uow: UnitOfWork, node_id: str, expected_version: int) -> Node:
    """Promise from a retired node again."""
    return service.reinstate_node(uow, NodeId(node_id), expected_version=expected_version)
