"""Executable content to closures: assign, decide, raise, emit, log, if, foreach, block."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from workflow_engine.definition import actions_model as model
from workflow_engine.definition.actions_model import Action, Named
from workflow_engine.definition.model import Expr
from workflow_engine.expressions import (
    DYN,
    ExpressionError,
    ListType,
    Scope,
    Type,
    compile_expression,
    to_json,
)
from workflow_engine.expressions.types import without_null
from workflow_engine.interpreter.assigning import assign, coerce, place_type, put
from workflow_engine.interpreter.compiled import Block, Content, ContentFault, Evaluate
from workflow_engine.interpreter.effects import Emit, Log
from workflow_engine.interpreter.evaluating import Expressions
from workflow_engine.interpreter.invoking import decide_table
from workflow_engine.interpreter.machine import Machine
from workflow_engine.interpreter.schemas import Schemas
from workflow_engine.interpreter.sending import cancel, send

FOREACH_MAX = 10_000


class ContentCompiler:
    """Compiles actions that stand where `scope` names what they may use."""

    def __init__(self, expressions: Expressions, schemas: Schemas, scope: Scope) -> None:
        self.expressions = expressions
        self.schemas = schemas
        self.scope = scope

    def block(self, actions: tuple[Action, ...]) -> Block | None:
        """One block, None where there is nothing to do."""
        return Block(tuple(self._action(action) for action in actions)) if actions else None

    def blocks(self, actions: tuple[Action, ...]) -> tuple[Block, ...]:
        """Entry and exit content: explicit blocks fail on their own, the rest is one block each
        side of them."""
        found: list[Block] = []
        together: list[Content] = []
        for action in actions:
            if isinstance(action, model.Block):
                found += [Block(tuple(together))] if together else []
                together = []
                inner = self.block(action.actions)
                found += [inner] if inner else []
            else:
                together.append(self._action(action))
        return (*found, Block(tuple(together))) if together else tuple(found)

    def _action(self, action: Action) -> Content:
        match action:
            case model.Assign():
                return self._assign(action)
            case model.Decide():
                return self._decide(action)
            case model.Raise():
                return self._raise(action)
            case model.Emit():
                return self._emit(action)
            case model.Send():
                return send(self, action)
            case model.Cancel():
                return cancel(self, action)
            case model.Log():
                return self._log(action)
            case model.If():
                return self._if(action)
            case model.ForEach():
                return self._foreach(action)
            case model.Block():
                return self._inner_block(action)

    def payload(self, payload: tuple[Named, ...] | Expr) -> Evaluate:
        """Named values as a dict, or one value; None where nothing is given."""
        if isinstance(payload, Expr):
            return self.expressions.evaluate(payload, self.scope)
        parts = [(one.id, self.expressions.evaluate(one.value, self.scope)) for one in payload]
        if not parts:
            return lambda _: None
        return lambda bindings: {name: value(bindings) for name, value in parts}

    def _place(self, path: tuple[str, ...], at: str) -> Type | None:
        """The type of an assignable place; reported, or in dynamic checking left to run time."""
        if path[:1] == ("context",) and len(path) > 1:
            found = place_type(self.schemas.context, path[1:])
            if found is not None:
                return found
        if not self.expressions.dynamic:
            message = f"There is no place '{'.'.join(path)}'."
            self.expressions.fault(at, "assign.unknown", message, "Declare it under context.")
        return None

    def _assign(self, action: model.Assign) -> Content:
        parts = []
        for position, setting in enumerate(action.settings):
            at = f"{action.at}/set/{position}"
            wanted = self._place(setting.path, f"{at}/to")
            value = self.expressions.value(setting.value, self.scope, wanted or DYN)
            parts.append((setting.path[1:], value, wanted, at))
        if len(parts) == 1:
            return _assign_one(*parts[0])

        def assign_all(machine: Machine) -> None:
            # All right sides read the old context, so that a swap is a swap.
            bindings = machine.bindings
            values = [
                (path, _fitting(value(bindings), wanted, at), at)
                for path, value, wanted, at in parts
            ]
            context = machine.context
            for path, value, at in values:
                context = put(context, path, value, at)
            machine.set_context(context)

        return assign_all

    def _decide(self, action: model.Decide) -> Content:
        wanted = self._place(action.into, f"{action.at}/into") or DYN
        path = action.into[1:]

        def decide(machine: Machine) -> None:
            assign(machine, path, decide_table(machine, action.table), wanted, action.at)

        return decide

    def _raise(self, action: model.Raise) -> Content:
        payload = self.payload(action.payload)
        return lambda machine: machine.raise_event(action.event, payload(machine.bindings))

    def _emit(self, action: model.Emit) -> Content:
        payload = self.payload(action.payload)

        def emit(machine: Machine) -> None:
            machine.effects.append(Emit(action.event, to_json(payload(machine.bindings) or {})))

        return emit

    def _log(self, action: model.Log) -> Content:
        message = self.expressions.evaluate(action.message, self.scope)

        def log(machine: Machine) -> None:
            machine.effects.append(Log(action.level, _text(message(machine.bindings)), action.at))

        return log

    def _if(self, action: model.If) -> Content:
        branches = [
            (self.expressions.guard(guard, self.scope) if guard else None, self._actions(actions))
            for guard, actions in action.branches
        ]

        def choose(machine: Machine) -> None:
            for guard, actions in branches:
                if guard is None or guard(machine.bindings) is True:
                    machine.work.charge(len(actions))
                    for content in actions:
                        content(machine)
                    return

        return choose

    def _actions(self, actions: tuple[Action, ...]) -> tuple[Content, ...]:
        return tuple(self._action(action) for action in actions)

    def _inner_block(self, action: model.Block) -> Content:
        block = self.block(action.actions)
        return lambda machine: machine.run_block(block)

    def _foreach(self, action: model.ForEach) -> Content:
        over = self.expressions.evaluate(action.over, self.scope)
        inner, set_item = self._loop_variable(action)
        set_index = self._setter(action.index, action.at) if action.index else None
        actions = inner._actions(action.actions)

        def repeat(machine: Machine) -> None:
            elements = over(machine.bindings)
            if not isinstance(elements, list):
                raise ContentFault("foreach.list", "Only a list can be gone through.", action.at)
            if len(elements) > FOREACH_MAX:
                message = f"The list has more than {FOREACH_MAX} elements."
                raise ContentFault("foreach.limit", message, action.at)
            for position, element in enumerate(elements):
                set_item(machine, element)
                if set_index:
                    set_index(machine, position)
                machine.work.charge(1 + len(actions))
                for content in actions:
                    content(machine)

        return repeat

    def _loop_variable(self, action: model.ForEach) -> tuple[ContentCompiler, Any]:
        if len(action.item) > 1 or self.expressions.dynamic:
            return self, self._setter(action.item, action.at)
        name = action.item[0]
        if name in self.scope.variables:
            message = f"'{name}' already means something here."
            mend = "Choose another name."
            self.expressions.fault(f"{action.at}/as", "foreach.name", message, mend)
        scope = Scope({**self.scope.variables, name: self._element(action)}, self.scope.functions)

        def set_local(machine: Machine, value: Any) -> None:
            machine.bindings[name] = value

        return ContentCompiler(self.expressions, self.schemas, scope), set_local

    def _element(self, action: model.ForEach) -> Type:
        try:
            found = without_null(compile_expression(action.over.source, self.scope).type)
        except ExpressionError:
            return DYN
        return found.element if isinstance(found, ListType) else DYN

    def _setter(self, path: tuple[str, ...], at: str) -> Any:
        wanted = self._place(path, at)

        def set_place(machine: Machine, value: Any) -> None:
            if wanted is None:
                message = f"'{'.'.join(path)}' cannot be assigned."
                raise ContentFault("assign.unknown", message, at)
            assign(machine, path[1:], value, wanted, at)

        return set_place


def _fitting(value: Any, wanted: Type | None, at: str) -> Any:
    if wanted is None:
        raise ContentFault("assign.unknown", "There is no such place to assign.", at)
    return coerce(value, wanted, at)


def _assign_one(path: tuple[str, ...], value: Evaluate, wanted: Type | None, at: str) -> Content:
    def assign_one(machine: Machine) -> None:
        fitting = _fitting(value(machine.bindings), wanted, at)
        machine.set_context(put(machine.context, path, fitting, at))

    return assign_one


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value[:2000]
    written: Mapping[str, Any] | Any = to_json(value)
    return json.dumps(written, ensure_ascii=False, sort_keys=True)[:2000]
