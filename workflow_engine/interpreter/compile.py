"""Compiling a definition: states numbered in document order, sets as bits, content as closures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_engine.definition.faults import DefinitionFaults
from workflow_engine.definition.model import After, Definition, Expr, Transition
from workflow_engine.definition.walking import states_of
from workflow_engine.expressions import DYN
from workflow_engine.interpreter.compile_invokes import InvokeCompiler
from workflow_engine.interpreter.compile_tables import compile_tables, decider
from workflow_engine.interpreter.compiled import (
    Compiled,
    CompiledInvoke,
    CompiledState,
    CompiledTimer,
    CompiledTransition,
    Evaluate,
)
from workflow_engine.interpreter.content import ContentCompiler
from workflow_engine.interpreter.defaults import context_defaults
from workflow_engine.interpreter.domains import domain_of
from workflow_engine.interpreter.evaluating import Expressions
from workflow_engine.interpreter.schemas import Actions, Schemas
from workflow_engine.interpreter.triggers import compile_correlations, compile_triggers


def compile_definition(definition: Definition, actions: Actions | None = None) -> Compiled:
    """Compile a definition once for all its runs, or raise DefinitionFaults with all of them.

    With `actions`, the catalogue of step actions, every step must name one that exists and feed
    it what it declares, and results are typed by it; without, results are typed by the context
    fields that name the action in `output_of`.
    """
    return DefinitionCompiler(definition, actions).compile()


class DefinitionCompiler:
    """Compiles one definition."""

    def __init__(self, definition: Definition, actions: Actions | None) -> None:
        self.definition = definition
        self.expressions = Expressions(dynamic=definition.dynamic)
        self.schemas = Schemas(definition, actions)
        self.states: list[CompiledState] = []
        self.numbers: dict[str, int] = {}
        self.transitions: list[CompiledTransition] = []
        self.invokes: dict[str, CompiledInvoke] = {}
        self.timers: dict[str, CompiledTimer] = {}
        self.invoke_compiler = InvokeCompiler(self.expressions, self.schemas, actions)

    def compile(self) -> Compiled:
        self._number()
        for state in self.states:
            self._fill(state)
        self._close()
        tables = compile_tables(self.definition, self.expressions, self.schemas)
        compiled = self._assemble(tables)
        if self.expressions.faults:
            raise DefinitionFaults(self.expressions.faults)
        return compiled

    def _number(self) -> None:
        for number, (model, parent) in enumerate(states_of(self.definition.root)):
            above = -1 if parent is None else self.numbers[parent.id]
            self.numbers[model.id] = number
            line = (number, *(() if above < 0 else self.states[above].line))
            self.states.append(CompiledState(number, model, above, 1 << number, line=line))
        for state in self.states:
            for number in state.line[1:]:
                state.ancestors |= 1 << number
                self.states[number].descendants |= state.bit
        for state in self.states:
            below = [other for other in self.states if other.parent == state.number]
            state.children = tuple(each.number for each in below if each.type != "history")
            state.histories = tuple(each.number for each in below if each.type == "history")

    def _fill(self, state: CompiledState) -> None:
        model = state.model
        plain = ContentCompiler(self.expressions, self.schemas, self.schemas.scope())
        state.entry = plain.blocks(model.entry)
        state.exit = plain.blocks(model.exit)
        state.timers = tuple(self._timer(timer) for timer in model.after)
        state.invokes = tuple(
            self.invoke_compiler.compile(invoke, state.number) for invoke in model.invokes
        )
        self.invokes |= {invoke.id: invoke for invoke in state.invokes}
        self.timers |= {timer.id: timer for timer in state.timers}
        if model.donedata is not None:
            state.donedata = plain.payload(model.donedata)
        state.late = tuple(
            (field.id, self._init(field.at, field.init or "null"), self._field_type(field.id))
            for field in self.definition.context
            if field.init is not None and field.bound_to == model.id
        )
        own = [*model.transitions, *(timer.transition for timer in model.after)]
        state.transitions = tuple(self._transition(state, each) for each in own)
        state.initial = self._initial(state)
        state.busy = bool(
            state.entry or state.exit or state.timers or state.invokes or state.late
        ) or (model.type == "compensate")

    def _initial(self, state: CompiledState) -> CompiledTransition | None:
        if state.type != "compound":
            return None
        initial = state.model.initial
        if initial is None:
            first = self.states[state.children[0]]
            initial = Transition("", first.model.at, targets=(first.id,))
        return self._transition(state, initial, listed=False)

    def _transition(
        self, state: CompiledState, model: Transition, *, listed: bool = True
    ) -> CompiledTransition:
        scope = self.schemas.scope(self._payload_of(model.events))
        content = ContentCompiler(self.expressions, self.schemas, scope)
        guard: Evaluate | None = None
        if model.guard is not None:
            guard = self.expressions.guard(model.guard, scope)
        compiled = CompiledTransition(
            number=len(self.transitions),
            id=model.id,
            at=model.at,
            source=state.number,
            events=model.events,
            guard=guard,
            guard_text=model.guard.source if model.guard else "",
            targets=tuple(self.numbers[target] for target in model.targets),
            internal=model.internal,
            block=content.block(model.actions),
        )
        if listed:
            self.transitions.append(compiled)
        return compiled

    def _payload_of(self, events: tuple[str, ...]) -> Any:
        """The type of the event's data; invokes further down the document count as well."""
        found = set()
        for event in events:
            kind, _, invoke_id = event.partition(".invoke.")
            invoke = self._invoke_model(invoke_id) if kind == "done" and invoke_id else None
            if invoke is not None:
                found.add(self.schemas.result_of(invoke) or DYN)
            else:
                found.add(self.schemas.payload_of((event,)))
        return found.pop() if len(found) == 1 else DYN

    def _invoke_model(self, invoke_id: str) -> Any:
        for state in self.states:
            for invoke in state.model.invokes:
                if invoke.id == invoke_id:
                    return invoke
        return None

    def _timer(self, model: After) -> CompiledTimer:
        scope = self.schemas.scope()
        delay, instant = model.delay_expr, model.instant
        return CompiledTimer(
            model,
            self.expressions.evaluate(delay, scope) if delay else None,
            self.expressions.evaluate(instant, scope) if instant else None,
        )

    def _init(self, at: str, source: str) -> Evaluate:
        wanted = DYN
        return self.expressions.value(Expr(source, f"{at}/init"), self.schemas.scope(), wanted)

    def _field_type(self, name: str) -> Any:
        return self.schemas.context.fields[name]

    def _close(self) -> None:
        """Work out what needs all states: domains and exit sets."""
        for transition in self.transitions:
            if not transition.targets:
                continue
            transition.through_history = any(
                self.states[target].type == "history" for target in transition.targets
            )
            if not transition.through_history:
                transition.domain = domain_of(
                    tuple(self.states), transition.source, transition.targets, transition.internal
                )
                transition.exits = self.states[transition.domain].descendants

    def _assemble(self, tables: Mapping[str, Any]) -> Compiled:
        definition, schemas = self.definition, self.schemas
        events = dict(schemas.events)
        for invoke in self.invokes.values():
            if invoke.result is not None:
                events[f"done.invoke.{invoke.id}"] = invoke.result
        leaves = sum(
            state.bit for state in self.states if not state.children and state.type != "history"
        )
        subject = definition.subject
        return Compiled(
            definition=definition,
            states=tuple(self.states),
            numbers=self.numbers,
            transitions=tuple(self.transitions),
            leaf_mask=leaves,
            noticed_mask=sum(state.bit for state in self.states if state.busy or state.histories),
            invokes=self.invokes,
            timers=self.timers,
            tables={
                table.id: decider(table, tables[table.id])
                for table in definition.tables
                if table.id in tables
            },
            decision_tables=tables,
            context_type=schemas.context,
            input_type=schemas.input,
            event_types=events,
            defaults=context_defaults(definition, schemas, self.expressions),
            inits=tuple(
                (field.id, self._init(field.at, field.init), self._field_type(field.id))
                for field in definition.context
                if field.init is not None and field.bound_to is None
            ),
            search=self._search(),
            triggers=compile_triggers(definition, self.expressions, schemas),
            correlations=compile_correlations(definition, self.expressions, schemas),
            statuses={
                self.numbers[rule.state]: (rule.status, rule.phase)
                for rule in (subject.statuses if subject else ())
            },
            unmatched={each.event: each.unmatched for each in definition.correlations},
            subject_id=self._subject_id(),
            moves_by_itself=any(not transition.events for transition in self.transitions),
        )

    def _subject_id(self) -> Evaluate | None:
        subject = self.definition.subject
        if subject is None:
            return None
        return self.expressions.evaluate(subject.id, self.schemas.scope())

    def _search(self) -> tuple[tuple[str, Evaluate], ...]:
        scope = self.schemas.scope()
        return tuple(
            (each.id, self.expressions.evaluate(each.value, scope))
            for each in self.definition.search
        )
