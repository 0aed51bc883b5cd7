"""Timers of states and delayed sends: absolute times, fixed when they are set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from workflow_engine.definition.durations import DurationError, Span, parse_duration
from workflow_engine.expressions.values import read_timestamp, write_timestamp
from workflow_engine.interpreter.compiled import CompiledState, CompiledTimer, ContentFault
from workflow_engine.interpreter.effects import ClearTimer, Send, SetTimer
from workflow_engine.interpreter.events import Event
from workflow_engine.interpreter.machine import Machine

FIRED = "fired"
TIMERS_MAX = 200


def set_timers(machine: Machine, state: CompiledState) -> None:
    """Set the timers of a state that is entered; a fault sets none of the remaining ones."""
    try:
        for timer in state.timers:
            _set_timer(machine, timer)
    except ContentFault as fault:
        machine.fail(fault)


def _set_timer(machine: Machine, timer: CompiledTimer) -> None:
    model = timer.model
    if model.anchor == "entry":
        _hold(machine, timer, _due(machine, timer, machine.now))
        return
    fixed = machine.anchors.get(timer.id)
    if fixed == FIRED:
        return
    if fixed is None:
        began = machine.now if model.anchor == "first_entry" else _started(machine)
        fixed = write_timestamp(_due(machine, timer, began))
        machine.anchors = {**machine.anchors, timer.id: fixed}
    _hold(machine, timer, read_timestamp(fixed))


def _started(machine: Machine) -> datetime:
    return read_timestamp(machine.origin.started_at)


def _due(machine: Machine, timer: CompiledTimer, start: datetime) -> datetime:
    model = timer.model
    if timer.instant is not None:
        instant = timer.instant(machine.bindings)
        if isinstance(instant, str):
            instant = _read_instant(instant, model.at)
        if not isinstance(instant, datetime):
            raise ContentFault("timer.due", "The timer's time is not an instant.", model.at)
        return _later(machine, timer, instant, model.plus)
    span = model.delay or _evaluated(machine, timer)
    due = _later(machine, timer, start, span)
    return _later(machine, timer, due, model.plus)


def _read_instant(text: str, where: str) -> datetime:
    try:
        return read_timestamp(text)
    except ValueError as error:
        raise ContentFault("timer.due", f"'{text[:60]}' is no instant.", where) from error


def _evaluated(machine: Machine, timer: CompiledTimer) -> Span:
    assert timer.delay_expr is not None
    length = as_length(timer.delay_expr(machine.bindings), timer.model.at)
    return Span(length.days, length - timedelta(days=length.days))


def as_length(value: Any, where: str) -> timedelta:
    """A duration from an expression: a duration, or its ISO 8601 text."""
    if isinstance(value, str):
        try:
            value = parse_duration(value)
        except DurationError as error:
            raise ContentFault("timer.delay", f"'{value[:60]}' is no duration.", where) from error
    if not isinstance(value, timedelta):
        raise ContentFault("timer.delay", "The delay is not a duration.", where)
    return max(value, timedelta(0))


def _later(machine: Machine, timer: CompiledTimer, start: datetime, span: Span | None) -> datetime:
    if span is None:
        return start
    calendar = timer.model.calendar
    try:
        if calendar is None:
            return start + span.length
        if machine.calendars is None:
            raise KeyError(calendar)
        return machine.calendars.due(calendar, start, span.days, int(span.clock.total_seconds()))
    except KeyError as error:
        message = f"There is no business calendar '{calendar}'."
        raise ContentFault("calendar.unknown", message, timer.model.at) from error
    except OverflowError as error:
        raise ContentFault(
            "timer.due", "The timer's time is too far away.", timer.model.at
        ) from error


def _hold(machine: Machine, timer: CompiledTimer, at: datetime) -> None:
    model = timer.model
    timer_id = f"{timer.id}.{machine.next_epoch()}"
    record = {"at": write_timestamp(at), "after": timer.id}
    machine.timers = {**machine.timers, timer_id: record}
    version = None
    if model.calendar is not None and machine.calendars is not None:
        version = machine.calendars.version(model.calendar)
    machine.effects.append(
        SetTimer(
            timer_id,
            at,
            source=timer.id,
            calendar=model.calendar,
            calendar_version=version,
            pausable=model.pausable,
            sla=model.sla,
        )
    )


def clear_timers(machine: Machine, state: CompiledState) -> None:
    """Withdraw the timers of a state that is left."""
    if not machine.timers:
        return
    owned = {timer.id for timer in state.timers}
    gone = [key for key, record in machine.timers.items() if record.get("after") in owned]
    _withdraw(machine, gone)


def _withdraw(machine: Machine, timer_ids: list[str]) -> None:
    if timer_ids:
        machine.timers = {
            key: record for key, record in machine.timers.items() if key not in timer_ids
        }
        machine.effects += [ClearTimer(timer_id) for timer_id in timer_ids]


def clear_all(machine: Machine) -> None:
    """The run is over: nothing will be due any more."""
    _withdraw(machine, list(machine.timers))


def hold_send(machine: Machine, send: Send, delay: timedelta, where: str) -> None:
    """Keep a delayed send; it goes out when its timer is due, and dies with the run."""
    if len(machine.timers) >= TIMERS_MAX:
        message = f"More than {TIMERS_MAX} timers are pending in this run."
        raise ContentFault("timer.limit", message, where)
    try:
        at = machine.now + delay
    except OverflowError as error:
        raise ContentFault("timer.due", "The time is too far away.", where) from error
    timer_id = f"send.{machine.next_epoch()}"
    record = {
        "at": write_timestamp(at),
        "send": [send.target, send.event, send.data, send.send_id],
    }
    machine.timers = {**machine.timers, timer_id: record}
    machine.effects.append(SetTimer(timer_id, at, kind="send", source=where))


def cancel_send(machine: Machine, send_id: str) -> None:
    """Withdraw the delayed sends with this id."""
    gone = [
        key
        for key, record in machine.timers.items()
        if "send" in record and record["send"][3] == send_id
    ]
    _withdraw(machine, gone)


def take_timer(machine: Machine, timer_id: str) -> Mapping[str, Any] | None:
    """Remove a due timer; None if the run no longer holds it."""
    record = machine.timers.get(timer_id)
    if record is None:
        return None
    machine.timers = {key: kept for key, kept in machine.timers.items() if key != timer_id}
    name = record.get("after")
    if name is not None and machine.compiled.timers[name].model.anchor != "entry":
        machine.anchors = {**machine.anchors, name: FIRED}
    return record


def event_of_timer(record: Mapping[str, Any], address: str) -> Event | Send:
    """What a due timer stands for: an event of this run, or a send to another."""
    if "after" in record:
        return Event(f"after.{record['after']}")
    target, name, payload, send_id = record["send"]
    if target == "self":
        return Event(name, data=payload, sendid=send_id, origin=address, origintype="run")
    return Send(target, name, payload, send_id, address)
