"""Pages of purchase orders: the list, and one with its approval, progress and purpose."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import page_for
from builder_ui.portal.names import Names
from builder_ui.portal.page_turns import Turner
from builder_ui.portal.purchase_facts import PurchaseFacts, facts_of
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.task_views import PURCHASE, CastVote
from builder_ui.portal.wording import PURCHASE_PHASES, TASK_OUTCOMES, choices
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from commerce.catalog import queries as catalog
from commerce.catalog.supply_tables import Supplier
from commerce.procurement import queries
from commerce.procurement.queries import PurchaseFilter
from commerce.procurement.tables import PurchaseOrder
from kernel.access import Permission
from kernel.uow import UnitOfWork
from web.access import requires
from web.request import current_actor, current_runtime, current_unit_of_work
from workflow_engine.runtime import queries as runs
from workflow_engine.runtime.task_tables import Task

NAV = (
    NavEntry(
        "Buy", "Purchase orders", "purchasing", "download", "procurement:read", keys="g u", rank=10
    ),
)

COLUMNS = (
    Column("number", "Number", sortable=True),
    Column("supplier", "Supplier"),
    Column("drafted_at", "Drafted", on_phone=False),
    Column("requester", "Requested by", on_phone=False),
    Column("phase", "Phase"),
    Column("total", "Total", align="end"),
)

purchase_pages = portal_room("purchasing", "purchasing")


@dataclass(frozen=True)
class PurchaseHead:
    """A row of the list."""

    id: str
    order: PurchaseOrder
    supplier: str
    requester: str


@dataclass(frozen=True)
class AskedApproval:
    """An approval that was asked for a purchase order, and the answers."""

    task: Task
    votes: Sequence[CastVote]


@purchase_pages.get("")
@requires("procurement:read")
def list_purchases() -> ResponseReturnValue:
    """Show purchase orders, the newest first, narrowed by the address."""
    listing = Listing.read(
        request.path, request.args, sorts=("-number", "number"), filters=("phase",)
    )
    only = PurchaseFilter(phase=listing.filters.get("phase"), number=listing.q or None)
    with current_unit_of_work() as uow:
        turned = Turner(current_runtime().cursors, uow.tenant_id).turn(
            listing,
            lambda wish: queries.purchase_orders(uow, wish, only),
            lambda order: [order.number],
        )
        rows = _heads(uow, turned.rows)
    return render_page(
        "portal/purchases.html",
        page_for("Purchase orders"),
        listing=listing,
        columns=COLUMNS,
        rows=rows,
        phases=PURCHASE_PHASES,
        phase_choices=choices(PURCHASE_PHASES),
        turned=turned,
        root=root(),
    )


@purchase_pages.get("/<po_id>")
@requires("procurement:read")
def show_purchase(po_id: str) -> ResponseReturnValue:
    """Show one purchase order."""
    with current_unit_of_work() as uow:
        names = Names(uow)
        purchase = facts_of(uow, po_id, names)
        approvals = _approvals(uow, purchase, names)
    actor = current_actor()
    return render_page(
        "portal/purchase.html",
        page_for(
            f"Purchase order {purchase.order.number}",
            Crumb("Purchase orders", f"{root()}/purchasing"),
        ),
        purchase=purchase,
        approvals=approvals,
        phases=PURCHASE_PHASES,
        outcomes=TASK_OUTCOMES,
        may_audit=actor.may(Permission("audit:read")),
        may_see_tasks=actor.may(Permission("tasks:read")),
        may_see_runs=actor.may(Permission("workflows:read")),
        root=root(),
    )


def _heads(uow: UnitOfWork, found: Sequence[PurchaseOrder]) -> list[PurchaseHead]:
    names = Names(uow)
    suppliers = catalog.by_ids(uow, Supplier, [order.supplier_id for order in found])
    return [
        PurchaseHead(
            order.id, order, suppliers[order.supplier_id].name, names.of(order.requester_id)
        )
        for order in found
    ]


def _approvals(uow: UnitOfWork, purchase: PurchaseFacts, names: Names) -> list[AskedApproval]:
    return [
        AskedApproval(
            task, [CastVote(each, names.of(each.voter_id)) for each in runs.votes(uow, task.id)]
        )
        for task in runs.tasks_about(uow, PURCHASE, purchase.order.id)
    ]
