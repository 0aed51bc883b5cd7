"""Reading SCXML as a draft of a definition."""

from __future__ import annotations

import json
import re
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from workflow_engine.definition.imported import Imported, Json, Names, duration, field_of, head

_STATES = ("state", "parallel", "final", "history")
_BYTES_MAX = 2_000_000


class NotScxml(ValueError):
    """The text is no SCXML that can be read safely."""


def import_scxml(text: str) -> Imported:
    """Read SCXML; states, transitions, sends and assignments are carried, code is reported.

    Expressions are taken as they are, since simple ones mean the same in CEL; the check of the
    draft says which do not. NotScxml where the text cannot be read at all.
    """
    if len(text.encode()) > _BYTES_MAX:
        raise NotScxml(f"The document has more than {_BYTES_MAX} bytes.")
    try:
        root = fromstring(text)
    except (ParseError, DefusedXmlException) as error:
        raise NotScxml(f"The document is not XML that can be read safely: {error}") from error
    if _tag(root) != "scxml":
        raise NotScxml(f"The document is <{_tag(root)}>, not <scxml>.")
    return _Import(root).run()


class _Import:
    def __init__(self, root: Element) -> None:
        self.root = root
        self.names = Names()
        self.ids = self._ids()
        self.invokes = {
            each.get("id", ""): self.names.fresh(each.get("id", ""), "step")
            for each in self.root.iter()
            if _tag(each) == "invoke" and each.get("id")
        }
        self.imported = Imported(head(root.get("name") or "imported"))

    def _ids(self) -> dict[str, str]:
        states = [each for each in self.root.iter() if _tag(each) in _STATES]
        return {
            each.get("id") or f"#{position}": self.names.fresh(
                each.get("id") or _tag(each), "state"
            )
            for position, each in enumerate(states)
        }

    def run(self) -> Imported:
        document = self.imported.document
        self.unnamed = iter([name for key, name in self.ids.items() if key.startswith("#")])
        document["context"] = [
            self.field(each) for each in self.root.iter() if _tag(each) == "data" and each.get("id")
        ]
        if self.root.get("initial"):
            document["initial"] = self.targets(self.root.get("initial", ""))
        document["states"] = [self.state(each) for each in self.root if _tag(each) in _STATES]
        for state in document["states"]:
            if state.get("type") == "final":
                state.setdefault("outcome", "success")
        for script in (each for each in self.root.iter() if _tag(each) == "script"):
            self.imported.lose(_where(script), "A script is code and was left out.")
        return self.imported

    def field(self, element: Element) -> Json:
        name = element.get("id", "")
        source = (element.get("expr") or element.text or "null").strip()
        try:
            value = json.loads(source.replace("'", '"'), parse_float=str)
        except ValueError:
            value = None
        found, certain = field_of(name, value)
        if not certain:
            self.imported.lose(f"data {name}", "Its type is not certain; choose one.")
        return found

    def targets(self, text: str) -> str | list[str]:
        found = [self.ids.get(name, name) for name in text.split()]
        return found[0] if len(found) == 1 else found

    def state(self, element: Element) -> Json:
        tag = _tag(element)
        state: Json = {"id": self.ids[element.get("id", "")] if element.get("id") else ""}
        state["id"] = state["id"] or next(self.unnamed)
        state["label"] = element.get("id") or state["id"]
        if tag in ("parallel", "final"):
            state["type"] = tag
        if tag == "history":
            state |= {"type": "history", "history": element.get("type", "shallow")}
            del state["label"]
        if element.get("initial"):
            state["initial"] = self.targets(element.get("initial", ""))
        for child in element:
            self.part(state, child)
        return state

    def part(self, state: Json, child: Element) -> None:
        tag = _tag(child)
        if tag in ("onentry", "onexit"):
            name = tag.removeprefix("on")
            state[name] = [*state.get(name, []), *self.actions(child)]
        elif tag == "transition":
            state.setdefault("transitions", []).append(self.transition(state["id"], child))
        elif tag == "initial":
            inner = next(iter(child))
            state["initial"] = {
                "target": self.targets(inner.get("target", "")),
                "actions": self.actions(inner),
            }
        elif tag in _STATES:
            state.setdefault("states", []).append(self.state(child))
        elif tag == "invoke":
            state.setdefault("invoke", []).append(self.invoke(state["id"], child))
        elif tag not in ("datamodel", "script"):
            self.imported.lose(f"<{tag}> in {state['id']}", "This element was left out.")

    def invoke(self, state: str, element: Element) -> Json:
        """A step without an action of the catalogue, so that its answers still lead on."""
        name = self.invokes.get(element.get("id", "")) or self.names.fresh("step", "step")
        message = f"Choose an action or a flow for '{name}'."
        self.imported.lose(f"invoke in {state}", message)
        return {"id": name, "kind": "step", "action": f"imported.{name}"}

    def transition(self, state: str, element: Element) -> Json:
        event = element.get("event")
        found: Json = {"id": self.names.fresh(f"t_{state}_{event or 'always'}", "t")}
        if event:
            found["event"] = self.event(event)
        if element.get("cond"):
            found["guard"] = _expression(element.get("cond", ""))
        if element.get("target"):
            found["target"] = self.targets(element.get("target", ""))
        if element.get("type") == "internal":
            found["kind"] = "internal"
        if actions := self.actions(element):
            found["actions"] = actions
        return found

    def event(self, text: str) -> str:
        """Descriptors, with the ids of states and invokes in our spelling."""
        words = []
        for word in text.split():
            for prefix, known in (
                ("done.state.", self.ids),
                ("done.invoke.", self.invokes),
                ("error.invoke.", self.invokes),
            ):
                name = word.removeprefix(prefix)
                if name != word and name in known:
                    word = prefix + known[name]
            words.append(word)
        return " ".join(words)

    def actions(self, parent: Element) -> list[Json]:
        found = (self.action(each) for each in parent)
        return [action for action in found if action is not None]

    def action(self, element: Element) -> Json | None:
        match _tag(element):
            case "raise":
                return {"do": "raise", "event": element.get("event", "")}
            case "assign":
                place = element.get("location", "")
                to = place if place.startswith("context.") else f"context.{place}"
                value = _expression(element.get("expr") or (element.text or "null").strip())
                return {"do": "assign", "set": [{"to": to, "value": value}]}
            case "log":
                message = _expression(element.get("expr") or "''")
                return {"do": "log", "level": "info", "message": message}
            case "send" if element.get("event") and not element.get("type"):
                return self.send(element)
            case "cancel" if element.get("sendid"):
                return {"do": "cancel", "id": element.get("sendid")}
            case "if":
                return self.branches(element)
        self.imported.lose(_where(element), "This action was left out.")
        return None

    def send(self, element: Element) -> Json:
        found: Json = {"do": "send", "event": element.get("event", "")}
        if element.get("id"):
            found["id"] = element.get("id")
        delay = re.fullmatch(r"(\d*\.?\d+)(ms|s)", element.get("delay", ""))
        if delay:
            unit = 1 if delay[2] == "ms" else 1000
            whole, _, fraction = delay[1].partition(".")
            thousandths = int((whole or "0") + (fraction + "000")[:3])
            found["delay"] = duration(thousandths * unit // 1000)
        params = [each for each in element if _tag(each) == "param"]
        if params:
            found["data"] = [
                {"id": each.get("name", ""), "value": _expression(each.get("expr", "null"))}
                for each in params
            ]
        return found

    def branches(self, element: Element) -> Json:
        found: Json = {"do": "if", "guard": _expression(element.get("cond", "")), "then": []}
        current: list[Json] = found["then"]
        for child in element:
            if _tag(child) == "elseif":
                branch: Json = {"guard": _expression(child.get("cond", "")), "then": []}
                found.setdefault("elseif", []).append(branch)
                current = branch["then"]
            elif _tag(child) == "else":
                current = found["else"] = []
            else:
                action = self.action(child)
                current += [] if action is None else [action]
        return found


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _where(element: Element) -> str:
    name = element.get("event") or element.get("id") or element.get("location") or ""
    return f"<{_tag(element)}> {name}".strip()


def _expression(source: str) -> str:
    """The spelling that differs between JavaScript and CEL in simple expressions."""
    source = source.replace("===", "==").replace("!==", "!=")
    return re.sub(r"\b_event\b", "event", source)
