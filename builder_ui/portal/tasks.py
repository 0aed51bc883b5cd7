"""My work: what runs ask of the person who looks, decided beside the list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.first_steps import FirstStep, first_steps
from builder_ui.portal.framing import NavCount, go_to, page_for
from builder_ui.portal.questions import Question, answer_in, question_of, refused_answer
from builder_ui.portal.refused import refused_form
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.task_batches import decide_several, sentence_of
from builder_ui.portal.task_traces import DecidedTask, decided_of
from builder_ui.portal.task_undoing import Undoable, undoable_of
from builder_ui.portal.task_views import TaskRow, TaskView, rows_of, view_of
from builder_ui.portal.wording import LINE_PHASES, TASK_OUTCOMES
from builder_ui.portal.work_lists import VIEWS, WorkList
from builder_ui.shell.form_state import FormState
from builder_ui.shell.listing import Column
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Notice
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _, _n
from commerce.orders.policy import READ_ORDERS
from commerce.procurement.policy import READ_PURCHASES
from kernel.access import Permission
from kernel.errors import Invalid, Refusal
from kernel.uow import UnitOfWork
from web.access import requires
from web.problems import problem_of
from web.request import current_actor, current_unit_of_work
from workflow_engine.runtime.commenting import comment
from workflow_engine.runtime.delegated_tasks import waiting_count
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.errors import (
    CommentMissing,
    NotYours,
    NoVoteWaits,
    ReasonMissing,
    SubjectChanged,
    TaskClosedAlready,
    VoteCounted,
)
from workflow_engine.runtime.task_tables import Task
from workflow_engine.runtime.voting import Decision, answer, vote
from workflow_engine.runtime.withdrawing import withdraw_vote

NAV = (NavEntry("Work", _("My work"), "tasks", "tasks", "tasks:read", keys="g w", rank=10),)
WAITING = NavCount("tasks", Permission("tasks:read"), waiting_count)

COLUMNS = (
    Column("subject", _("What")),
    Column("opened_at", _("Waiting")),
    Column("value", _("Value"), align="end"),
)
_DECIDED = "decided"
_READ_RUNS = Permission("workflows:read")

_TOLD = {
    "commented": _("Your comment is there."),
    "taken-back": _("You took your answer back. The task waits for you again."),
    "approved": _("You approved it. Here is the next one."),
    "rejected": _("You rejected it. Here is the next one."),
    "answered": _("You answered it. Here is the next one."),
    "approved-last": _("You approved it. Nothing else waits for you."),
    "rejected-last": _("You rejected it. Nothing else waits for you."),
    "answered-last": _("You answered it. Nothing else waits for you."),
    "handed": _("It is handed on. You are told what is decided for you."),
    "ended": _("It is taken back."),
    "none-chosen": _("Nothing was decided: choose tasks first."),
}

task_pages = portal_room("tasks", "tasks")


@task_pages.get("")
@requires("tasks:read")
def list_tasks() -> ResponseReturnValue:
    """Show what waits for the person, the oldest first."""
    return _work_page(None)


@task_pages.get("/<task_id>")
@requires("tasks:read")
def show_task(task_id: str) -> ResponseReturnValue:
    """Show one task beside the list."""
    return _work_page(task_id)


@task_pages.post("/<task_id>/approval")
@requires("tasks:vote")
def approve(task_id: str) -> ResponseReturnValue:
    """Approve what the form says was shown."""
    return _decide(task_id, Decision("approve", None, request.form.get("digest", "")))


@task_pages.post("/<task_id>/rejection")
@requires("tasks:vote")
def reject(task_id: str) -> ResponseReturnValue:
    """Reject what the form says was shown, with a reason."""
    form = request.form
    return _decide(task_id, Decision("reject", form.get("reason"), form.get("digest", "")))


@task_pages.post("/<task_id>/vote-withdrawal")
@requires("tasks:vote")
def take_back(task_id: str) -> ResponseReturnValue:
    """Take back one's own vote, which does not count yet."""
    try:
        with current_unit_of_work() as uow:
            withdraw_vote(uow, task_id)
    except (NoVoteWaits, VoteCounted) as refusal:
        return _work_page(task_id, refusal)
    return go_to(f"{root()}/tasks/{task_id}{WorkList.read(request.args).at}", "taken-back")


@task_pages.post("/<task_id>/comments")
@requires("tasks:vote")
def write_comment(task_id: str) -> ResponseReturnValue:
    """Write a comment on a task."""
    form = request.form
    try:
        with current_unit_of_work() as uow:
            comment(uow, task_id, form.get("words", ""), form_key=form.get("form_key"))
    except CommentMissing as refusal:
        return _work_page(task_id, refusal)
    return go_to(f"{root()}/tasks/{task_id}{WorkList.read(request.args).at}", "commented")


@task_pages.post("/<task_id>/answer")
@requires("tasks:vote")
def answer_question(task_id: str) -> ResponseReturnValue:
    """Answer a question with what its form says."""
    work = WorkList.read(request.args)
    try:
        with current_unit_of_work() as uow:
            given = answer_in(uow, task_id, request.form)
            task = answer(uow, engine_of(uow), task_id, given)
            following = _next(uow, work, task)
    except (Invalid, NotYours, TaskClosedAlready) as refusal:
        return _work_page(task_id, refusal)
    return _go_on(work, "answered", task, following)


@task_pages.post("/decisions")
@requires("tasks:vote")
def decide_many() -> ResponseReturnValue:
    """Approve or reject every chosen task, with the result of each."""
    return decide_several()


def _decide(task_id: str, decision: Decision) -> ResponseReturnValue:
    work = WorkList.read(request.args)
    try:
        with current_unit_of_work() as uow:
            task = vote(uow, engine_of(uow), task_id, decision)
            following = _next(uow, work, task)
    except (NotYours, ReasonMissing, SubjectChanged, TaskClosedAlready) as refusal:
        return _work_page(task_id, refusal)
    told = "approved" if decision.answer == "approve" else "rejected"
    return _go_on(work, told, task, following)


def _go_on(work: WorkList, told: str, done: Task, following: Task | None) -> ResponseReturnValue:
    decided = f"?{_DECIDED}={done.id}"
    if following is None:
        return go_to(f"{root()}/tasks{decided}", f"{told}-last")
    view = "" if work.view == "mine" else f"&view={work.view}"
    return go_to(f"{root()}/tasks/{following.id}{decided}{view}", told)


def _next(uow: UnitOfWork, work: WorkList, task: Task) -> Task | None:
    """Return the task below the decided one, or else the first that is left."""
    below = work.following(uow, (task.opened_at, task.id), 1)
    left = below or work.following(uow, None, 1)
    return left[0] if left else None


@dataclass(frozen=True)
class _Work:
    """What one page shows: rows of the list, where it goes on, and the open task."""

    rows: Sequence[TaskRow]
    cursor: str | None
    now: datetime
    shown: TaskView | None
    question: Question | None
    decided: DecidedTask | None
    undoable: Undoable | None
    """The viewer's vote that was just cast, on another task than the open one."""
    mine: Undoable | None
    """The viewer's vote on the open task, while it can be taken back."""
    comment_key: str
    first_steps: Sequence[FirstStep]


def _work_page(task_id: str | None, refusal: Refusal | None = None) -> ResponseReturnValue:
    asked = WorkList.read(request.args)
    with current_unit_of_work() as uow:
        work = _read(uow, asked, task_id)
    form, comment_form, status = FormState(), FormState(), 200
    page = page_for(_("My work"), told=_TOLD)
    if isinstance(refusal, ReasonMissing):
        form, status = refused_form(request.form, refusal)
    elif isinstance(refusal, CommentMissing):
        comment_form, status = refused_form(request.form, refusal)
    elif isinstance(refusal, Invalid) and work.question is not None:
        form, status = refused_answer(request.form, refusal)
    elif refusal is not None:
        status = problem_of(refusal).status
        page = replace(page, notices=(*page.notices, Notice(sentence_of(refusal), "bad")))
    actor, listing = current_actor(), asked.listing
    body = render_page(
        "portal/tasks.html",
        page,
        columns=COLUMNS,
        rows=work.rows,
        now=work.now,
        open=work.shown,
        question=work.question,
        decided=work.decided,
        undoable=work.undoable,
        mine=work.mine,
        comment_form=comment_form,
        comment_key=work.comment_key,
        first_steps=work.first_steps,
        outcomes=TASK_OUTCOMES,
        line_phases=LINE_PHASES,
        form=form,
        shown=_shown(len(work.rows), has_more=work.cursor is not None),
        next_href=listing.page_href(work.cursor),
        list_href=f"{listing.path}{asked.at}",
        at=asked.at,
        view=asked.view,
        tabs=asked.tabs,
        view_label=VIEWS[asked.view],
        may_vote=actor.may(Permission("tasks:vote")),
        may_see_runs=actor.may(_READ_RUNS),
        may_see_orders=actor.may(READ_ORDERS),
        may_see_purchases=actor.may(READ_PURCHASES),
        root=root(),
    )
    return body, status


def _read(uow: UnitOfWork, asked: WorkList, task_id: str | None) -> _Work:
    rows, cursor = asked.fetch(uow)
    shown = view_of(uow, task_id) if task_id is not None else None
    question = question_of(uow, shown.task) if shown is not None else None
    before = request.args.get(_DECIDED, "")
    mine = undoable_of(uow, task_id) if task_id is not None else None
    return _Work(
        rows_of(uow, rows),
        cursor,
        uow.now,
        shown,
        question,
        decided_of(uow, before),
        undoable_of(uow, before) if before != task_id else None,
        mine,
        uow.new_id("frm"),
        first_steps(uow),
    )


def _shown(count: int, *, has_more: bool) -> str:
    if has_more:
        return _n("The first %(count)s task", "The first %(count)s tasks", count, count=count)
    return _n("%(count)s task", "%(count)s tasks", count, count=count)
