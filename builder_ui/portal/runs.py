"""Runs: the list, and the page of one, where people step in when it stands still."""

import json
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import go_to, page_for
from builder_ui.portal.lists import serve_list
from builder_ui.portal.refused import messages_of
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.run_list import RUNS
from builder_ui.portal.run_view import run_view
from builder_ui.portal.wording import RUN_STATES, TASK_OUTCOMES
from builder_ui.shell.form_state import FormState
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from commerce.orders.policy import READ_ORDERS
from kernel.access import Permission
from kernel.errors import Conflict, Fault, Invalid, Refusal
from web.access import requires
from web.problems import problem_of
from web.request import current_actor, current_unit_of_work
from workflow_engine.runtime import queries
from workflow_engine.runtime.cancelling import cancel
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.retrying import Verdict, retry

_TOLD = {
    "retried": _("The run goes on. What failed is tried again."),
    "cancelled": _("The run was cancelled."),
    "undoing": _("The run was cancelled. What it did is being undone."),
}
_ANSWERS = (("yes", _("Yes, it happened")), ("no", _("No, it did not happen")))

run_pages = portal_room("runs", "runs")


NAV = (NavEntry("Work", _("Runs"), "runs", "history", "workflows:read", rank=40),)

serve_list(run_pages, RUNS, "workflows:read")


@run_pages.get("/<run_id>")
@requires("workflows:read")
def show_run(run_id: str) -> ResponseReturnValue:
    """Show one run; `?after=` goes on after a line of its history."""
    return _run_page(run_id)


@run_pages.post("/<run_id>/retry")
@requires("exceptions:write")
def retry_run(run_id: str) -> ResponseReturnValue:
    """Let a run go on that stopped; the form says why, and what became of a doubtful step."""
    form = request.form
    try:
        with current_unit_of_work() as uow:
            queries.run(uow, run_id)
            retry(uow, engine_of(uow), run_id, form.get("retry_reason", ""), _verdict())
    except (Invalid, Conflict) as refusal:
        return _run_page(run_id, refusal, "retry")
    return go_to(f"{root()}/runs/{run_id}", "retried")


@run_pages.post("/<run_id>/cancellation")
@requires("exceptions:write")
def cancel_run(run_id: str) -> ResponseReturnValue:
    """End a run and undo what it did; the form says why."""
    try:
        with current_unit_of_work() as uow:
            queries.run(uow, run_id)
            run = cancel(uow, engine_of(uow), run_id, request.form.get("cancel_reason", ""))
            told = "cancelled" if run.state == "finished" else "undoing"
    except (Invalid, Conflict) as refusal:
        return _run_page(run_id, refusal, "cancel")
    return go_to(f"{root()}/runs/{run_id}", told)


def _verdict() -> Verdict | None:
    happened = request.form.get("happened")
    if happened not in ("yes", "no"):
        return None
    step_id = request.form.get("step") or None
    return Verdict(happened == "yes", _answer(request.form.get("answer", "")), step_id)


def _answer(text: str) -> dict[str, Any]:
    try:
        # Text for decimals: no number that somebody wrote is rounded on its way.
        found = json.loads(text.strip() or "{}", parse_float=str)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        detail = _('Enter a JSON object, such as {"sent": true}, or leave it empty.')
        raise Invalid((Fault("/answer", "runs.answer", detail),))
    return found


def _run_page(run_id: str, refusal: Refusal | None = None, verb: str = "") -> ResponseReturnValue:
    after = request.args.get("after", "")
    line = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    with current_unit_of_work() as uow:
        view = run_view(uow, run_id, line, root())
    actor = current_actor()
    may_see_orders = actor.may(READ_ORDERS)
    crumbs = [Crumb(_("Runs"), f"{root()}/runs")]
    if view.order_id is not None and may_see_orders:
        crumbs = [Crumb(_("Orders"), f"{root()}/orders")]
        crumbs.append(Crumb(_("The order"), f"{root()}/orders/{view.order_id}"))
    body = render_page(
        "portal/run.html",
        page_for(view.definition.name, *crumbs, told=_TOLD),
        view=view,
        form=_returned(refusal, verb) if refusal is not None else FormState(),
        refused=verb,
        answers=_ANSWERS,
        run_states=RUN_STATES,
        outcomes=TASK_OUTCOMES,
        may_audit=actor.may(Permission("audit:read")),
        may_see_tasks=actor.may(Permission("tasks:read")),
        path=f"{root()}/runs/{run_id}",
        root=root(),
    )
    return body, 200 if refusal is None else problem_of(refusal).status


def _returned(refusal: Refusal, verb: str) -> FormState:
    """Return the words of a refused form; the two forms of the page have a reason each."""
    told = messages_of(refusal)
    messages = {f"{verb}_reason" if name == "reason" else name: told[name] for name in told}
    return FormState.returned(dict(request.form.items()), messages)
