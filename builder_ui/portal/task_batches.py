"""Many approvals decided with one form: each in a transaction of its own, each with its result."""

from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import go_to, page_for
from builder_ui.portal.rooms import root
from builder_ui.portal.task_undoing import Undoable, undoable_of
from builder_ui.portal.task_views import subject_of
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _, said
from kernel.errors import NotFound, Refusal
from web.problems import problem_of
from web.request import current_unit_of_work
from workflow_engine.approvals import REASONS
from workflow_engine.approvals.spec import Answer
from workflow_engine.runtime import queries
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.errors import NotYours, TaskClosedAlready
from workflow_engine.runtime.voting import Decision, vote

TASKS_MAX = 200


@dataclass(frozen=True)
class Decided:
    """What became of one of the tasks; `refused` says why nothing did."""

    task_id: str
    subject: str
    refused: str | None
    undoable: Undoable | None = None


def decide_several() -> ResponseReturnValue:
    """Give every chosen task the same answer, and tell row by row what became of it.

    A row that is refused leaves the others as they are. A task that was decided meanwhile, or
    that says something else than when it was shown, is told as such and not decided.
    """
    form = request.form
    answer: Answer = "reject" if form.get("answer") == "reject" else "approve"
    chosen = list(dict.fromkeys(form.getlist("id")))[:TASKS_MAX]
    if not chosen:
        return go_to(f"{root()}/tasks", "none-chosen")
    results = [
        _decide(task_id, Decision(answer, form.get("reason"), form.get(f"digest-{task_id}", "")))
        for task_id in chosen
    ]
    page = page_for(_("What was decided"), Crumb(_("My work"), f"{root()}/tasks"))
    return render_page(
        "portal/task_decisions.html",
        page,
        results=results,
        done=[each for each in results if each.refused is None],
        is_approval=answer == "approve",
        root=root(),
    )


def sentence_of(refusal: Refusal) -> str:
    """Say why a vote was not taken, for whoever cast it."""
    if isinstance(refusal, NotYours):
        return f"{said(refusal.title)} {said(REASONS.get(refusal.reason, ''))}".strip()
    if isinstance(refusal, TaskClosedAlready):
        return _("This was decided before your answer came in. Nothing of yours was recorded.")
    return said(refusal.title)


def _decide(task_id: str, decision: Decision) -> Decided:
    try:
        with current_unit_of_work() as uow:
            subject = subject_of(uow, queries.task(uow, task_id))
    except NotFound:
        return Decided(task_id, _("Unknown task"), _("There is no such task."))
    try:
        with current_unit_of_work() as uow:
            vote(uow, engine_of(uow), task_id, decision)
            undoable = undoable_of(uow, task_id)
    except NotFound:
        return Decided(task_id, subject, _("It asks a question with a form: open it to answer."))
    except Refusal as refusal:
        problem = problem_of(refusal)
        faults = " ".join(said(fault.detail) for fault in problem.faults)
        return Decided(task_id, subject, faults or sentence_of(refusal))
    return Decided(task_id, subject, None, undoable)
