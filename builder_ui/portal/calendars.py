"""Pages of working calendars: opening hours, holidays and zone, with what they come to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import available_timezones

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import current_visit, go_to, page_for
from builder_ui.portal.refused import refused_form, version_in
from builder_ui.portal.rooms import portal_room, root
from builder_ui.shell.form_state import FormState
from builder_ui.shell.listing import Column
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from kernel.access import Permission
from kernel.errors import Fault, Invalid, Refusal
from kernel.settings import WRITE_SETTINGS
from kernel.uow import UnitOfWork
from web.access import requires
from web.request import current_actor, current_unit_of_work
from workflow_engine.calendars import BusinessCalendar, read_calendar
from workflow_engine.runtime.calendar_queries import list_calendars, one_calendar
from workflow_engine.runtime.calendars import put_calendar

NAV = (
    NavEntry("Administration", _("Calendars"), "calendars", "calendar", "settings:read", rank=42),
)

COLUMNS = (
    Column("name", _("Calendar")),
    Column("hours", _("Open")),
    Column("zone", _("Time zone"), on_phone=False),
    Column("holidays", _("Holidays"), align="end", on_phone=False),
    Column("next", _("Now")),
)
DAYS = (
    (1, _("Monday")), (2, _("Tuesday")), (3, _("Wednesday")), (4, _("Thursday")), (5, _("Friday")),
    (6, _("Saturday")), (7, _("Sunday")),
)  # fmt: skip
HOLIDAYS_MAX = 400
PREVIEW_DAYS = 5
_KEY = re.compile(r"[a-z][a-z0-9_.-]{0,79}")
_TOLD = {
    "written": _("The calendar was saved. Due times that are fixed already stay as they are."),
}

calendar_pages = portal_room("calendars", "calendars")


@dataclass(frozen=True)
class Preview:
    """What a calendar comes to at an instant: open or not, and the next working days."""

    is_open: bool
    opens_at: datetime
    days: tuple[date, ...]


@calendar_pages.get("")
@requires("settings:read")
def show_all() -> ResponseReturnValue:
    """Show the calendars, each with whether it is open now."""
    with current_unit_of_work() as uow:
        rows = [(each, preview_of(each, uow.now)) for each in list_calendars(uow)]
    return render_page(
        "portal/calendars.html",
        page_for(_("Calendars"), told=_TOLD),
        columns=COLUMNS,
        rows=[
            {
                "id": calendar.id,
                "hours": f"{_days(calendar)}, {calendar.opens:%H:%M}–{calendar.closes:%H:%M}",
                "zone": calendar.timezone,
                "holidays": len(calendar.holidays),
                "preview": preview,
            }
            for calendar, preview in rows
        ],
        may_write=_may_write(),
        root=root(),
    )


@calendar_pages.get("/new")
@requires("settings:write")
def show_new() -> ResponseReturnValue:
    """Ask what a new calendar is."""
    with current_unit_of_work() as uow:
        start = read_calendar({"id": "", "timezone": "UTC"})
        return _page(uow, None, _filled(start, version=0))


@calendar_pages.post("")
@requires("settings:write")
def create() -> ResponseReturnValue:
    """Write a calendar that is new, or preview it."""
    return _save(None)


@calendar_pages.get("/<calendar>")
@requires("settings:read")
def show(calendar: str) -> ResponseReturnValue:
    """Show one calendar, to be changed."""
    with current_unit_of_work() as uow:
        found = one_calendar(uow, calendar)
        return _page(uow, found, _filled(found, version=int(found.version)))


@calendar_pages.post("/<calendar>")
@requires("settings:write")
def change(calendar: str) -> ResponseReturnValue:
    """Write a calendar, or preview what was typed."""
    return _save(calendar)


def preview_of(calendar: BusinessCalendar, now: datetime) -> Preview:
    """Return when the calendar opens next, and the working days that follow."""
    opens_at = calendar.after(now, 0, timedelta(0))
    local = opens_at.astimezone(calendar.zone).date()
    days = [local]
    for _day in range(PREVIEW_DAYS - 1):
        following = calendar.after(_noon(calendar, days[-1]), 1, timedelta(0))
        days.append(following.astimezone(calendar.zone).date())
    return Preview(opens_at <= now, opens_at, tuple(days))


def _noon(calendar: BusinessCalendar, day: date) -> datetime:
    return datetime.combine(day, calendar.opens, calendar.zone)


def _save(calendar_id: str | None) -> ResponseReturnValue:
    form, found = request.form, None
    if calendar_id is not None:
        # One of another tenant is as unknown as any other, whatever else is wrong.
        with current_unit_of_work() as uow:
            found = one_calendar(uow, calendar_id)
    try:
        name = _name(form.get("name", "")) if calendar_id is None else calendar_id
        document = _document()
        with current_unit_of_work() as uow:
            if "preview" in form:
                draft = read_calendar({**document, "id": name})
                return _page(uow, found, _typed(), draft=draft)
            expected = 0 if found is None else version_in(form)
            put_calendar(uow, name, document, expected_version=expected)
    except Refusal as refusal:
        shown, status = refused_form(form, refusal, several=("workdays",))
        with current_unit_of_work() as uow:
            return _page(uow, found, shown), status
    return go_to(f"{root()}/calendars/{name}", "written")


def _page(
    uow: UnitOfWork,
    found: BusinessCalendar | None,
    form: FormState,
    *,
    draft: BusinessCalendar | None = None,
) -> str:
    shown = draft or found
    return render_page(
        "portal/calendar.html",
        page_for(
            found.id if found is not None else _("New calendar"),
            Crumb(_("Calendars"), f"{root()}/calendars"),
            told=_TOLD,
        ),
        calendar=found,
        preview=preview_of(shown, uow.now) if shown is not None else None,
        is_draft=draft is not None,
        zone=shown.timezone if shown is not None else "",
        form=form,
        days=[(str(number), name, None) for number, name in DAYS],
        zones=[(each, each) for each in sorted(available_timezones())],
        may_write=_may_write(),
        may_audit=current_actor().may(Permission("audit:read")),
        action=f"{root()}/calendars" + (f"/{found.id}" if found is not None else ""),
        root=root(),
    )


_HOURS = (
    ("from", _("Enter the time at which it opens, such as 09:00.")),
    ("to", _("Enter the time at which it closes, such as 09:00.")),
)


def _document() -> dict[str, Any]:
    """Return the calendar that the form spells; Invalid names every field that is wrong."""
    form = request.form
    faults: list[Fault] = []
    hours: dict[str, str] = {}
    for field, told in _HOURS:
        try:
            hours[field] = time.fromisoformat(form.get(field, "")).strftime("%H:%M")
        except ValueError:
            faults.append(Fault(f"/{field}", "calendar.time", str(told)))
    days = sorted({int(each) for each in form.getlist("workdays") if each in "1234567" and each})
    if not days:
        faults.append(
            Fault("/workdays", "calendar.workdays", _("Choose at least one working day."))
        )
    if len(hours) == 2 and hours["from"] >= hours["to"]:
        faults.append(
            Fault("/to", "calendar.hours", _("It closes after it opens, on the same day."))
        )
    zone = form.get("timezone", "")
    if zone not in available_timezones():
        faults.append(Fault("/timezone", "calendar.zone", _("Choose a time zone of the list.")))
    holidays, wrong = _holidays(form.get("holidays", ""))
    if faults or wrong:
        raise Invalid((*faults, *wrong))
    return {**hours, "workdays": days, "timezone": zone, "holidays": holidays}


def _holidays(text: str) -> tuple[list[str], list[Fault]]:
    days, faults = set(), []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            days.add(date.fromisoformat(line.strip()).isoformat())
        except ValueError:
            told = _(
                "Line %(number)s, %(line)s, is no day: write it as 2026-12-25.",
                number=number,
                line=repr(line.strip()[:30]),
            )
            faults.append(Fault("/holidays", "calendar.holiday", told))
    if len(days) > HOLIDAYS_MAX:
        told = _("Enter at most %(holidays_max)s holidays.", holidays_max=HOLIDAYS_MAX)
        faults.append(Fault("/holidays", "calendar.holidays", told))
    return sorted(days), faults


def _name(text: str) -> str:
    name = text.strip()
    if not _KEY.fullmatch(name):
        told = _("Enter a name of small letters, digits, . - and _, such as tenant.business.")
        raise Invalid((Fault("/name", "calendar.name", told),))
    return name


def _filled(calendar: BusinessCalendar, *, version: int) -> FormState:
    values: Mapping[str, object] = {
        "name": calendar.id,
        "workdays": [str(each) for each in sorted(calendar.workdays)],
        "from": calendar.opens.strftime("%H:%M"),
        "to": calendar.closes.strftime("%H:%M"),
        "timezone": calendar.timezone,
        "holidays": "\n".join(sorted(each.isoformat() for each in calendar.holidays)),
        "version": version,
    }
    return FormState(values)


def _typed() -> FormState:
    form = request.form
    return FormState({**form.to_dict(), "workdays": form.getlist("workdays")}, is_returned=True)


def _days(calendar: BusinessCalendar) -> str:
    formats = current_visit().formats
    names = [formats.weekday(number) for number, _name in DAYS if number in calendar.workdays]
    if sorted(calendar.workdays) == list(range(1, len(names) + 1)) and len(names) > 2:
        return f"{names[0]}–{names[-1]}"
    return ", ".join(names)


def _may_write() -> bool:
    return current_actor().may(WRITE_SETTINGS)
