"""A definition as SCXML: its states and content in the standard's words, the rest in ours."""

from __future__ import annotations

import dataclasses
import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import timedelta

from workflow_engine.definition import actions_model as model
from workflow_engine.definition.actions_model import Action, Named
from workflow_engine.definition.model import After, Definition, Expr, Invoke, State, Transition

SCXML = "http://www.w3.org/2005/07/scxml"
OURS = "urn:wareflow:definition:1"


def export_scxml(definition: Definition) -> str:
    """Write SCXML with the datamodel `cel`.

    Invokes carry our kinds as their type and their specification as JSON content; timers become
    delayed sends that are cancelled on exit; emit, decide and compensate are elements of our
    namespace. Tables, triggers, correlations, statuses and tests stay behind: they have no place
    in SCXML.
    """
    ET.register_namespace("", SCXML)
    ET.register_namespace("wf", OURS)
    root = ET.Element(_tag("scxml"), {"version": "1.0", "datamodel": "cel", "name": definition.key})
    model_element = ET.SubElement(root, _tag("datamodel"))
    for field in definition.context:
        source = field.init or json.dumps(field.default, default=str)
        ET.SubElement(model_element, _tag("data"), {"id": field.id, "expr": source})
    _outermost(root, definition.root)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _tag(name: str, namespace: str = SCXML) -> str:
    return f"{{{namespace}}}{name}"


def _outermost(element: ET.Element, root: State) -> None:
    """SCXML's outermost level has no transitions and no entry of its own, ours may have; then
    everything but the ends stands inside one more state."""
    if not (root.transitions or root.after or root.entry):
        _initial(element, root)
        _inside(element, root)
        return
    ends = tuple(state for state in root.states if state.type == "final")
    others = tuple(state for state in root.states if state.type != "final")
    whole = ET.SubElement(element, _tag("state"), {"id": "whole_run"})
    _initial(whole, root)
    _inside(whole, dataclasses.replace(root, states=others))
    for end in ends:
        _state(element, end)


def _inside(element: ET.Element, state: State) -> None:
    _content(element, "onentry", [*_timer_sends(state), *_actions(state.entry)])
    cancels = [ET.Element(_tag("cancel"), {"sendid": timer.id}) for timer in state.after]
    _content(element, "onexit", [*_actions(state.exit), *cancels])
    for invoke in state.invokes:
        _invoke(element, invoke)
    for transition in (*state.transitions, *(timer.transition for timer in state.after)):
        _transition(element, transition)
    for child in state.states:
        _state(element, child)
    if state.donedata is not None:
        _payload(ET.SubElement(element, _tag("donedata")), state.donedata)


def _state(parent: ET.Element, state: State) -> None:
    tag = state.type if state.type in ("parallel", "final", "history") else "state"
    element = ET.SubElement(parent, _tag(tag), {"id": state.id})
    if state.type == "history":
        element.set("type", "deep" if state.deep else "shallow")
    if state.label:
        element.set(_tag("label", OURS), state.label)
    if state.outcome:
        element.set(_tag("outcome", OURS), state.outcome)
    if state.type == "compensate":
        ET.SubElement(element, _tag("compensate", OURS), {"scope": state.scope})
    _initial(element, state)
    _inside(element, state)


def _initial(element: ET.Element, state: State) -> None:
    if state.initial is None:
        return
    if state.initial.actions:
        inner = ET.SubElement(ET.SubElement(element, _tag("initial")), _tag("transition"))
        inner.set("target", " ".join(state.initial.targets))
        inner.extend(_actions(state.initial.actions))
    else:
        element.set("initial", " ".join(state.initial.targets))


def _content(element: ET.Element, tag: str, content: Sequence[ET.Element]) -> None:
    if content:
        ET.SubElement(element, _tag(tag)).extend(content)


def _transition(parent: ET.Element, transition: Transition) -> None:
    element = ET.SubElement(parent, _tag("transition"))
    if transition.events:
        element.set("event", " ".join(transition.events))
    if transition.guard:
        element.set("cond", transition.guard.source)
    if transition.targets:
        element.set("target", " ".join(transition.targets))
    if transition.internal:
        element.set("type", "internal")
    element.extend(_actions(transition.actions))


def _timer_sends(state: State) -> list[ET.Element]:
    return [_timer_send(timer) for timer in state.after]


def _timer_send(timer: After) -> ET.Element:
    element = ET.Element(_tag("send"), {"id": timer.id, "event": f"after.{timer.id}"})
    if timer.delay is not None:
        element.set("delay", _seconds(timer.delay.length))
    elif timer.delay_expr is not None:
        element.set("delayexpr", timer.delay_expr.source)
    elif timer.instant is not None:
        element.set("delayexpr", f"({timer.instant.source}) - now")
    return element


def _seconds(length: timedelta) -> str:
    whole, part = divmod(length // timedelta(milliseconds=1), 1000)
    return f"{whole}.{part:03d}s" if part else f"{whole}s"


def _invoke(parent: ET.Element, invoke: Invoke) -> None:
    element = ET.SubElement(
        parent, _tag("invoke"), {"id": invoke.id, "type": f"urn:wareflow:{invoke.kind}"}
    )
    if invoke.autoforward:
        element.set("autoforward", "true")
    named = invoke.action or invoke.flow
    if named:
        element.set("src", named)
    _payload(element, invoke.input)
    if invoke.spec:
        spec = {name: part for name, part in invoke.spec.items() if name != "fields"}
        ET.SubElement(element, _tag("content")).text = json.dumps(spec, default=str)
    _content(element, "finalize", _actions(invoke.finalize))


def _payload(element: ET.Element, payload: tuple[Named, ...] | Expr) -> None:
    if isinstance(payload, Expr):
        ET.SubElement(element, _tag("content"), {"expr": payload.source})
        return
    for named in payload:
        ET.SubElement(element, _tag("param"), {"name": named.id, "expr": named.value.source})


def _actions(actions: tuple[Action, ...]) -> list[ET.Element]:
    return [element for action in actions for element in _action(action)]


def _action(action: Action) -> list[ET.Element]:
    match action:
        case model.Assign():
            return [
                ET.Element(
                    _tag("assign"),
                    {"location": ".".join(one.path), "expr": one.value.source},
                )
                for one in action.settings
            ]
        case model.Raise():
            return [ET.Element(_tag("raise"), {"event": action.event})]
        case model.Emit():
            element = ET.Element(_tag("emit", OURS), {"event": action.event})
            _payload(element, action.payload)
            return [element]
        case model.Decide():
            into = {"table": action.table, "into": ".".join(action.into)}
            return [ET.Element(_tag("decide", OURS), into)]
        case model.Log():
            return [ET.Element(_tag("log"), {"label": action.level, "expr": action.message.source})]
        case model.Block():
            return _actions(action.actions)
    return [_structured(action)]


def _structured(action: Action) -> ET.Element:
    match action:
        case model.Send():
            return _send(action)
        case model.Cancel():
            name = "sendidexpr" if isinstance(action.id, Expr) else "sendid"
            return ET.Element(_tag("cancel"), {name: _text(action.id)})
        case model.ForEach():
            names = {"array": action.over.source, "item": ".".join(action.item)}
            element = ET.Element(_tag("foreach"), names)
            element.extend(_actions(action.actions))
            return element
        case model.If():
            return _if(action)
    raise AssertionError(action)


def _send(action: model.Send) -> ET.Element:
    element = ET.Element(_tag("send"))
    for name, value in (("event", action.event), ("target", action.to), ("id", action.id)):
        if isinstance(value, Expr):
            element.set(f"{name}expr", value.source)
        elif value is not None and value != "self":
            element.set(name, _target(value) if name == "target" else value)
    if isinstance(action.delay, Expr):
        element.set("delayexpr", action.delay.source)
    elif action.delay is not None:
        element.set("delay", _seconds(action.delay))
    _payload(element, action.payload)
    return element


def _target(target: str) -> str:
    return "#_" + target.removeprefix("invoke:").replace("run:", "scxml_")


def _text(value: str | Expr) -> str:
    return value.source if isinstance(value, Expr) else value


def _if(action: model.If) -> ET.Element:
    element = ET.Element(_tag("if"))
    for position, (guard, actions) in enumerate(action.branches):
        if position == 0 and guard is not None:
            element.set("cond", guard.source)
        elif guard is not None:
            ET.SubElement(element, _tag("elseif"), {"cond": guard.source})
        else:
            ET.SubElement(element, _tag("else"))
        element.extend(_actions(actions))
    return element
