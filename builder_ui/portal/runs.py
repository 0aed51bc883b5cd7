"""The page of a run: what it is about, where it stands, what it waits for, and its whole story."""

from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import page_for
from builder_ui.portal.names import Names
from builder_ui.portal.page_turns import Turner
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.run_story import Moment, Storyteller
from builder_ui.portal.wording import RUN_STATES, TASK_OUTCOMES, choices, spoken
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from commerce.keyset import keyset_slice
from commerce.orders import queries as orders
from commerce.orders.policy import READ_ORDERS
from kernel.access import Permission
from kernel.uow import UnitOfWork
from web.access import requires
from web.request import current_actor, current_runtime, current_unit_of_work
from workflow_engine.runtime import queries
from workflow_engine.runtime.queries import InHand, RunFilter
from workflow_engine.runtime.tables import DefinitionVersion, Run

LINES_PER_PAGE = 200

run_pages = portal_room("runs", "runs")


NAV = (NavEntry("Work", "Runs", "runs", "history", "workflows:read", rank=40),)

COLUMNS = (
    Column("subject", "About"),
    Column("workflow", "Workflow", on_phone=False),
    Column("started_at", "Started", on_phone=False),
    Column("state", "State"),
    Column("ending", "Outcome or incident"),
)
NEEDS = (("person", "Needs a person"),)


@run_pages.get("")
@requires("workflows:read")
def list_runs() -> ResponseReturnValue:
    """Show runs, the newest first, narrowed by the address."""
    listing = Listing.read(
        request.path, request.args, sorts=("-id", "id"), filters=("state", "key", "needs")
    )
    chosen = listing.filters
    only = RunFilter(
        chosen.get("state"), chosen.get("key"), listing.q or None, chosen.get("needs") == "person"
    )
    with current_unit_of_work() as uow:
        turned = Turner(current_runtime().cursors, uow.tenant_id).turn(
            listing,
            lambda wish: keyset_slice(uow, queries.runs_like(only), [Run.id], wish),
            lambda run: [run.id],
        )
        keys = [(key, spoken(key)) for key in queries.keys_of_runs(uow)]
    return render_page(
        "portal/runs.html",
        page_for("Runs"),
        listing=listing,
        columns=COLUMNS,
        turned=turned,
        run_states=RUN_STATES,
        state_choices=choices(RUN_STATES),
        key_choices=keys,
        need_choices=NEEDS,
        spoken=spoken,
        root=root(),
    )


@dataclass(frozen=True)
class RunView:
    """A run in words. `order_id` is the customer's order it is about, where the viewer may see it.

    `told_to` is the number of the last line told on this page; `has_more` says lines follow.
    """

    run: Run
    definition: DefinitionVersion
    subject: str
    order_id: str | None
    caused_by: str
    states: tuple[str, ...]
    in_hand: InHand
    steps: list[str]
    story: list[Moment]
    told_to: int
    has_more: bool


@run_pages.get("/<run_id>")
@requires("workflows:read")
def show_run(run_id: str) -> ResponseReturnValue:
    """Show one run; `?after=` goes on after a line of its history."""
    after = request.args.get("after", "")
    line = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    with current_unit_of_work() as uow:
        view = _view(uow, run_id, line)
    actor = current_actor()
    may_see_orders = actor.may(READ_ORDERS)
    crumbs = [Crumb("Orders", f"{root()}/orders")] if may_see_orders else []
    if view.order_id is not None:
        crumbs.append(Crumb("The order", f"{root()}/orders/{view.order_id}"))
    return render_page(
        "portal/run.html",
        page_for(view.definition.name, *crumbs),
        view=view,
        run_states=RUN_STATES,
        outcomes=TASK_OUTCOMES,
        may_audit=actor.may(Permission("audit:read")),
        may_see_tasks=actor.may(Permission("tasks:read")),
        path=f"{root()}/runs/{run_id}",
        root=root(),
    )


def _view(uow: UnitOfWork, run_id: str, after: int) -> RunView:
    run = queries.run(uow, run_id)
    names = Names(uow)
    teller = Storyteller(uow, run.definition_id, names)
    lines = queries.timeline(uow, run_id, after=after, limit=LINES_PER_PAGE)
    in_hand = queries.in_hand(uow, run_id)
    told_to = lines[-1].number if lines else after
    return RunView(
        run,
        queries.definition_of(uow, run),
        f"{spoken(run.subject_kind)} {run.subject_id}",
        _order_id(uow, run),
        names.of(run.principal_id),
        tuple(map(teller.label, teller.stands_at(run))),
        in_hand,
        [teller.sentence_of(step.action) for step in in_hand.steps],
        teller.story(run, lines),
        told_to,
        has_more=told_to < run.recorded,
    )


def _order_id(uow: UnitOfWork, run: Run) -> str | None:
    if run.subject_kind != "order_line" or not uow.actor.may(READ_ORDERS):
        return None
    found = orders.some_lines(uow, [run.subject_id])
    return found[0].order_id if found else None
