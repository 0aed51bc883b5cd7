"""Reads of fulfilment orders, tasks and shipments: nothing here locks or changes anything.

As in the catalog, pages and routes ask for `inventory:read`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from commerce.ids import FulfilmentOrderId, NodeId, OrderId
from commerce.keyset import PageWish, Slice, keyset_slice
from commerce.warehouse.lifecycle import LIVING
from commerce.warehouse.tables import (
    FulfilmentLine,
    FulfilmentOrder,
    Shipment,
    ShipmentLine,
    WarehouseTask,
)
from kernel.errors import NotFound
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class FulfilmentFilter:
    """Which fulfilment orders a list shows; None means any."""

    order_id: OrderId | None = None
    node_id: NodeId | None = None
    status: str | None = None


@dataclass(frozen=True)
class TaskFilter:
    """Which open tasks a list shows; None means any."""

    node_id: NodeId | None = None
    kind: str | None = None


def fulfilments(uow: UnitOfWork, wish: PageWish, only: FulfilmentFilter) -> Slice[FulfilmentOrder]:
    """List fulfilment orders in the order in which they were opened."""
    statement = select(FulfilmentOrder)
    if only.order_id is not None:
        statement = statement.where(FulfilmentOrder.order_id == only.order_id)
    if only.node_id is not None:
        statement = statement.where(FulfilmentOrder.node_id == only.node_id)
    if only.status is not None:
        statement = statement.where(FulfilmentOrder.status == only.status)
    return keyset_slice(uow, statement, [FulfilmentOrder.id], wish)


def one_fulfilment(uow: UnitOfWork, fulfilment_order_id: str) -> FulfilmentOrder:
    """Return a fulfilment order; NotFound where this tenant has none."""
    row = uow.session.get(FulfilmentOrder, (uow.tenant_id, fulfilment_order_id))
    if row is None:
        raise NotFound("fulfilment_order", fulfilment_order_id)
    return row


def living_of(uow: UnitOfWork, order_id: OrderId) -> Sequence[FulfilmentOrder]:
    """Return what nodes are still asked to ship of an order, the oldest first."""
    return uow.session.scalars(
        select(FulfilmentOrder)
        .where(FulfilmentOrder.order_id == order_id, FulfilmentOrder.status.in_(LIVING))
        .order_by(FulfilmentOrder.id)
    ).all()


def lines_of(uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId) -> Sequence[FulfilmentLine]:
    """Return the lines of a fulfilment order, by position."""
    return uow.session.scalars(
        select(FulfilmentLine)
        .where(FulfilmentLine.fulfilment_order_id == fulfilment_order_id)
        .order_by(FulfilmentLine.position)
    ).all()


def tasks(uow: UnitOfWork, wish: PageWish, only: TaskFilter) -> Slice[WarehouseTask]:
    """List the open tasks, the most urgent first."""
    statement = select(WarehouseTask).where(WarehouseTask.state == "open")
    if only.node_id is not None:
        statement = statement.where(WarehouseTask.node_id == only.node_id)
    if only.kind is not None:
        statement = statement.where(WarehouseTask.kind == only.kind)
    return keyset_slice(uow, statement, [WarehouseTask.priority, WarehouseTask.id], wish)


def tasks_of(uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId) -> Sequence[WarehouseTask]:
    """Return the tasks that a fulfilment order made, the oldest first."""
    return uow.session.scalars(
        select(WarehouseTask)
        .where(WarehouseTask.fulfilment_order_id == fulfilment_order_id)
        .order_by(WarehouseTask.id)
    ).all()


def one_task(uow: UnitOfWork, task_id: str) -> WarehouseTask:
    """Return a task of a warehouse; NotFound where this tenant has none."""
    row = uow.session.get(WarehouseTask, (uow.tenant_id, task_id))
    if row is None:
        raise NotFound("warehouse_task", task_id)
    return row


def shipments_of(uow: UnitOfWork, order_id: OrderId) -> Sequence[Shipment]:
    """Return what left of an order, the oldest first."""
    return uow.session.scalars(
        select(Shipment).where(Shipment.order_id == order_id).order_by(Shipment.id)
    ).all()


def shipment_lines(uow: UnitOfWork, shipment: Shipment) -> Sequence[ShipmentLine]:
    """Return what was in a shipment, by position."""
    return uow.session.scalars(
        select(ShipmentLine)
        .where(ShipmentLine.shipment_id == shipment.id)
        .order_by(ShipmentLine.position)
    ).all()
