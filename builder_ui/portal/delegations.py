"""Who answers for whom: pages of one's own delegations, and of handing a single task on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.days import beginning_of, end_of, today
from builder_ui.portal.delegation_views import shown_of
from builder_ui.portal.framing import current_visit, go_to, page_for
from builder_ui.portal.refused import refused_form, version_in
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.task_batches import sentence_of
from builder_ui.portal.task_views import subject_of
from builder_ui.portal.tasks import task_pages
from builder_ui.shell.form_state import FormState
from builder_ui.shell.listing import Column
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _, said
from kernel.access import Permission
from kernel.errors import Fault, Invalid, NotFound, Refusal
from kernel.uow import UnitOfWork
from web.access import requires, signed_in
from web.request import current_actor, current_unit_of_work
from workflow_engine.runtime import delegation_queries, queries
from workflow_engine.runtime.delegating import (
    WRITE_MEMBERS,
    NewDelegation,
    delegate,
    end_delegation,
)
from workflow_engine.runtime.errors import DelegatedAlready, NotYours
from workflow_engine.runtime.handing_on import WHY_NOT, Taker, takers, why_not_handed_on
from workflow_engine.runtime.task_tables import Task
from workflow_engine.runtime.voting import VOTE

COLUMNS = (
    Column("who", _("Who answers for whom")),
    Column("what", _("What"), on_phone=False),
    Column("from", _("From"), on_phone=False),
    Column("until", _("Until")),
)
ROWS_MAX = 100
DAYS_AT_FIRST = 7
_TOLD = {
    "begun": _("The delegation is kept. Both persons are told of it."),
    "ended": _("The delegation has ended."),
}
_KINDS = (
    (
        "stand_in",
        _("Whenever something is asked"),
        _("I may be here as well: whoever answers first has answered."),
    ),
    (
        "absence",
        _("Only because of an absence"),
        _("It counts for workflows that let an absence count by itself."),
    ),
)

delegation_pages = portal_room("delegations", "me/delegations")


@dataclass(frozen=True)
class _Handing:
    """What the page of handing a task on shows: to whom it may go, and who may not have it."""

    task: Task
    subject: str
    refused: str | None
    able: Sequence[Taker]
    others: Mapping[str, Sequence[str]]


@delegation_pages.get("")
@signed_in()
def show_all() -> ResponseReturnValue:
    """Show who answers for the person, and for whom the person answers."""
    return _page()


@delegation_pages.post("")
@requires("tasks:vote")
def create() -> ResponseReturnValue:
    """Let somebody answer, from a day until a day."""
    try:
        with current_unit_of_work() as uow:
            delegate(uow, _wish(uow))
    except Refusal as refusal:
        return _page(*_refused(refusal))
    return go_to(f"{root()}/me/delegations", "begun")


@delegation_pages.post("/<delegation_id>/end")
@signed_in()
def end(delegation_id: str) -> ResponseReturnValue:
    """End a delegation from now on; back to the task from whose page it was ended."""
    form = request.form
    with current_unit_of_work() as uow:
        row = end_delegation(uow, delegation_id, expected_version=version_in(form))
        task_id = row.task_id if "task" in form else None
    place = f"tasks/{task_id}" if task_id is not None else "me/delegations"
    return go_to(f"{root()}/{place}", "ended")


@task_pages.get("/<task_id>/handing")
@requires("tasks:vote")
def show_handing(task_id: str) -> ResponseReturnValue:
    """Ask to whom a task is handed on."""
    return _handing_page(task_id)


@task_pages.post("/<task_id>/handing")
@requires("tasks:vote")
def hand_on(task_id: str) -> ResponseReturnValue:
    """Hand a task on to one person."""
    form = request.form
    try:
        with current_unit_of_work() as uow:
            queries.task(uow, task_id)
            ends_at = _end_in(form.get("ends_at"))
            delegate(
                uow,
                NewDelegation(
                    form.get("to_id", ""), ends_at, task_id=task_id, reason=form.get("reason")
                ),
            )
    except NotFound:
        raise
    except Refusal as refusal:
        return _handing_page(task_id, *_refused(refusal))
    return go_to(f"{root()}/tasks/{task_id}", "handed")


def _refused(refusal: Refusal) -> tuple[FormState, int]:
    state, status = refused_form(request.form, refusal)
    if isinstance(refusal, NotYours):
        state = FormState.returned(dict(request.form.items()), {"_schema": [sentence_of(refusal)]})
    if isinstance(refusal, DelegatedAlready):
        formats = current_visit().formats
        told = _(
            "This person stands in already, from %(begins)s until %(ends)s: end that one first,"
            " or choose other days.",
            begins=formats.moment(refusal.starts_at),
            ends=formats.moment(refusal.ends_at),
        )
        state = FormState.returned(dict(request.form.items()), {"to_id": [told]})
    return state, status


def _wish(uow: UnitOfWork) -> NewDelegation:
    form = request.form
    begins = form.get("starts_at", "").strip()
    starts_at = beginning_of(begins) if begins else None
    if begins and starts_at is None:
        told = _("Enter a day, or leave it empty to begin at once.")
        raise Invalid((Fault("/starts_at", "delegation.day", told),))
    if starts_at is not None and today(starts_at) == today(uow.now):
        starts_at = None  # Today began before now.
    return NewDelegation(
        form.get("to_id", ""),
        _end_in(form.get("ends_at")),
        starts_at,
        of_id=form.get("of_id") or None,
        absence=form.get("kind") == "absence",
        reason=form.get("reason"),
    )


def _end_in(day: str | None) -> datetime:
    ends_at = end_of(day)
    if ends_at is None:
        told = _("Enter the last day on which it holds.")
        raise Invalid((Fault("/ends_at", "delegation.day", told),))
    return ends_at


def _page(form: FormState | None = None, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    me = str(actor.id)
    with current_unit_of_work() as uow:
        open_rows = delegation_queries.delegations(uow, is_over=False, limit=ROWS_MAX)
        over = delegation_queries.delegations(uow, member_id=me, is_over=True, limit=20)
        shown = shown_of(uow, open_rows)
        past = shown_of(uow, over)
        people = _people(uow)
        filled = {"ends_at": _in_a_week(uow), "kind": "stand_in"}
    body = render_page(
        "portal/delegations.html",
        page_for(
            _("Out of office and delegations"),
            Crumb(_("Profile and preferences"), f"{root()}/me"),
            told=_TOLD,
        ),
        columns=COLUMNS,
        own=[each for each in shown if me in (each.of_id, each.to_id)],
        others=[each for each in shown if me not in (each.of_id, each.to_id)],
        past=past,
        form=form or FormState(filled),
        kinds=_KINDS,
        principals=people,
        stand_ins=[each for each in people if each[0] != me or actor.may(WRITE_MEMBERS)],
        may_vote=actor.may(VOTE),
        may_write_members=actor.may(WRITE_MEMBERS),
        may_open_tasks=actor.may(Permission("tasks:read")),
        root=root(),
    )
    return body, status


def _handing_page(
    task_id: str, form: FormState | None = None, status: int = 200
) -> ResponseReturnValue:
    with current_unit_of_work() as uow:
        handing = _handing(uow, queries.task(uow, task_id))
        filled = {"ends_at": _in_a_week(uow)}
    body = render_page(
        "portal/handing.html",
        page_for(
            _("Hand on"),
            Crumb(_("My work"), f"{root()}/tasks"),
            Crumb(handing.subject, f"{root()}/tasks/{task_id}"),
        ),
        handing=handing,
        form=form or FormState(filled),
        able=[(each.id, each.name) for each in handing.able],
        root=root(),
    )
    return body, status


def _handing(uow: UnitOfWork, task: Task) -> _Handing:
    subject, me = subject_of(uow, task), str(uow.actor.id)
    refused: str | None = None
    if task.kind != "approval":
        refused = _("It asks a question with a form: only an approval can be handed on.")
    elif task.state != "open":
        refused = _("Nothing is asked here any more.")
    else:
        told = why_not_handed_on(uow, task, me)
        refused = said(told) if told is not None else None
    if refused is not None:
        return _Handing(task, subject, refused, (), {})
    found = takers(uow, task, me)
    others: dict[str, list[str]] = {}
    for each in found:
        if each.why_not is not None:
            others.setdefault(said(WHY_NOT[each.why_not]), []).append(each.name)
    return _Handing(task, subject, None, [each for each in found if not each.why_not], others)


def _people(uow: UnitOfWork) -> list[tuple[str, str]]:
    directory = uow.ports.directory
    assert directory is not None, "the front door fills the directory port"
    found = [(str(each.id), each.name) for each in directory.members(uow)]
    return sorted(found, key=lambda each: (each[1].casefold(), each[0]))


def _in_a_week(uow: UnitOfWork) -> str:
    return (today(uow.now) + timedelta(days=DAYS_AT_FIRST)).isoformat()
