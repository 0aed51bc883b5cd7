"""The machines of the benchmarks in the languages of the peers: XState's JSON, and SCXML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

# A guard of ours: its name in XState, where it asks the context or the event …
NAMED = {
    "context.total > 0": "can_authorize",
    "event.data.paid >= context.total": "enough",
    "context.stock > 0": "has_stock",
}
# … or the states that it asks for.
STATES = {
    "In('picked')": ["picked"],
    "In('shipped') && In('captured')": ["shipped", "captured"],
}


def as_xstate(document: Mapping[str, Any]) -> dict[str, Any]:
    """A definition as XState v5 JSON; every state has its own id."""
    machine = _xstate_of({**document, "id": document["key"]})
    machine["context"] = _context(document)
    return machine


def _context(document: Mapping[str, Any]) -> dict[str, Any]:
    return {field["id"]: field["default"] for field in document.get("context", [])}


def _xstate_of(state: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"id": state["id"]}
    inner = {child["id"]: _xstate_of(child) for child in state.get("states", [])}
    if inner:
        found["states"] = inner
        if state.get("type") == "parallel":
            found["type"] = "parallel"
        else:
            found["initial"] = next(iter(inner))
    if "transitions" in state:
        found["on"] = {each["event"]: _xstate_transition(each) for each in state["transitions"]}
    return found


def _xstate_transition(transition: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"target": f"#{transition['target']}"}
    guard = transition.get("guard")
    if guard in NAMED:
        found["guard"] = NAMED[guard]
    elif guard is not None:
        asked = [{"type": "stateIn", "params": {"state": f"#{each}"}} for each in STATES[guard]]
        found["guard"] = asked[0] if len(asked) == 1 else {"type": "and", "children": asked}
    return found


def as_scxml(document: Mapping[str, Any]) -> str:
    """A definition as SCXML with the ECMAScript data model."""
    fields = ", ".join(f"{name}: {value}" for name, value in _context(document).items())
    declared = f'<datamodel><data id="context" expr="({{{fields}}})"/></datamodel>'
    inner = "".join(_scxml_of(state) for state in document["states"])
    head = 'xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="ecmascript"'
    return f"<scxml {head}>{declared}{inner}</scxml>"


def _scxml_of(state: Mapping[str, Any]) -> str:
    tag = "parallel" if state.get("type") == "parallel" else "state"
    parts = [_scxml_transition(each) for each in state.get("transitions", [])]
    parts += [_scxml_of(child) for child in state.get("states", [])]
    return f"<{tag} id={quoteattr(state['id'])}>{''.join(parts)}</{tag}>"


def _scxml_transition(transition: Mapping[str, Any]) -> str:
    guard = transition.get("guard")
    asked = f" cond={quoteattr(guard.replace('event.', '_event.'))}" if guard else ""
    return f'<transition event="{transition["event"]}" target="{transition["target"]}"{asked}/>'
