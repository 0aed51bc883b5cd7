"""What only the whole definition can show: unique ids, and references that lead somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflow_engine.definition.actions_model import Assign, Decide, ForEach
from workflow_engine.definition.faults import Fault
from workflow_engine.definition.model import Definition, Invoke, State
from workflow_engine.definition.reading import nearest, step_into
from workflow_engine.definition.structure import check_structure
from workflow_engine.definition.walking import actions_of, states_of, transitions_of


class Known:
    """The ids of a definition by what they name, and the faults found so far."""

    def __init__(self, definition: Definition, faults: list[Fault]) -> None:
        self.definition = definition
        self.faults = faults
        self.owners: dict[str, str] = {}
        self.parents: dict[str, State | None] = {}
        self.states: dict[str, State] = {}
        self.invokes: dict[str, Invoke] = {}
        self.tables: dict[str, Mapping[str, Any]] = {}

    def fault(self, at: str, code: str, message: str, mend: str = "") -> None:
        self.faults.append(Fault(at, code, message, mend))

    def claim(self, name: str, at: str) -> None:
        """An id belongs to one thing of the definition, so that it can be spoken of alone."""
        if self.definition.dynamic:
            # Formats that are run with dynamic checking give each kind of thing names of its own.
            name = f"{at.rpartition('/')[0].rpartition('/')[2]}:{name}"
        if name in self.owners:
            message = f"The id '{name}' is already used at {self.owners[name]}."
            self.fault(step_into(at, "id"), "id.duplicate", message, "Give one of them another id.")
        self.owners.setdefault(name, at)

    def expect(self, name: str, known: Iterable[str], at: str, kind: str) -> bool:
        """Report a reference that leads nowhere."""
        names = list(known)
        if name in names:
            return True
        message = f"There is no {kind} '{name[:120]}'."
        self.fault(at, f"reference.{kind}", message, nearest(name, names))
        return False


def check_references(definition: Definition, faults: list[Fault]) -> None:
    """Report ids used twice, references that lead nowhere, and structures that cannot work."""
    known = Known(definition, faults)
    _collect(known)
    for state in known.states.values():
        _check_state(known, state)
    _check_subject(known)
    _check_context(known)
    _check_triggers(known)
    if not faults:
        check_structure(known.states, known.parents, faults)


def _collect(known: Known) -> None:
    definition = known.definition
    for state, parent in states_of(definition.root):
        if parent is not None:
            known.claim(state.id, state.at)
        known.states.setdefault(state.id, state)
        known.parents.setdefault(state.id, parent)
        for transition in transitions_of(state):
            known.claim(transition.id, transition.at)
        for invoke in state.invokes:
            known.claim(invoke.id, invoke.at)
            known.invokes.setdefault(invoke.id, invoke)
    for table in definition.tables:
        known.claim(table.id, table.at)
        known.tables.setdefault(table.id, table.document)
    for trigger in definition.triggers:
        known.claim(trigger.id, trigger.at)
    for correlation in definition.correlations:
        known.claim(correlation.id, correlation.at)


def _check_state(known: Known, state: State) -> None:
    named = [name for name in known.states if name]
    if state.initial:
        for target in state.initial.targets:
            known.expect(target, named, state.initial.at, "state")
    for transition in transitions_of(state):
        for position, target in enumerate(transition.targets):
            at = step_into(transition.at, "target")
            single = len(transition.targets) == 1
            known.expect(target, named, at if single else step_into(at, position), "state")
        for descriptor in transition.events:
            _check_descriptor(known, descriptor, step_into(transition.at, "event"))
    for invoke in state.invokes:
        _check_invoke(known, invoke)
    if state.type == "compensate" and state.scope != "run":
        known.expect(state.scope, named, step_into(state.at, "scope"), "state")
    _check_actions(known, state)


def _check_descriptor(known: Known, descriptor: str, at: str) -> None:
    for prefix, kind, ids in (
        ("done.invoke.", "invoke", known.invokes),
        ("error.invoke.", "invoke", known.invokes),
        ("done.state.", "state", known.states),
        ("error.state.", "state", known.states),
    ):
        if descriptor.startswith(prefix):
            name = descriptor.removeprefix(prefix)
            # A prefix of an id is a descriptor too, where ids may hold dots.
            if not known.definition.dynamic:
                known.expect(name, ids, at, kind)


def _check_invoke(known: Known, invoke: Invoke) -> None:
    if invoke.stages_from is not None:
        at = step_into(invoke.at, "stages_from")
        if known.expect(invoke.stages_from, known.tables, at, "table"):
            _check_stage_names(known, invoke)
    compensation = invoke.compensate
    if compensation and compensation.replaces is not None:
        at = step_into(compensation.at, "replaces")
        replaced = known.invokes.get(compensation.replaces)
        known.expect(compensation.replaces, known.invokes, at, "invoke")
        if replaced is not None and replaced.compensate is None:
            message = f"The invoke '{replaced.id}' has no compensation to replace."
            known.fault(at, "compensate.nothing_to_replace", message)


def _check_stage_names(known: Known, invoke: Invoke) -> None:
    outputs = known.tables[invoke.stages_from or ""].get("outputs")
    stages = [stage.get("id") for stage in invoke.spec["stages"]]
    first = outputs[0] if isinstance(outputs, list) and outputs else None
    values = first.get("values") if isinstance(first, Mapping) else None
    for value in values if isinstance(values, list) else []:
        if value not in stages:
            message = f"The table can choose the stage '{value}', which the approval does not have."
            at = step_into(invoke.at, "stages_from")
            known.fault(at, "approval.unknown_stage", message, f"Add a stage '{value}'.")


def _check_actions(known: Known, state: State) -> None:
    fields = [field.id for field in known.definition.context]
    dynamic = known.definition.dynamic
    for action in actions_of(state):
        if isinstance(action, Decide):
            known.expect(action.table, known.tables, step_into(action.at, "table"), "table")
            _check_place(known, action.into, step_into(action.at, "into"), fields)
        elif isinstance(action, Assign) and not dynamic:
            for position, setting in enumerate(action.settings):
                at = f"{action.at}/set/{position}/to"
                _check_place(known, setting.path, at, fields)
        elif isinstance(action, ForEach) and not dynamic and "context" in action.item[:1]:
            _check_place(known, action.item, step_into(action.at, "as"), fields)


def _check_place(known: Known, path: tuple[str, ...], at: str, fields: list[str]) -> None:
    if not path or path[0] != "context" or len(path) < 2:
        message = "Only places inside the context can be assigned."
        known.fault(at, "assign.place", message, "Write for example context.eta.")
    elif path[1] not in fields:
        mend = nearest(path[1], fields) or f"Declare '{path[1]}' under context."
        known.fault(at, "assign.unknown", f"The context has no field '{path[1]}'.", mend)


def _check_subject(known: Known) -> None:
    subject = known.definition.subject
    if subject is None:
        return
    named = [name for name in known.states if name]
    for position, rule in enumerate(subject.statuses):
        known.expect(rule.state, named, f"/subject/statuses/{position}/state", "state")


def _check_context(known: Known) -> None:
    for field in known.definition.context:
        if field.table is not None:
            known.expect(field.table, known.tables, step_into(field.at, "table"), "table")
        if field.bound_to is not None:
            known.expect(field.bound_to, known.states, step_into(field.at, "bound_to"), "state")


def _check_triggers(known: Known) -> None:
    declared = {field.id: field for field in known.definition.input}
    for trigger in known.definition.triggers:
        given = [named.id for named in trigger.input]
        for position, name in enumerate(given):
            at = f"{trigger.at}/input/{position}/id"
            known.expect(name, declared, at, "input")
        for field in declared.values():
            if field.id not in given and not field.nullable and not field.has_default:
                message = f"The trigger does not fill the input '{field.id}'."
                mend = f"Add a value for '{field.id}'."
                known.fault(step_into(trigger.at, "input"), "input.missing", message, mend)
