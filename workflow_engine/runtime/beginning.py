"""The rows with which a run begins: the run, what it waits for, and the event that begins it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from kernel.audit import Subject
from kernel.quotas import Quota, admit, counted, declare
from kernel.uow import UnitOfWork
from workflow_engine.interpreter import Compiled, Event, run_keys
from workflow_engine.interpreter.defaults import read_input
from workflow_engine.runtime.snapshots import NOT_BEGUN
from workflow_engine.runtime.steps import Completion
from workflow_engine.runtime.tables import Run, RunWait

BEGIN = "run.begin"
"""The first event in a run's inbox: its data is the run's input."""


def _count(uow: UnitOfWork, up_to: int) -> int:
    living = Run.state.in_(("active", "incident", "undoing"))
    return counted(uow, select(Run.id).where(living), up_to)


ACTIVE_RUNS = declare(
    Quota(
        "active_runs",
        "workflow runs that have not ended",
        200_000,
        "End what is not needed any more, or ask the operator of this service for a larger plan.",
        _count,
    )
)


@dataclass(frozen=True)
class Birth:
    """Why a run begins, and what it is about."""

    start_key: str
    subject_id: str
    principal_id: str
    exclusive_subject: str | None = None
    parent: Run | None = None
    parent_invoke_id: str | None = None
    parent_epoch: int | None = None


def create_run(
    uow: UnitOfWork,
    definition_id: str,
    compiled: Compiled,
    given: Mapping[str, Any],
    birth: Birth,
) -> Run:
    """Write a run down that begins once it receives what `begin_with` says.

    InputRefused where the input does not fit, ContentFault where its keys cannot be found,
    QuotaReached where the tenant has as many runs as it may.
    """
    read_input(compiled.definition, compiled.input_type, given)
    admit(uow, ACTIVE_RUNS)
    subject, parent = compiled.definition.subject, birth.parent
    run = Run(
        tenant_id=uow.tenant_id,
        id=uow.new_id("run"),
        definition_id=definition_id,
        key=compiled.definition.key,
        subject_kind=subject.type if subject else "event",
        subject_id=birth.subject_id,
        start_key=birth.start_key,
        exclusive_subject=birth.exclusive_subject,
        principal_id=birth.principal_id,
        state="active",
        search={},
        received=0,
        recorded=0,
        started_at=uow.now,
        snapshot=NOT_BEGUN,
        ready=parent is not None,
        parent_id=parent.id if parent else None,
        parent_invoke_id=birth.parent_invoke_id,
        parent_epoch=birth.parent_epoch,
        root_id=(parent.root_id or parent.id) if parent else None,
        fence=0,
        attempts=0,
    )
    uow.session.add(run)
    uow.session.flush()
    _wait(uow, run, compiled, given)
    uow.record("run.start", Subject("run", run.id), authority=compiled.hash)
    return run


def begin_with(given: Mapping[str, Any]) -> Completion:
    """Return the first thing that a run receives."""
    return Completion(Event(BEGIN, data=given), BEGIN)


def _wait(uow: UnitOfWork, run: Run, compiled: Compiled, given: Mapping[str, Any]) -> None:
    for correlation_id, (event, key) in run_keys(compiled, given, uow.now).items():
        uow.session.add(
            RunWait(
                tenant_id=uow.tenant_id,
                run_id=run.id,
                correlation_id=correlation_id,
                event=event,
                key=key,
            )
        )
