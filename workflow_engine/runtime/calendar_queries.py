"""What people see of a tenant's working calendars."""

from sqlalchemy import select

from kernel.errors import NotFound
from kernel.uow import UnitOfWork
from workflow_engine.calendars import BusinessCalendar, read_calendar
from workflow_engine.runtime.calendars import BusinessCalendarRow

CALENDARS_MAX = 500


def list_calendars(uow: UnitOfWork) -> list[BusinessCalendar]:
    """Return the calendars by name, five hundred at most."""
    query = select(BusinessCalendarRow).order_by(BusinessCalendarRow.id).limit(CALENDARS_MAX)
    return [_read(row) for row in uow.session.scalars(query)]


def one_calendar(uow: UnitOfWork, calendar_id: str) -> BusinessCalendar:
    """Return a calendar; its version is the row's. NotFound where there is none."""
    row = uow.session.get(BusinessCalendarRow, (uow.tenant_id, calendar_id))
    if row is None:
        raise NotFound("calendar", calendar_id)
    return _read(row)


def _read(row: BusinessCalendarRow) -> BusinessCalendar:
    return read_calendar({**row.document, "id": row.id, "version": row.version})
