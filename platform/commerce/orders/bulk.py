"""One action over many orders, in the background, with a report of what became of each.

The orders of a step are dealt with in one transaction, each behind a savepoint: what is refused
leaves no trace but its line in the report. Lock order: the action, then one order after another
by number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import Select, func, select

from commerce.ids import OrderId
from commerce.orders.bulk_tables import TOLD_LENGTH_MAX, BulkAction, BulkActionRow
from commerce.orders.cancelling import cancel_order, insist_on_reason
from commerce.orders.holding import hold_order, resume_order
from commerce.orders.policy import WRITE_ORDERS
from commerce.orders.queries import OrderFilter, orders_like
from commerce.orders.tables import SalesOrder
from commerce.rows import locked
from kernel.audit import Subject
from kernel.canonical import to_json
from kernel.clock import parse_instant
from kernel.errors import Fault, Invalid, NotFound, Refusal
from kernel.jobs import JobKind, enqueue
from kernel.uow import UnitOfWork

BulkVerb = Literal["hold", "resume", "cancel"]

GO_ON = "orders.bulk"
ORDERS_PER_STEP = 20
"""Few enough that nobody waits long for an order, and that a step is lost cheaply."""
EXCEPT_MAX = 200
CHOSEN_MAX = 200


@dataclass(frozen=True)
class Chosen:
    """Which orders are meant: all that a filter lets through but a few, or just some by id."""

    only: OrderFilter
    ids: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()


def start_bulk(uow: UnitOfWork, action: BulkVerb, chosen: Chosen, reason: str | None) -> BulkAction:
    """Begin an action over every chosen order that is there now; it goes on in the background.

    Holding and cancelling need a reason. Invalid where nothing is chosen.
    """
    uow.actor.must(WRITE_ORDERS)
    if action != "resume":
        insist_on_reason(reason or "")
    criteria = {**to_json(asdict(chosen.only)), "ids": list(chosen.ids[:CHOSEN_MAX])}
    besides = sorted(set(chosen.besides[:EXCEPT_MAX]))
    matching = _matching(criteria, besides).subquery()
    asked, newest = uow.session.execute(
        select(func.count(), func.coalesce(func.max(matching.c.number), 0)).select_from(matching)
    ).one()
    if not asked:
        detail = "No order is chosen: choose some, or all that match."
        raise Invalid((Fault("/id", "orders.none_chosen", detail),))
    bulk = BulkAction(
        tenant_id=uow.tenant_id,
        id=uow.new_id("blk"),
        action=action,
        reason=None if action == "resume" else (reason or "").strip(),
        criteria=criteria,
        except_ids=besides,
        asked=int(asked),
        done=0,
        refused=0,
        after_number=0,
        until_number=int(newest),
        state="running",
        requested_by=uow.actor.id,
        requested_at=uow.now,
    )
    uow.session.add(bulk)
    enqueue(uow, GO_ON, {"bulk_id": bulk.id})
    uow.record("orders.start_bulk", Subject("bulk_action", bulk.id), reason=bulk.reason)
    return bulk


def one_bulk(uow: UnitOfWork, bulk_id: str) -> BulkAction:
    """Return an action over many orders; NotFound where this tenant has none."""
    bulk = uow.session.get(BulkAction, (uow.tenant_id, bulk_id))
    if bulk is None:
        raise NotFound("bulk_action", bulk_id)
    return bulk


def report_of(
    uow: UnitOfWork, bulk: BulkAction, outcome: str, *, limit: int
) -> Sequence[BulkActionRow]:
    """Return the first orders that an action had this outcome for, by number."""
    rows = select(BulkActionRow).where(
        BulkActionRow.bulk_id == bulk.id, BulkActionRow.outcome == outcome
    )
    return uow.session.scalars(rows.order_by(BulkActionRow.number).limit(limit)).all()


def _go_on(uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
    bulk = locked(uow, BulkAction, "bulk_action", str(payload["bulk_id"]))
    if bulk.state == "done":
        return
    found = uow.session.execute(
        _matching(bulk.criteria, bulk.except_ids)
        .where(SalesOrder.number > bulk.after_number, SalesOrder.number <= bulk.until_number)
        .order_by(SalesOrder.number)
        .limit(ORDERS_PER_STEP)
    ).all()
    for order_id, number in found:
        told = _act(uow, bulk, order_id)
        bulk.done, bulk.refused = bulk.done + (told is None), bulk.refused + (told is not None)
        bulk.after_number = number
        _note(uow, bulk, order_id, number, told)
    if len(found) < ORDERS_PER_STEP:
        bulk.state, bulk.ended_at = "done", uow.now
    else:
        enqueue(uow, GO_ON, {"bulk_id": bulk.id})
    facts = {"done": bulk.done, "refused": bulk.refused, "state": bulk.state}
    uow.record("orders.bulk_step", Subject("bulk_action", bulk.id), facts=facts)


JOB_KINDS = (JobKind(GO_ON, _go_on),)


def _act(uow: UnitOfWork, bulk: BulkAction, order_id: OrderId) -> str | None:
    """Do it to one order; return why it was refused, or None."""
    key, reason = f"bulk/{bulk.id}/{order_id}", bulk.reason or ""
    try:
        with uow.savepoint():
            if bulk.action == "hold":
                hold_order(uow, order_id, reason=reason, key=key)
            elif bulk.action == "cancel":
                cancel_order(uow, order_id, reason=reason, key=key)
            else:
                resume_order(uow, order_id, key=key)
    except Refusal as refusal:
        return refusal.title[:TOLD_LENGTH_MAX]
    return None


def _note(
    uow: UnitOfWork, bulk: BulkAction, order_id: OrderId, number: int, told: str | None
) -> None:
    uow.session.add(
        BulkActionRow(
            tenant_id=uow.tenant_id,
            bulk_id=bulk.id,
            order_id=order_id,
            number=number,
            outcome="done" if told is None else "refused",
            told=told,
        )
    )


def _matching(criteria: Mapping[str, Any], besides: Sequence[str]) -> Select[OrderId, int]:
    ids = criteria["ids"]
    placed_from, placed_before = criteria["placed_from"], criteria["placed_before"]
    only = OrderFilter(
        phase=criteria["phase"],
        channel_id=criteria["channel_id"],
        customer_id=criteria["customer_id"],
        external_id=criteria["external_id"],
        placed_from=parse_instant(placed_from) if placed_from else None,
        placed_before=parse_instant(placed_before) if placed_before else None,
        has_waiting_line=criteria.get("has_waiting_line", False),
        search=criteria["search"],
    )
    statement = orders_like(only).with_only_columns(SalesOrder.id, SalesOrder.number)
    if ids:
        statement = statement.where(SalesOrder.id.in_(ids))
    return statement.where(SalesOrder.id.not_in(besides)) if besides else statement
