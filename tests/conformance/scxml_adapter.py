"""Rewrites SCXML (with or without `conf:` placeholders) as definitions: syntax, nothing else.

Placeholders become CEL, nested documents definitions of their own; nothing here is interpreted.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from decimal import Decimal
from typing import Any

CONF = "{http://www.w3.org/2005/scxml-conformance}"
Json = dict[str, Any]
_TRANSPORTS = ("http://www.w3.org/TR/scxml/#SCXMLEventProcessor", "scxml")
_FLOWS = ("scxml", "http://www.w3.org/TR/scxml/", "http://www.w3.org/TR/scxml")
_SYSTEM = {
    "_sessionid": "run.id",
    "_name": "run.name",
    "_event": "event",
    "_ioprocessors": "run.address",
}
_FIELDS = ("name", "type", "data", "sendid", "origin", "origintype", "invokeid")
_STATES = ("state", "parallel", "final", "history", "pass", "fail")
_EXPRESSIONS: dict[str, Callable[[str], str]] = {
    "expr": str,
    "quoteExpr": lambda text: _quoted(_literal(text)),
    **dict.fromkeys(("varExpr", "varChildExpr"), "context.Var{}".format),
    "systemVarExpr": lambda name: _SYSTEM[name],
    "eventField": "event.{}".format,
    "eventDataFieldValue": "event.data.{}".format,
    "eventDataParamValue": "event.data.{}".format,
    "eventDataNamelistValue": "event.data.Var{}".format,
    **dict.fromkeys(("invalidSessionID", "invalidSendTypeExpr"), lambda _: "27"),
    **{f"event{name.title()}": f"event.{name}".format for name in ("name", "sendid", "type")},
    "illegalExpr": lambda _: "return",
    "illegalArray": lambda _: "7",
    "scxmlEventIOLocation": lambda _: "run.address",
}
_CONDITIONS: dict[str, Callable[[str], str]] = {
    "true": lambda _: "true",
    "false": lambda _: "false",
    "nonBoolean": lambda _: "return",
    "isBound": lambda n: f"has(context.Var{n}) && context.Var{n} != null",
    "unboundVar": lambda n: f"!has(context.Var{n}) || context.Var{n} == null",
    "noValue": lambda n: f"context.Var{n} == null",
    "inState": lambda name: f"In('{name}')",
    "idVal": lambda text: _compared(text, "context.Var{}", str),
    "compareIDVal": lambda text: _compared(text, "context.Var{}", "context.Var{}".format),
    "namelistIdVal": lambda text: _compared(text, "context.Var{}", str),
    "eventvarVal": lambda text: _compared(text, "event.data.Var{}", str),
    "idQuoteVal": lambda text: _compared(text, "context.Var{}", lambda v: _quoted(_literal(v))),
    "idSystemVarVal": lambda text: _compared(text, "context.Var{}", lambda v: _SYSTEM[v]),
    **dict.fromkeys(
        ("VarEqVar", "VarEqVarStruct"),
        lambda two: "context.Var{} == context.Var{}".format(*two.split()),
    ),
    "varPrefix": lambda two: "context.Var{1}.startsWith(context.Var{0})".format(*two.split()),
    "idSomeVal": lambda n: f"context.Var{n} == 123",
    "eventdataVal": "event.data == {}".format,
    "eventdataSomeVal": lambda _: "event.data == 123",
    "emptyEventData": lambda _: "event.data == null",
    "eventFieldHasNoValue": "event.{} == null".format,
    "eventNameVal": "event.name == '{}'".format,
    "originTypeEq": lambda name: f"event.origintype == {_quoted(_literal(name))}",
    "nameVarVal": lambda name: f"run.name == '{name}'",
    "systemVarIsBound": lambda name: f"{_SYSTEM[name]} != null",
    "eventFieldsAreBound": lambda _: " && ".join(f"has(event.{name})" for name in _FIELDS),
}


def rewrite(text: str, key: str, read_file: Callable[[str], str] = lambda _: "") -> dict[str, Json]:
    """The definitions of a document and of those nested in it, by key; the outer one is first."""
    rewriting = _Rewriting(key, read_file)
    rewriting.document(ET.fromstring(text), key)
    return dict(sorted(rewriting.documents.items(), key=lambda pair: len(pair[0])))


def flow_key(source: str) -> str:
    """The key that a source such as `file:child.scxml` gets."""
    return source.removeprefix("file:").removesuffix(".scxml")


class _Rewriting:
    def __init__(self, key: str, read_file: Callable[[str], str]) -> None:
        self.key = key
        self.read_file = read_file
        self.documents: dict[str, Json] = {}
        self.count = 0

    def fresh(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def document(self, root: ET.Element, key: str) -> str:
        head = {"format": "wareflow.definition/1", "checking": "dynamic", "key": key}
        document: Json = {**head, "name": root.get("name", key), "context": self.fields(root)}
        document["entry"] = [self.action(each) for each in root if _tag(each) == "script"]
        _put(document, "initial", root.get("initial", "").split())
        document["states"] = [self.state(each, top=True) for each in root if _tag(each) in _STATES]
        self.documents[key] = document
        return key

    def fields(self, root: ET.Element) -> list[Json]:
        """The datamodel, wherever its parts stand; variables of loops and scripts are declared."""
        late = root.get("binding") == "late"
        found: dict[str, Json] = {}
        for parent in _own(root):
            for data in parent.findall("{*}datamodel/{*}data"):
                name = data.get("id") or f"Var{data.get(CONF + 'id')}"
                field: Json = {"id": name, "type": "any", "init": self.first_value(data, name)}
                if late and parent is not root:
                    field["bound_to"] = parent.get("id")
                found[name] = field
            numbers = [parent.get(CONF + "item"), parent.get(CONF + "index")]
            for number in [*numbers, "1" if _tag(parent) == "script" else None]:
                if number is not None:
                    plain = {"id": f"Var{number}", "type": "any", "default": None}
                    found.setdefault(f"Var{number}", plain)
        return list(found.values())

    def first_value(self, data: ET.Element, name: str) -> str:
        source = data.get("src")
        value = _quoted(self.read_file(source).strip()) if source else _value(data) or "null"
        return f"has(input.{name}) ? input.{name} : ({value})" if value != "return" else value

    def state(self, element: ET.Element, *, top: bool = False) -> Json:
        tag = _tag(element)
        state: Json = {"id": element.get("id") or (tag if tag in ("pass", "fail") else "")}
        state["id"] = state["id"] or self.fresh("state")
        if tag in ("final", "pass", "fail"):
            state |= {"type": "final", "outcome": tag} if top else {"type": "final"}
        elif tag == "history":
            state |= {"type": "history", "history": element.get("type", "shallow")}
        elif tag == "parallel":
            state["type"] = "parallel"
        self.inner(element, state)
        return state

    def inner(self, element: ET.Element, state: Json) -> None:
        _put(state, "initial", element.get("initial", "").split())
        for child in element:
            tag = _tag(child)
            if tag in ("onentry", "onexit"):
                block = {"do": "block", "actions": [self.action(each) for each in child]}
                state.setdefault(tag.removeprefix("on"), []).append(block)
            elif tag == "transition":
                state.setdefault("transitions", []).append(self.transition(child))
            elif tag == "initial":
                [transition] = child
                state["initial"] = {
                    "target": transition.get("target", "").split(),
                    "actions": [self.action(each) for each in transition],
                }
            elif tag == "invoke":
                state.setdefault("invoke", []).append(self.invoke(child, state["id"]))
            elif tag == "donedata":
                state["donedata"] = self.payload(child)
            elif tag in _STATES:
                state.setdefault("states", []).append(self.state(child))

    def transition(self, element: ET.Element) -> Json:
        found: Json = {"id": self.fresh("t")}
        if element.get("event"):
            words = element.get("event", "").split()
            found["event"] = " ".join("*" if word == ".*" else word for word in words)
        _put(found, "guard", _condition(element))
        targets = element.get("target", "").split()
        targets += [n for n in ("pass", "fail") if element.get(f"{CONF}target{n}") is not None]
        _put(found, "target", targets)
        _put(found, "kind", element.get("type"))
        found["actions"] = [self.action(each) for each in element]
        return found

    def action(self, element: ET.Element) -> Json:
        tag = _tag(element)
        if element.tag.startswith(CONF):
            return self.placeholder(element, tag)
        if tag == "raise":
            return {"do": "raise", "event": element.get("event")}
        if tag == "log":
            return {"do": "log", "message": _expression(element) or "''"}
        rewriters = {"assign": self.assign, "send": self.send, "cancel": self.cancel}
        rewriters |= {"if": self.condition, "foreach": self.foreach}
        return rewriters[tag](element)

    def placeholder(self, element: ET.Element, tag: str) -> Json:
        first, second = element.get("id1"), element.get("id2")
        one = element.get("id")
        if tag == "sendToSender":
            return {"do": "send", "event": element.get("name"), "to_expr": "event.origin"}
        to, value = {
            "incrementID": (one, f"context.Var{one} + 1"),
            "script": ("1", "1"),
            "extendArray": (one, f"context.Var{one} + [4]"),
        }.get(tag, (first, f"context.Var{first} + context.Var{second}"))
        return _assign(f"context.Var{to}", value)

    def assign(self, element: ET.Element) -> Json:
        nested = next((each for each in element if _tag(each) == "scxml"), None)
        if nested is not None:
            value = _quoted(self.document(nested, self.fresh(f"{self.key}.n")))
        else:
            value = _value(element)
        return _assign(_location(element), value)

    def send(self, element: ET.Element) -> Json:
        found: Json = {"do": "send"}
        _put(found, "id", element.get("id"))
        _put(found, "event", element.get("event"))
        _put(found, "event_expr", _variable(element, "eventExpr") or element.get("eventexpr"))
        self.send_to(element, found)
        if element.get("delay") or element.get(CONF + "delay"):
            found["delay"] = _duration(element.get(CONF + "delay") or element.attrib["delay"])
        elif text := _variable(element, "delayFromVar") or element.get("delayexpr"):
            found["delay_expr"] = f"duration({text})"
        _put(found, "id_into", _variable(element, "idlocation") or element.get("idlocation"))
        _put(found, "data", self.payload(element))
        return found

    def send_to(self, element: ET.Element, found: Json) -> None:
        name = "scxml_foo" if element.get(CONF + "unreachableTarget") is not None else None
        target = f"#_{name}" if name else element.get("target")
        if element.get(CONF + "illegalTarget") is not None:
            target = "baz"
        if target is not None:
            found["to_expr"] = _quoted(_literal(target))
        variable = _variable(element, "targetExpr") or _variable(element, "targetVar")
        _put(found, "to_expr", variable or element.get("targetexpr"))
        kind = "27" if element.get(CONF + "invalidSendType") is not None else element.get("type")
        _put(found, "transport_expr", _variable(element, "typeExpr") or element.get("typeexpr"))
        if kind is not None:
            found["transport"] = _literal(kind)

    def cancel(self, element: ET.Element) -> Json:
        variable = _variable(element, "sendIDExpr") or _quoted(element.get("sendid", ""))
        return {"do": "cancel", "id_expr": variable}

    def condition(self, element: ET.Element) -> Json:
        branches: list[tuple[str, ET.Element | None, list[Json]]] = [("if", element, [])]
        for child in element:
            if _tag(child) in ("elseif", "else"):
                branches.append((_tag(child), child, []))
            else:
                branches[-1][2].append(self.action(child))
        found: Json = {"do": "if", "guard": _condition(element), "then": branches[0][2]}
        for tag, branch, actions in branches[1:]:
            if tag == "else":
                found["else"] = actions
            elif branch is not None:
                guard = {"guard": _condition(branch), "then": actions}
                found.setdefault("elseif", []).append(guard)
        return found

    def foreach(self, element: ET.Element) -> Json:
        array = _variable(element, "arrayVar") or _variable(element, "arrayTextVar")
        item = _variable(element, "item") or f"context.{element.get('item', 'undeclared')}"
        found: Json = {"do": "foreach", "in": array or element.get("array"), "as": item}
        _put(found, "index", _variable(element, "index") or element.get("index"))
        found["actions"] = [self.action(each) for each in element]
        return found

    def payload(self, element: ET.Element) -> list[Json] | str | None:
        """Parameters and namelist as named values, content as one expression."""
        if element.find("{*}contentFoo") is not None:
            return "'foo'"
        content = element.find("{*}content")
        if content is not None:
            return _value(content)
        return self.named(element) or None

    def named(self, element: ET.Element) -> list[Json]:
        names = element.get(CONF + "namelist", "").split()
        found = [{"id": f"Var{n}", "value": f"context.Var{n}"} for n in names]
        if element.get(CONF + "invalidNamelist") is not None:
            found.append({"id": "invalid", "value": "return"})
        for param in element.findall("{*}param"):
            name = param.get("name") or f"Var{param.get(CONF + 'name')}"
            found.append({"id": name, "value": _expression(param) or _location(param)})
        return found

    def invoke(self, element: ET.Element, state: str) -> Json:
        found: Json = {"id": element.get("id") or self.fresh(f"{state}.i"), "kind": "flow"}
        self.flow_of(element, found)
        _put(found, "input", self.named(element))
        _put(found, "id_into", _variable(element, "idlocation") or element.get("idlocation"))
        found["autoforward"] = element.get("autoforward") == "true"
        finalize = element.find("{*}finalize")
        if finalize is not None:
            found["finalize"] = [self.action(each) for each in finalize]
        return found

    def flow_of(self, element: ET.Element, found: Json) -> None:
        content = element.find("{*}content")
        kind = element.get("type", "scxml")
        if content is not None and len(content):
            found["flow"] = self.document(content[0], self.fresh(f"{self.key}.n"))
        elif content is not None:
            found["flow_expr"] = _expression(content)
        elif element.get(CONF + "srcExpr") or element.get("srcexpr"):
            found["flow_expr"] = _variable(element, "srcExpr") or element.get("srcexpr")
        else:
            found["flow"] = flow_key(element.get("src", ""))
        if kind not in _FLOWS:
            found["flow_expr"] = "return"
        if variable := _variable(element, "typeExpr"):
            known = ", ".join(_quoted(name) for name in _FLOWS)
            found["flow_expr"] = f"{variable} in [{known}] ? '{found.pop('flow')}' : 27"


def _own(root: ET.Element) -> list[ET.Element]:
    """The elements of a document without those of documents nested in it."""
    found = [root]
    for child in root:
        found += [] if _tag(child) == "scxml" else _own(child)
    return found


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _put(found: Json, name: str, value: Any) -> None:
    if value is not None and value != []:
        found[name] = value


def _assign(to: str, value: str) -> Json:
    return {"do": "assign", "set": [{"to": to, "value": value}]}


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def _literal(text: str) -> str:
    """Our names for the standard's targets, transports and sources."""
    if text in _TRANSPORTS:
        return "run"
    if text.startswith("#_scxml_"):
        return f"run:{text.removeprefix('#_scxml_')}"
    if text in ("#_internal", "#_parent"):
        return text.removeprefix("#_")
    if text.startswith("#_"):
        return f"invoke:{text.removeprefix('#_')}"
    return flow_key(text) if text.startswith("file:") else text


def _compared(text: str, left: str, right: Callable[[str], str]) -> str:
    found = re.fullmatch(r"(\d+)([=<>]=?)(.*)", text)
    assert found is not None, text
    operator = {"=": "=="}.get(found[2], found[2])
    return f"{left.format(found[1])} {operator} {right(found[3])}"


def _of(element: ET.Element, table: dict[str, Callable[[str], str]]) -> str | None:
    for name, value in element.attrib.items():
        if name.startswith(CONF) and name.removeprefix(CONF) in table:
            return table[name.removeprefix(CONF)](value)
    return None


def _expression(element: ET.Element) -> str | None:
    return _of(element, _EXPRESSIONS) or element.get("expr")


def _value(element: ET.Element) -> str:
    return _expression(element) or _inline(element)


def _condition(element: ET.Element) -> str | None:
    return _of(element, _CONDITIONS) or element.get("cond")


def _variable(element: ET.Element, name: str) -> str | None:
    number = element.get(CONF + name)
    return None if number is None else f"context.Var{number}"


def _duration(text: str) -> str:
    seconds = Decimal(text[:-2]) / 1000 if text.endswith("ms") else Decimal(text.rstrip("s"))
    return f"PT{seconds}S"


def _location(element: ET.Element) -> str:
    if element.get(CONF + "invalidLocation") is not None:
        return "foo.bar.baz"
    if system := element.get(CONF + "systemVarLocation"):
        return _SYSTEM[system]
    return _variable(element, "location") or str(element.get("location"))


def _inline(element: ET.Element) -> str:
    """A value written between the tags: a number or list as it is, other text as a text."""
    for child in element:
        return {"array123": "[1, 2, 3]", "someInlineVal": "123"}.get(_tag(child), "null")
    text = " ".join((element.text or "").split())
    return text if re.fullmatch(r"-?\d+|\[.*\]", text) else _quoted(text) if text else ""
