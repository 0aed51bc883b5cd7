"""Sending events: to this run, its parent, a child or another run, now or later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workflow_engine.definition import actions_model as model
from workflow_engine.definition.model import Expr
from workflow_engine.expressions import STRING, to_json
from workflow_engine.interpreter.assigning import assign
from workflow_engine.interpreter.compiled import Content, ContentFault, Evaluate
from workflow_engine.interpreter.effects import Send
from workflow_engine.interpreter.machine import Machine
from workflow_engine.interpreter.timing import as_length, cancel_send, hold_send

if TYPE_CHECKING:
    from workflow_engine.interpreter.content import ContentCompiler

_TRANSPORT = "run"
_TARGETS = ("self", "internal", "parent")


def send(compiler: ContentCompiler, action: model.Send) -> Content:
    """Compile a send; its parts are evaluated when it is performed, not before."""
    name = _text(compiler, action.event)
    target = _text(compiler, action.to)
    transport = _text(compiler, action.transport)
    payload = compiler.payload(action.payload)
    delay = _delay(compiler, action)

    def perform(machine: Machine) -> None:
        send_id = _send_id(machine, action)
        try:
            bindings = machine.bindings
            if transport(bindings) != _TRANSPORT:
                message = f"Events cannot be sent by '{transport(bindings)}'."
                raise ContentFault("send.transport", message, action.at)
            wanted = _resolved(machine, target(bindings), action.at)
            effect = Send(
                wanted,
                _event_name(name(bindings), action.at),
                to_json(payload(bindings)),
                action.id or (send_id if action.id_into else None),
                f"run:{machine.origin.run_id}",
            )
            _dispatch(machine, effect, delay(bindings), action.at)
        except ContentFault as fault:
            raise ContentFault(fault.code, fault.message, fault.where, send_id) from fault

    return perform


def _dispatch(machine: Machine, effect: Send, delay: timedelta, where: str) -> None:
    if delay:
        hold_send(machine, effect, delay, where)
    elif effect.target == "internal":
        machine.raise_event(
            effect.event, effect.data, sendid=effect.send_id, origin=effect.origin, origintype="run"
        )
    elif _reachable(machine, effect.target):
        machine.effects.append(effect)
    else:
        payload = {"code": "send.unreachable", "message": f"'{effect.target}' is not there."}
        machine.raise_event("error.communication", payload, type="platform", sendid=effect.send_id)


def _reachable(machine: Machine, target: str) -> bool:
    if target == "parent":
        return machine.origin.has_parent
    if target.startswith("invoke:"):
        return target.removeprefix("invoke:") in machine.invokes
    if target.startswith("run:") and machine.reachable is not None:
        return target.removeprefix("run:") in machine.reachable
    return True


def _resolved(machine: Machine, target: Any, where: str) -> str:
    if not isinstance(target, str) or not (
        target in _TARGETS or target.startswith(("invoke:", "run:"))
    ):
        raise ContentFault("send.target", f"'{str(target)[:120]}' is no target.", where)
    return "self" if target == f"run:{machine.origin.run_id}" else target


def _event_name(name: Any, where: str) -> str:
    if not isinstance(name, str) or not 0 < len(name) <= 200:
        raise ContentFault("send.event", "The event to send has no name.", where)
    return name


def _send_id(machine: Machine, action: model.Send) -> str | None:
    if action.id_into is None:
        return action.id
    generated = action.id or f"send.{machine.next_epoch()}"
    assign(machine, action.id_into[1:], generated, STRING, action.at)
    return generated


def _text(compiler: ContentCompiler, text: str | Expr) -> Evaluate:
    if isinstance(text, Expr):
        return compiler.expressions.evaluate(text, compiler.scope)
    return lambda _: text


def _delay(compiler: ContentCompiler, action: model.Send) -> Evaluate:
    if not isinstance(action.delay, Expr):
        length = action.delay or timedelta(0)
        return lambda _: length
    evaluate = compiler.expressions.evaluate(action.delay, compiler.scope)

    def delay(bindings: Mapping[str, Any]) -> Any:
        return as_length(evaluate(bindings), action.at)

    return delay


def cancel(compiler: ContentCompiler, action: model.Cancel) -> Content:
    """Compile the withdrawal of a delayed send."""
    send_id = _text(compiler, action.id)

    def perform(machine: Machine) -> None:
        cancel_send(machine, str(send_id(machine.bindings)))

    return perform
