"""Which events start a run or belong to one: keys and inputs, never free predicates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow_engine.definition.model import Correlation, Definition, Trigger
from workflow_engine.expressions import ValueFault, from_json, to_json
from workflow_engine.interpreter.compiled import Compiled, ContentFault, Evaluate
from workflow_engine.interpreter.defaults import read_input
from workflow_engine.interpreter.evaluating import Expressions, Inputs
from workflow_engine.interpreter.schemas import Schemas
from workflow_engine.interpreter.work import WORK, WorkOutside


@dataclass(frozen=True, slots=True)
class CompiledTrigger:
    """A trigger ready to judge events."""

    model: Trigger
    when: Evaluate | None
    dedupe: Evaluate | None
    input: Inputs


@dataclass(frozen=True, slots=True)
class CompiledCorrelation:
    """A correlation ready to compute keys."""

    model: Correlation
    key: Evaluate
    run: Evaluate


@dataclass(frozen=True, slots=True)
class StartRequest:
    """A run that an event asks for; `dedupe` must be unique for this trigger."""

    trigger: str
    input: Mapping[str, Any]
    dedupe: str | None
    one_active_per: str | None


def compile_triggers(
    definition: Definition, expressions: Expressions, schemas: Schemas
) -> tuple[CompiledTrigger, ...]:
    found = []
    for trigger in definition.triggers:
        scope = schemas.scope(schemas.payload_of((trigger.event,)))
        found.append(
            CompiledTrigger(
                trigger,
                expressions.guard(trigger.when, scope) if trigger.when else None,
                expressions.evaluate(trigger.dedupe, scope) if trigger.dedupe else None,
                # What is dynamic in the event is converted when the run starts.
                expressions.inputs(trigger.input, scope, {}),
            )
        )
    return tuple(found)


def compile_correlations(
    definition: Definition, expressions: Expressions, schemas: Schemas
) -> tuple[CompiledCorrelation, ...]:
    found = []
    for each in definition.correlations:
        over_event = schemas.scope(schemas.payload_of((each.event,)))
        key = expressions.evaluate(each.key, over_event)
        run = expressions.evaluate(each.run, schemas.scope())
        found.append(CompiledCorrelation(each, key, run))
    return tuple(found)


def match_start(compiled: Compiled, event: Mapping[str, Any], now: datetime) -> list[StartRequest]:
    """The runs that an event (`name`, `id`, `data` …) asks to start; ContentFault on failure."""
    found = []
    triggers = [each for each in compiled.triggers if each.model.event == event["name"]]
    bindings = _event_bindings(compiled, event, now) if triggers else {}
    for trigger in triggers:
        if trigger.when is not None and trigger.when(bindings) is not True:
            continue
        dedupe = None if trigger.dedupe is None else to_json(trigger.dedupe(bindings))
        found.append(
            StartRequest(
                trigger.model.id,
                trigger.input(bindings),
                None if dedupe is None else str(dedupe),
                trigger.model.one_active_per,
            )
        )
    return found


def event_key(compiled: Compiled, event: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """For each correlation of this event's name, the key that its run must have."""
    bindings = _event_bindings(compiled, event, now)
    return {
        each.model.id: _key_text(each.key(bindings))
        for each in compiled.correlations
        if each.model.event == event["name"]
    }


def run_keys(
    compiled: Compiled, given: Mapping[str, Any], now: datetime
) -> dict[str, tuple[str, str]]:
    """For each correlation, the event a run waits for and the run's key (over its input).

    InputRefused where the input does not fit, as `start` has it.
    """
    bindings = _run_bindings(compiled, given, now)
    return {
        each.model.id: (each.model.event, _key_text(each.run(bindings)))
        for each in compiled.correlations
    }


def subject_key(compiled: Compiled, given: Mapping[str, Any], now: datetime) -> str | None:
    """The id of what a run with this input is about."""
    if compiled.subject_id is None:
        return None
    bindings = _run_bindings(compiled, given, now)
    return _key_text(compiled.subject_id(bindings))


def _run_bindings(compiled: Compiled, given: Mapping[str, Any], now: datetime) -> dict[Any, Any]:
    return {
        WORK: WorkOutside(),
        "context": compiled.defaults,
        "input": read_input(compiled.definition, compiled.input_type, given),
        "event": None,
        "now": now,
        "In": lambda _: False,
    }


def _key_text(value: Any) -> str:
    written = to_json(value)
    if isinstance(written, str | int) and not isinstance(written, bool):
        return str(written)
    raise ContentFault("correlate.key", "A key must be a text or a whole number.", "/correlate")


def _event_bindings(compiled: Compiled, event: Mapping[str, Any], now: datetime) -> dict[Any, Any]:
    payload = event.get("data")
    wanted = compiled.event_types.get(event["name"])
    if wanted is not None:
        try:
            payload = from_json(payload, wanted)
        except ValueFault as fault:
            raise ContentFault("event.shape", str(fault), "/events") from fault
    names = ("id", "sendid", "origin", "origintype", "invokeid")
    bound = {name: event.get(name) for name in names}
    return {
        WORK: WorkOutside(),
        "context": compiled.defaults,
        "input": {},
        "event": {**bound, "name": event["name"], "type": "external", "data": payload},
        "now": now,
        "In": lambda _: False,
    }
