"""A tenant's business calendars: kept as documents, read when a timer or due time needs one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from sqlalchemy import String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.audit import Subject
from kernel.canonical import to_json
from kernel.db import Table, TenantOwned
from kernel.errors import Fault, Invalid, StaleWrite
from kernel.settings import WRITE_SETTINGS
from kernel.uow import UnitOfWork
from workflow_engine.calendars import CalendarBook, read_calendar


class BusinessCalendarRow(TenantOwned, Table):
    """A calendar as a document: workdays, hours, time zone, holidays."""

    __tablename__ = "business_calendar"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)


class TenantCalendars:
    """The calendars of the tenant at work, read when the first of them is needed.

    A due time is told with the version of the calendar by which it was fixed.
    """

    def __init__(self, uow: UnitOfWork) -> None:
        """Read nothing yet."""
        self._uow = uow
        self._book: CalendarBook | None = None

    def due(self, calendar: str, start: datetime, days: int, clock_seconds: int) -> datetime:
        """Return when working days and working time are used up; KeyError for an unknown one."""
        return self._read().due(calendar, start, days, clock_seconds)

    def version(self, calendar: str) -> str:
        """Return the version of a calendar."""
        return self._read().version(calendar)

    def _read(self) -> CalendarBook:
        if self._book is None:
            rows = self._uow.session.scalars(select(BusinessCalendarRow))
            self._book = CalendarBook(
                read_calendar({**row.document, "id": row.id, "version": row.version})
                for row in rows
            )
        return self._book


def calendar_ids(uow: UnitOfWork) -> frozenset[str]:
    """Return the names of the tenant's calendars."""
    return frozenset(uow.session.scalars(select(BusinessCalendarRow.id)))


def put_calendar(
    uow: UnitOfWork,
    calendar_id: str,
    document: Mapping[str, Any],
    *,
    expected_version: int | None = None,
) -> BusinessCalendarRow:
    """Write a calendar. Times that are fixed already stay; new ones are fixed by what is new.

    `expected_version` is 0 for a calendar that must be new: StaleWrite where it is another.
    Invalid where a day, hour, zone or holiday cannot be read, or no working time is left.
    """
    uow.actor.must(WRITE_SETTINGS)
    stored = {key: value for key, value in to_json(document).items() if key != "version"}
    unknown = sorted(stored.keys() - {"id", "workdays", "from", "to", "timezone", "holidays"})
    if unknown:
        raise _invalid(f"A calendar has no {', '.join(unknown)}.")
    try:
        calendar = read_calendar({**stored, "id": calendar_id})
        calendar.zone  # noqa: B018 - A zone that does not exist is found when it is asked for.
    except (ValueError, TypeError, ZoneInfoNotFoundError) as error:
        raise _invalid(f"This is no calendar: {error}.") from error
    if calendar.opens >= calendar.closes or not calendar.workdays & set(range(1, 8)):
        raise _invalid("No working time is left: give workdays from 1 to 7, and from before to.")
    row = uow.session.get(BusinessCalendarRow, (uow.tenant_id, calendar_id), with_for_update=True)
    current_version = 0 if row is None else row.version
    if expected_version not in (None, current_version):
        raise StaleWrite(expected_version or 0, current_version)
    if row is None:
        row = BusinessCalendarRow(tenant_id=uow.tenant_id, id=calendar_id, document=stored)
        uow.session.add(row)
    row.document = stored
    uow.record("calendar.write", Subject("calendar", calendar_id))
    return row


def _invalid(detail: str) -> Invalid:
    return Invalid((Fault("", "calendar.faulty", detail),))
