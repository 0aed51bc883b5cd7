"""Pages of exceptions: what went wrong and needs a person, parked jobs and events included."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import go_to
from builder_ui.portal.lists import Choice, ListKind, ShownRow, serve_list
from builder_ui.portal.names import Names
from builder_ui.portal.records import Happened, Record, record_page
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.wording import EXCEPTION_STATES, SEVERITIES, choices, spoken
from builder_ui.shell import cells
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.words import _
from commerce.keyset import PageWish, Slice, keyset_slice
from kernel import exceptions
from kernel.errors import Fault, Invalid, Refusal
from kernel.exceptions import WRITE_EXCEPTIONS, ExceptionCase
from kernel.ids import ExceptionId
from kernel.jobs import Job
from kernel.uow import UnitOfWork
from web.access import requires
from web.request import current_actor, current_unit_of_work

NAV = (NavEntry("Work", _("Exceptions"), "exceptions", "warn", "exceptions:read", rank=20),)
RESOLUTION_LENGTH_MAX = 500
_PAGES = {
    "order": "orders",
    "purchase_order": "purchasing",
    "run": "runs",
    "fulfilment_order": "fulfilments",
    "sku": "stock",
}
_TOLD = {"taken": _("It is yours now."), "resolved": _("The exception was resolved.")}

exception_pages = portal_room("exceptions", "exceptions")


def _fetch(uow: UnitOfWork, wish: PageWish, listing: Listing) -> Slice[ExceptionCase]:
    chosen = listing.filters
    query = exceptions.cases_like(chosen.get("state"), chosen.get("kind"))
    return keyset_slice(uow, query, [ExceptionCase.id], wish)


def _shown(uow: UnitOfWork, found: Sequence[ExceptionCase]) -> list[ShownRow]:
    names = Names(uow)
    return [
        ShownRow(
            each.id,
            spoken(each.kind),
            f"{root()}/exceptions/{each.id}",
            {
                "kind": cells.text(spoken(each.kind), note=each.cause[:120]),
                "subject": cells.text(spoken(each.subject_kind)),
                "severity": cells.badge(SEVERITIES[each.severity]),
                "owner": cells.text(names.maybe(each.owner_id)),
                "raised_at": cells.moment(each.raised_at),
                "due_at": cells.moment(each.due_at),
                "state": cells.badge(EXCEPTION_STATES[each.state]),
            },
        )
        for each in found
    ]


EXCEPTIONS: ListKind[Any] = ListKind(
    path="exceptions",
    news=("exception.raised",),
    title=_("Exceptions"),
    one=_("exception"),
    many=_("exceptions"),
    columns=(
        Column("kind", _("What went wrong")),
        Column("subject", _("About"), on_phone=False),
        Column("severity", _("Severity"), on_phone=False),
        Column("owner", _("Whose"), on_phone=False),
        Column("raised_at", _("Raised"), sortable=True, on_phone=False),
        Column("due_at", _("Due"), on_phone=False, at_first=False),
        Column("state", _("State")),
    ),
    sorts=("-raised_at", "raised_at"),
    fetch=_fetch,
    place_of=lambda each, _sort: [each.id],
    shown=_shown,
    empty=(
        _("Nothing went wrong"),
        _("What the product cannot mend by itself appears here."),
        "ok",
    ),
    choices=(
        Choice("state", _("State"), lambda _uow: choices(EXCEPTION_STATES)),
        Choice(
            "kind",
            _("Kind"),
            lambda uow: [(kind, spoken(kind)) for kind in exceptions.kinds_of_cases(uow)],
        ),
    ),
)
serve_list(exception_pages, EXCEPTIONS, "exceptions:read")


@exception_pages.get("/<exception_id>")
@requires("exceptions:read")
def show_exception(exception_id: str) -> ResponseReturnValue:
    """Show what went wrong, about what, and whose it is."""
    return _page(exception_id)


@exception_pages.post("/<exception_id>/owner")
@requires("exceptions:write")
def take(exception_id: str) -> ResponseReturnValue:
    """Make it the task of who asks."""
    try:
        with current_unit_of_work() as uow:
            exceptions.assign(uow, ExceptionId(exception_id), uow.actor.id)
    except Refusal as refusal:
        return _page(exception_id, refusal)
    return go_to(f"{root()}/exceptions/{exception_id}", "taken")


@exception_pages.post("/<exception_id>/resolution")
@requires("exceptions:write")
def resolve(exception_id: str) -> ResponseReturnValue:
    """Close it with a sentence that says what was done."""
    said = request.form.get("resolution", "").strip()[:RESOLUTION_LENGTH_MAX]
    try:
        with current_unit_of_work() as uow:
            exceptions.one_case(uow, exception_id)
            if not said:
                detail = _("Write in a sentence what was done: the next person will read it.")
                raise Invalid((Fault("/resolution", "exception.resolution_missing", detail),))
            exceptions.resolve(uow, ExceptionId(exception_id), said)
    except Refusal as refusal:
        return _page(exception_id, refusal)
    return go_to(f"{root()}/exceptions/{exception_id}", "resolved")


def _page(exception_id: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    with current_unit_of_work() as uow:
        case = exceptions.one_case(uow, exception_id)
        record, is_open = _record(uow, case), case.state == "open"
    return record_page(
        record,
        Crumb(_("Exceptions"), f"{root()}/exceptions"),
        told=_TOLD,
        refusal=refusal,
        template="portal/exception.html",
        is_open=is_open and current_actor().may(WRITE_EXCEPTIONS),
        path=f"{root()}/exceptions/{exception_id}",
    )


def _record(uow: UnitOfWork, case: ExceptionCase) -> Record:
    names = Names(uow)
    story = [Happened(case.raised_at, _("Raised"), tone="warn")]
    if case.resolved_at is not None:
        story.append(
            Happened(
                case.resolved_at,
                _("Resolved: %(resolution)s", resolution=case.resolution),
                tone="ok",
            )
        )
    place = _PAGES.get(case.subject_kind)
    return Record(
        title=spoken(case.kind),
        subject=("exception", case.id),
        status=EXCEPTION_STATES[case.state],
        facts=[
            (_("Cause"), cells.text(case.cause)),
            (
                _("About"),
                cells.text(
                    f"{spoken(case.subject_kind)} {case.subject_id}",
                    href=f"{root()}/{place}/{case.subject_id}" if place else None,
                ),
            ),
            *_facts_of_job(uow, case),
            (_("Severity"), cells.badge(SEVERITIES[case.severity])),
            (_("Whose"), cells.text(names.maybe(case.owner_id) or _("Nobody's yet"))),
            (_("Due"), cells.moment(case.due_at)),
            (_("Id"), cells.code(case.id)),
        ],
        tables=(),
        story=story,
    )


def _facts_of_job(uow: UnitOfWork, case: ExceptionCase) -> list[tuple[str, cells.Cell]]:
    """Return what is known of a job that was given up, where the case is about one."""
    if case.subject_kind != "job":
        return []
    job = uow.session.get(Job, (uow.tenant_id, case.subject_id))
    if job is None:
        return []
    return [
        (_("Job"), cells.text(spoken(job.kind))),
        (_("Attempts"), cells.number(job.attempts)),
        (_("Last error"), cells.text(job.last_error)),
    ]
