"""Reading an XState v5 machine (its JSON) as a draft of a definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflow_engine.definition.imported import Imported, Json, Names, duration, field_of, head

_TYPES = ("parallel", "final", "history")
_DEPTH_MAX = 40


class NotXstate(ValueError):
    """The document is no machine of XState."""


def import_xstate(machine: Mapping[str, Any]) -> Imported:
    """Read a machine: its structure is carried, its functions are reported.

    A named guard becomes a context field of that name, true or false, so that the draft shows
    where a condition is due. Named actions, actors and delays are reported.
    """
    if not isinstance(machine, Mapping) or not isinstance(machine.get("states"), Mapping):
        raise NotXstate("A machine has an object 'states'.")
    return _Import(machine).run()


class _Import:
    def __init__(self, machine: Mapping[str, Any]) -> None:
        self.machine = machine
        self.names = Names()
        self.imported = Imported(head(str(machine.get("id") or "imported")))
        self.ids: dict[tuple[str, ...], str] = {}
        self.custom: dict[str, tuple[str, ...]] = {}
        self.guards: dict[str, str] = {}
        self._learn((), machine)

    def _learn(self, path: tuple[str, ...], node: Mapping[str, Any]) -> None:
        if len(path) > _DEPTH_MAX:
            raise NotXstate(f"The machine is nested deeper than {_DEPTH_MAX} levels.")
        for name, child in _states(node):
            here = (*path, name)
            self.ids[here] = self.names.fresh(name, "state")
            if isinstance(child.get("id"), str):
                self.custom[child["id"]] = here
            self.custom.setdefault(".".join([str(self.machine.get("id", "")), *here]), here)
            self._learn(here, child)

    def run(self) -> Imported:
        document = self.imported.document
        context = self.machine.get("context")
        fields = []
        for name, value in (context if isinstance(context, Mapping) else {}).items():
            found, certain = field_of(str(name), value)
            fields.append(found)
            if not certain:
                self.imported.lose(f"context.{name}", "Its type is not certain; choose one.")
        self._fill(document, (), self.machine)
        for state in document["states"]:
            if state.get("type") == "final":
                state.setdefault("outcome", "success")
        fields += [{"id": name, "type": "bool", "default": False} for name in self.guards.values()]
        document["context"] = fields
        return self.imported

    def _fill(self, target: Json, path: tuple[str, ...], node: Mapping[str, Any]) -> None:
        if isinstance(node.get("initial"), str) and (*path, node["initial"]) in self.ids:
            target["initial"] = self.ids[*path, node["initial"]]
        for name in ("entry", "exit"):
            if actions := self._actions(path, node.get(name)):
                target[name] = actions
        transitions = [found for found in self._transitions(path, node) if found]
        if transitions:
            target["transitions"] = transitions
        timers = list(self._timers(path, node))
        if timers:
            target["after"] = timers
        if states := [self._state((*path, name), child) for name, child in _states(node)]:
            target["states"] = states
        if node.get("invoke"):
            self._invokes(target, path, node)

    def _state(self, path: tuple[str, ...], node: Mapping[str, Any]) -> Json:
        state: Json = {"id": self.ids[path], "label": path[-1]}
        if node.get("type") in _TYPES:
            state["type"] = node["type"]
        if node.get("type") == "history":
            deep = node.get("history") == "deep"
            default = self._targets(path, node.get("target")) or self._first_sibling(path)
            name = self.names.fresh(f"t_{state['id']}", "t")
            state |= {"history": "deep" if deep else "shallow"}
            state["transitions"] = [{"id": name, "target": default}]
            return state
        self._fill(state, path, node)
        return state

    def _first_sibling(self, path: tuple[str, ...]) -> str:
        return next(
            name for here, name in self.ids.items() if here[:-1] == path[:-1] and here != path
        )

    def _transitions(self, path: tuple[str, ...], node: Mapping[str, Any]) -> Iterator[Json]:
        on = node.get("on")
        for event, given in (on if isinstance(on, Mapping) else {}).items():
            for each in _listed(given):
                yield self._transition(path, str(event), each)
        for each in _listed(node.get("always")):
            yield self._transition(path, "", each)
        for each in _listed(node.get("onDone")):
            if path:
                yield self._transition(path, f"done.state.{self.ids[path]}", each)

    def _transition(self, path: tuple[str, ...], event: str, given: Any) -> Json:
        given = {"target": given} if isinstance(given, str) else given
        given = given if isinstance(given, Mapping) else {}
        source = self.ids.get(path, "root")
        found: Json = {"id": self.names.fresh(f"t_{source}_{event or 'always'}", "t")}
        if event:
            found["event"] = self._event(event)
        if given.get("guard") is not None:
            found["guard"] = self._guard(source, given["guard"])
        if targets := self._targets(path, given.get("target")):
            found["target"] = targets
            found["kind"] = "external" if given.get("reenter") else "internal"
        if actions := self._actions(path, given.get("actions")):
            found["actions"] = actions
        if not event and "guard" not in found and "target" not in found:
            self.imported.lose(f"always in {source}", "It would fire for ever and was left out.")
            return {}
        return found

    def _event(self, event: str) -> str:
        clean = "".join(letter if letter.isalnum() or letter in "._-*" else "_" for letter in event)
        return clean.strip(".") or "event"

    def _guard(self, source: str, guard: Any) -> str:
        name = guard if isinstance(guard, str) else None
        if isinstance(guard, Mapping) and isinstance(guard.get("type"), str):
            name = guard["type"]
        if name is None:
            self.imported.lose(
                f"guard in {source}", "A condition in code was left out: never true."
            )
            return "false"
        if name not in self.guards:
            self.guards[name] = self.names.fresh(name, "guard")
            message = f"The guard '{name}' became the context field '{self.guards[name]}'."
            self.imported.lose(f"guard {name}", message)
        return f"context.{self.guards[name]}"

    def _targets(self, path: tuple[str, ...], given: Any) -> str | list[str] | None:
        found = [self._target(path, one) for one in _listed(given) if isinstance(one, str)]
        known = [name for name in found if name]
        if len(known) < len(found):
            self.imported.lose(f"target {given} in {'.'.join(path)}", "There is no such state.")
        return (known[0] if len(known) == 1 else known) if known else None

    def _target(self, path: tuple[str, ...], text: str) -> str | None:
        if text.startswith("#"):
            name, *rest = text[1:].split(".")
            here = self.custom.get(text[1:]) or self.custom.get(name)
            if here is None and name == self.machine.get("id"):
                here = ()
            return (
                None
                if here is None
                else self.ids.get(here if text[1:] in self.custom else (*here, *rest))
            )
        if text.startswith("."):
            return self.ids.get((*path, *text[1:].split(".")))
        return self.ids.get((*path[:-1], *text.split("."))) or self.ids.get(
            (*path, *text.split("."))
        )

    def _timers(self, path: tuple[str, ...], node: Mapping[str, Any]) -> Iterator[Json]:
        after = node.get("after")
        for delay, given in (after if isinstance(after, Mapping) else {}).items():
            for each in _listed(given):
                if not str(delay).isdigit():
                    self.imported.lose(f"after {delay}", "A named delay is code; write a duration.")
                    continue
                found = self._transition(path, "after", each)
                found.pop("event", None)
                yield {**found, "delay": duration(int(delay))}

    def _actions(self, path: tuple[str, ...], given: Any) -> list[Json]:
        found = []
        for each in _listed(given):
            kind = (
                each
                if isinstance(each, str)
                else each.get("type")
                if isinstance(each, Mapping)
                else None
            )
            params = each.get("params") if isinstance(each, Mapping) else None
            event = (params or {}).get("event") if isinstance(params, Mapping) else None
            if kind == "xstate.raise" and isinstance(event, Mapping) and event.get("type"):
                found.append({"do": "raise", "event": self._event(str(event["type"]))})
            else:
                where = f"action {kind} in {'.'.join(path) or 'the machine'}"
                self.imported.lose(where, "An action in code was left out.")
        return found

    def _invokes(self, target: Json, path: tuple[str, ...], node: Mapping[str, Any]) -> None:
        invokes = []
        for each in _listed(node.get("invoke")):
            if not isinstance(each, Mapping):
                continue
            source = str(each.get("src") or "actor")
            name = self.names.fresh(str(each.get("id") or source), "step")
            action = f"imported.{self.names.fresh(source, 'actor')}"
            invokes.append({"id": name, "kind": "step", "action": action})
            self.imported.lose(f"invoke {source}", f"Choose an action for '{action}'.")
            for word, event in (("onDone", "done"), ("onError", "error")):
                for given in _listed(each.get(word)):
                    transition = self._transition(path, f"{event}.invoke.{name}", given)
                    target.setdefault("transitions", []).append(transition)
        target["invoke"] = invokes


def _states(node: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    states = node.get("states")
    for name, child in (states if isinstance(states, Mapping) else {}).items():
        yield str(name), child if isinstance(child, Mapping) else {}


def _listed(given: Any) -> list[Any]:
    if given is None:
        return []
    return given if isinstance(given, list) else [given]
