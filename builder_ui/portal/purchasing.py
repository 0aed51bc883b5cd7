"""Pages of purchase orders: the list, and one with its approval, progress and purpose."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask.typing import ResponseReturnValue

from builder_ui.portal.delegation_views import CastVote
from builder_ui.portal.framing import page_for
from builder_ui.portal.lists import serve_list
from builder_ui.portal.names import Names
from builder_ui.portal.purchase_facts import PurchaseFacts, facts_of
from builder_ui.portal.purchase_list import PURCHASES
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.task_views import PURCHASE, votes_on
from builder_ui.portal.wording import LINE_PHASES, PURCHASE_PHASES, TASK_OUTCOMES
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from kernel.access import Permission
from kernel.uow import UnitOfWork
from web.access import requires
from web.request import current_actor, current_unit_of_work
from workflow_engine.runtime import queries as runs
from workflow_engine.runtime.task_tables import Task

NAV = (
    NavEntry(
        "Buy",
        _("Purchase orders"),
        "purchasing",
        "download",
        "procurement:read",
        keys="g u",
        rank=10,
    ),
)

purchase_pages = portal_room("purchasing", "purchasing")
serve_list(purchase_pages, PURCHASES, "procurement:read")


@dataclass(frozen=True)
class AskedApproval:
    """An approval that was asked for a purchase order, and the answers."""

    task: Task
    votes: Sequence[CastVote]


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
            _("Purchase order %(number)s", number=purchase.order.number),
            Crumb(_("Purchase orders"), f"{root()}/purchasing"),
        ),
        purchase=purchase,
        approvals=approvals,
        phases=PURCHASE_PHASES,
        line_phases=LINE_PHASES,
        outcomes=TASK_OUTCOMES,
        may_audit=actor.may(Permission("audit:read")),
        may_see_tasks=actor.may(Permission("tasks:read")),
        may_see_runs=actor.may(Permission("workflows:read")),
        root=root(),
    )


def _approvals(uow: UnitOfWork, purchase: PurchaseFacts, names: Names) -> list[AskedApproval]:
    return [
        AskedApproval(task, votes_on(uow, task, names))
        for task in runs.tasks_about(uow, PURCHASE, purchase.order.id)
    ]
