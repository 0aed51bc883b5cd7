"""Publishes definitions: checked whole, immutable, named by hash; the newest starts new runs."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from kernel.access import Permission
from kernel.audit import Subject
from kernel.errors import Fault
from kernel.uow import UnitOfWork
from workflow_engine.definition import (
    Definition,
    DefinitionFaults,
    canonical_text,
    parse_definition,
)
from workflow_engine.definition.model import State
from workflow_engine.interpreter import compile_definition
from workflow_engine.runtime.calendars import calendar_ids
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.errors import DefinitionRejected
from workflow_engine.runtime.events import DefinitionPublished
from workflow_engine.runtime.flows import published_version
from workflow_engine.runtime.foreseeing import approvals_never_given, tell_what_lacks_people
from workflow_engine.runtime.tables import DefinitionVersion, RunTrigger

WRITE_WORKFLOWS = Permission("workflows:write")


def publish(uow: UnitOfWork, engine: Engine, document: Mapping[str, Any]) -> DefinitionVersion:
    """Make a definition the one that new runs of its key start with.

    Runs already under way stay with the version they started with. Publishing a body that is
    already published returns that version. DefinitionRejected lists every fault with its pointer,
    an approval that nobody could ever give among them; one that only today's people cannot give is
    raised as an exception.
    """
    uow.actor.must(WRITE_WORKFLOWS)
    definition = _checked(uow, engine, document)
    # Locked together: two publications of one key take their numbers one after the other.
    versions = list(
        uow.session.scalars(
            select(DefinitionVersion)
            .where(DefinitionVersion.key == definition.key)
            .order_by(DefinitionVersion.number.desc())
            .with_for_update()
        )
    )
    same = next((each for each in versions if each.hash == definition.hash), None)
    if same is not None and same.state == "published":
        return same
    for earlier in versions:
        if earlier.state == "published":
            _retire(uow, earlier)
    version = same or _new_version(uow, definition, versions[0].number + 1 if versions else 1)
    version.state = "published"
    uow.session.flush()
    _listen(uow, version, definition)
    tell_what_lacks_people(uow, version, definition)
    uow.emit(DefinitionPublished(version.id, version.key, version.number, version.hash))
    uow.record("workflow.publish", Subject("definition", version.id), authority=version.hash)
    return version


def _new_version(uow: UnitOfWork, definition: Definition, number: int) -> DefinitionVersion:
    version = DefinitionVersion(
        tenant_id=uow.tenant_id,
        id=uow.new_id("def"),
        key=definition.key,
        number=number,
        hash=definition.hash,
        name=definition.name,
        body=canonical_text(definition.document),
        published_at=uow.now,
        published_by=uow.actor.id,
    )
    uow.session.add(version)
    return version


def _listen(uow: UnitOfWork, version: DefinitionVersion, definition: Definition) -> None:
    for trigger in definition.triggers:
        uow.session.add(
            RunTrigger(
                tenant_id=uow.tenant_id,
                definition_id=version.id,
                trigger_id=trigger.id,
                event=trigger.event,
            )
        )


def _retire(uow: UnitOfWork, version: DefinitionVersion) -> None:
    version.state = "retired"
    triggers = select(RunTrigger).where(RunTrigger.definition_id == version.id)
    for trigger in uow.session.scalars(triggers):
        uow.session.delete(trigger)


def _checked(uow: UnitOfWork, engine: Engine, document: Mapping[str, Any]) -> Definition:
    try:
        definition = parse_definition(document)
        compile_definition(definition, engine.shapes)
    except DefinitionFaults as faults:
        raise DefinitionRejected(
            tuple(Fault(each.pointer, each.code, each.message) for each in faults.faults)
        ) from faults
    found = (
        *_flows_missing(uow, definition, definition.root),
        *_calendars_missing(uow, document),
        *approvals_never_given(definition),
    )
    if found:
        raise DefinitionRejected(found)
    return definition


def _flows_missing(uow: UnitOfWork, definition: Definition, state: State) -> list[Fault]:
    """Say which flows could not be started, rather than fail in a run."""
    faults = [
        Fault(
            f"{invoke.at}/flow",
            "flow.unknown",
            f"No definition {invoke.flow!r} is published: publish it first.",
        )
        for invoke in state.invokes
        if invoke.flow not in ("", definition.key) and published_version(uow, invoke.flow) is None
    ]
    for child in state.states:
        faults.extend(_flows_missing(uow, definition, child))
    return faults


def _calendars_missing(uow: UnitOfWork, document: Mapping[str, Any]) -> list[Fault]:
    known = calendar_ids(uow)
    return [
        Fault(
            pointer,
            "calendar.unknown",
            f"There is no business calendar {name!r}: write it first, with `wareflow calendars`.",
        )
        for pointer, name in _values_of("calendar", {**document, "tests": []}, "")
        if name not in known
    ]


def _values_of(name: str, value: Any, pointer: str) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        here = [(f"{pointer}/{name}", value[name])] if value.get(name) is not None else []
        parts = [(f"{pointer}/{key}", part) for key, part in value.items()]
    elif isinstance(value, list):
        here = []
        parts = [(f"{pointer}/{index}", part) for index, part in enumerate(value)]
    else:
        return []
    return here + [found for at, part in parts for found in _values_of(name, part, at)]
