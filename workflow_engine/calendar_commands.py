"""`wareflow calendars …`: a tenant's business calendars, listed and written."""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from kernel.access import operator_actor
from kernel.errors import Fault, Invalid, NotFound
from kernel.ids import TenantId
from kernel.runtime import Runtime
from kernel.tenancy import tenant_id_of
from workflow_engine.runtime.calendars import BusinessCalendarRow, put_calendar

OPERATOR = operator_actor("command")

Command = Callable[[Runtime, argparse.Namespace], Sequence[str]]


def add_commands(commands: Any, set_command: Callable[[Any, Command], None]) -> None:
    """Add `calendars list|put` to the front door's commands."""
    calendars = commands.add_parser("calendars", help="business calendars of a tenant")
    verbs = calendars.add_subparsers(metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="every calendar as JSON")
    listing.add_argument("--tenant", required=True, metavar="SLUG")
    set_command(listing, list_calendars)
    put = verbs.add_parser("put", help="write a calendar from a JSON file")
    put.add_argument("--tenant", required=True, metavar="SLUG")
    put.add_argument("calendar_id", metavar="CALENDAR", help="such as tenant.business")
    put.add_argument(
        "file", metavar="FILE", type=Path, help="workdays, from, to, timezone, holidays"
    )
    set_command(put, write_calendar)


def list_calendars(runtime: Runtime, chosen: argparse.Namespace) -> Sequence[str]:
    """Return one line for each calendar."""
    with runtime.unit_of_work(_tenant(runtime, chosen), OPERATOR, standing="any") as uow:
        query = select(BusinessCalendarRow).order_by(BusinessCalendarRow.id)
        rows = uow.session.scalars(query).all()
    lines = [f"{row.id} (version {row.version}) {json.dumps(row.document)}" for row in rows]
    return lines or ["This tenant has no calendar: wareflow calendars put --help"]


def write_calendar(runtime: Runtime, chosen: argparse.Namespace) -> Sequence[str]:
    """Write a calendar."""
    try:
        document = json.loads(chosen.file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        detail = f"{chosen.file} cannot be read: {error}"
        raise Invalid((Fault("/file", "calendar.unreadable", detail),)) from error
    if not isinstance(document, dict):
        raise Invalid((Fault("/file", "calendar.unreadable", "A calendar is a JSON object."),))
    with runtime.unit_of_work(_tenant(runtime, chosen), OPERATOR) as uow:
        put_calendar(uow, chosen.calendar_id, document)
    return [f"{chosen.calendar_id} is written; times that are fixed already stay as they are."]


def _tenant(runtime: Runtime, chosen: argparse.Namespace) -> TenantId:
    found = tenant_id_of(runtime.database, chosen.tenant)
    if found is None:
        raise NotFound("tenant", chosen.tenant)
    return found
