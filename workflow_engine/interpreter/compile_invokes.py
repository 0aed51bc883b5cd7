"""Compiling invokes: their inputs, subjects, compensations, forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflow_engine.definition.actions_model import Named
from workflow_engine.definition.durations import parse_duration
from workflow_engine.definition.model import Compensation, Expr, Invoke
from workflow_engine.definition.reading import nearest
from workflow_engine.expressions import DYN, Type
from workflow_engine.interpreter.compiled import CompiledCompensation, CompiledInvoke
from workflow_engine.interpreter.content import ContentCompiler
from workflow_engine.interpreter.effects import Retry
from workflow_engine.interpreter.evaluating import Expressions, Inputs
from workflow_engine.interpreter.schemas import Actions, Schemas, field_type


class InvokeCompiler:
    """Compiles the invokes of one definition."""

    def __init__(self, expressions: Expressions, schemas: Schemas, actions: Actions | None) -> None:
        self.expressions = expressions
        self.schemas = schemas
        self.actions = actions

    def compile(self, model: Invoke, state: int) -> CompiledInvoke:
        scope = self.schemas.scope()
        result = self.schemas.result_of(model)
        content = ContentCompiler(self.expressions, self.schemas, self.schemas.scope(DYN))
        return CompiledInvoke(
            model,
            state,
            self._input(model.action, model.input, model.at, DYN, ""),
            retry=read_retry(model.retry),
            subject={
                name: self.expressions.evaluate(part, scope) if isinstance(part, Expr) else part
                for name, part in model.subject.items()
            },
            compensation=self._compensation(model.compensate, result or DYN),
            finalize=content.block(model.finalize),
            flow=self.expressions.evaluate(model.flow_expr, scope) if model.flow_expr else None,
            form_required=self._form(model),
            result=result,
        )

    def _input(
        self, action: str, given: Sequence[Named], at: str, extra_type: Type, extra: str
    ) -> Inputs:
        scope = self.schemas.scope(extra=extra, extra_type=extra_type)
        wanted = self._wanted(action, given, at) if action else {}
        return self.expressions.inputs(given, scope, wanted)

    def _wanted(self, action: str, given: Sequence[Named], at: str) -> Mapping[str, Type]:
        """What the catalogue wants as input; a mismatch is reported."""
        if self.actions is None:
            return {}
        shape = self.actions.shape(action)
        if shape is None:
            message = f"There is no action '{action[:120]}'."
            mend = nearest(action, self.actions.names())
            self.expressions.fault(f"{at}/action", "action.unknown", message, mend)
            return {}
        if shape.input is None:
            return {}
        types = {field.id: field_type(field) for field in shape.input}
        names = [one.id for one in given]
        for position, name in enumerate(names):
            if name not in types:
                message = f"The action '{action}' takes no input '{name}'."
                place = f"{at}/input/{position}/id"
                self.expressions.fault(place, "action.input", message, nearest(name, types))
        for field in shape.input:
            if field.id not in names and not field.nullable and not field.has_default:
                message = f"The action '{action}' needs the input '{field.id}'."
                mend = f"Add a value for '{field.id}'."
                self.expressions.fault(f"{at}/input", "action.input_missing", message, mend)
        return types

    def _compensation(
        self, model: Compensation | None, result: Type
    ) -> CompiledCompensation | None:
        if model is None:
            return None
        return CompiledCompensation(
            model.action,
            self._input(model.action, model.input, model.at, result, "result"),
            read_retry(model.retry),
            model.timeout,
            model.replaces,
            model.at,
        )

    def _form(self, model: Invoke) -> dict[str, Any]:
        fields = model.spec.get("fields")
        if not fields:
            return {}
        form = self.schemas.result_of(model) or DYN
        scope = self.schemas.scope(extra="form", extra_type=form)
        return {
            entry["id"]: self.expressions.guard(
                Expr(entry["required_when"], f"{model.at}/form/{position}/required_when"), scope
            )
            for position, entry in enumerate(model.spec["form"])
            if isinstance(entry.get("required_when"), str)
        }


def read_retry(given: Mapping[str, Any] | None) -> Retry | None:
    """A retry rule as values; its shape was checked when it was read."""
    if given is None:
        return None
    usual = Retry(max=0)
    cap = given.get("cap")
    return Retry(
        max=given["max"],
        backoff=given.get("backoff", usual.backoff),
        base=parse_duration(given["base"]) if "base" in given else usual.base,
        factor=str(given.get("factor", usual.factor)),
        cap=None if cap is None else parse_duration(cap),
        jitter=str(given.get("jitter", usual.jitter)),
        on=tuple(given.get("on", usual.on)),
    )
