"""When a stage or task reminds, escalates and expires: absolute times, fixed as it opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from workflow_engine.definition.durations import Span, parse_duration, parse_span

REMINDERS_MAX = 50


class Calendars(Protocol):
    """The tenant's business calendars."""

    def due(self, calendar: str, start: datetime, days: int, clock_seconds: int) -> datetime:
        """Working days, then working time, after `start`; KeyError for an unknown calendar."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """One moment: a reminder, a rung of the ladder, the expiry with what it decides, or the end
    of the time in which the vote of the person `id` could be taken back."""

    at: datetime
    kind: Literal["remind", "escalate", "expire", "count"]
    id: str = ""
    decides: str | None = None


def deadlines(
    document: Mapping[str, Any], opened_at: datetime, calendars: Calendars | None
) -> list[Deadline]:
    """The deadlines of a stage (or task) that opened at this moment, in time order.

    A rung's `after` counts from the due time where expiry escalates, else from the opening.
    Reminders stop at expiry; without a due time they go on for at most fifty.
    """
    due_at = due(document.get("due"), opened_at, calendars)
    on_expire = document.get("on_expire") or "keep"
    found = _reminders(document, opened_at, due_at)
    rungs_from = due_at if on_expire == "escalate" and due_at is not None else opened_at
    for rung in document.get("escalate") or ():
        at = rungs_from + parse_duration(rung.get("after", "PT0S"))
        found.append(Deadline(at, "escalate", rung["id"]))
    if due_at is not None:
        decides = on_expire if on_expire in ("reject", "approve", "fault") else None
        found.append(Deadline(due_at, "expire", decides=decides))
    return sorted(found, key=lambda each: (each.at, each.kind, each.id))


def due(
    document: Mapping[str, Any] | None, opened_at: datetime, calendars: Calendars | None
) -> datetime | None:
    """The due time, on the business calendar where one is named."""
    if document is None or "delay" not in document:
        return None
    span: Span = parse_span(document["delay"])
    calendar = document.get("calendar")
    if calendar is None:
        return opened_at + span.length
    if calendars is None:
        raise KeyError(calendar)
    return calendars.due(calendar, opened_at, span.days, int(span.clock.total_seconds()))


def _reminders(
    document: Mapping[str, Any], opened_at: datetime, due_at: datetime | None
) -> list[Deadline]:
    every = document.get("remind_every")
    if not every:
        return []
    step = parse_duration(every)
    found: list[Deadline] = []
    at = opened_at + step
    while len(found) < REMINDERS_MAX and step and (due_at is None or at < due_at):
        found.append(Deadline(at, "remind"))
        at += step
    return found
