"""What moves a run: an event, and the few names the platform itself gives to events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

EventType = Literal["external", "platform", "internal"]
Unmatched = Literal["ignore", "defer", "reject"]

TIMER = "timer"
"""Name of the event that says a timer set by `SetTimer` is due; its `sendid` is the timer's id."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event as the seven fields of SCXML, plus what a durable run needs to judge it.

    `data` is JSON (money as {"amount", "currency"}, times as RFC 3339 text). `epoch` names the
    very invocation that a completion answers; without the epoch of the open invocation the
    completion does not move the run. `unmatched` is the sender's wish for an event that no
    transition takes; the definition's `correlate` entry for that event outranks it.
    """

    name: str
    type: EventType = "external"
    data: Any = None
    id: str | None = None
    sendid: str | None = None
    origin: str | None = None
    origintype: str | None = None
    invokeid: str | None = None
    epoch: int | None = None
    unmatched: Unmatched | None = None


def timer_due(timer_id: str) -> Event:
    """The event that reports a due timer; a timer the run no longer holds is a stale event."""
    return Event(TIMER, type="platform", sendid=timer_id)


def invoke_done(invoke_id: str, epoch: int, data: Any = None) -> Event:
    """The event that reports the result of an invoke (step, approval, task or flow)."""
    return Event(
        f"done.invoke.{invoke_id}", type="external", data=data, invokeid=invoke_id, epoch=epoch
    )


def invoke_failed(invoke_id: str, epoch: int, error: Mapping[str, Any]) -> Event:
    """The event that reports an invoke's final failure; `error` carries at least a `code`."""
    return Event(
        f"error.invoke.{invoke_id}",
        type="platform",
        data=dict(error),
        invokeid=invoke_id,
        epoch=epoch,
    )


def command(name: str, data: Any = None, *, event_id: str | None = None) -> Event:
    """A person's command: rejected, never swallowed, when it is not possible now."""
    return Event(name, data=data, id=event_id, unmatched="reject")


def matches(descriptors: tuple[str, ...], name: str) -> bool:
    """Whether one of the SCXML event descriptors (tokens; `*` for any) names this event."""
    return any(
        descriptor == "*" or name == descriptor or name.startswith(f"{descriptor}.")
        for descriptor in descriptors
    )


def event_to_json(event: Event) -> dict[str, Any]:
    """An event as JSON, its empty fields left out."""
    found: dict[str, Any] = {"name": event.name}
    for name in ("data", "id", "sendid", "origin", "origintype", "invokeid", "epoch"):
        value = getattr(event, name)
        if value is not None:
            found[name] = value
    return found


def event_from_json(kept: Mapping[str, Any]) -> Event:
    """The event that was written by `event_to_json`."""
    return Event(**kept)
