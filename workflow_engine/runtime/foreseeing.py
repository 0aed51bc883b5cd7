"""Looks at the approvals of a definition before it is published: can they be given?"""

from collections.abc import Iterator

from kernel.audit import Subject
from kernel.errors import Fault
from kernel.exceptions import raise_exception
from kernel.uow import UnitOfWork
from workflow_engine.approvals.foresight import never_given, not_given_today
from workflow_engine.definition import Definition
from workflow_engine.definition.model import Invoke, State
from workflow_engine.runtime.candidates import people
from workflow_engine.runtime.tables import DefinitionVersion


def approvals_never_given(definition: Definition) -> list[Fault]:
    """Return a fault for each approval that nobody could ever give, with its pointer."""
    return [
        Fault(
            f"{invoke.at}/stages",
            short.code,
            f"Stage {short.stage} needs {short.needed} people, and its rules allow at most"
            f" {short.available}: name more people or a role, or ask for fewer.",
        )
        for invoke in _approvals(definition.root)
        for short in never_given(invoke.spec)
    ]


def tell_what_lacks_people(
    uow: UnitOfWork, version: DefinitionVersion, definition: Definition
) -> None:
    """Raise an exception for each approval that today's people could not give.

    It is published all the same: people may be invited, and roles given, before anybody asks.
    """
    if uow.ports.directory is None:
        return
    asked = list(_approvals(definition.root))
    if not asked:
        return
    who = people(uow)
    for invoke in asked:
        for short in not_given_today(invoke.spec, who):
            raise_exception(
                uow,
                kind=short.code,
                subject=Subject("definition", version.id),
                cause=f"{definition.name}, {invoke.at}: stage {short.stage} needs {short.needed}"
                f" people who may approve, and there are {short.available}.",
            )


def _approvals(state: State) -> Iterator[Invoke]:
    yield from (invoke for invoke in state.invokes if invoke.kind == "approval")
    for child in state.states:
        yield from _approvals(child)
