"""The composed engine over the small department, with what tests do to it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from kernel.access import Actor, system_actor
from kernel.actions import Outside
from kernel.audit import Subject
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.exceptions import ExceptionCase
from kernel.ids import TenantId
from kernel.ports import Directory, Ports
from kernel.runtime import Runtime
from kernel.tenancy import move_clock
from kernel.work import LEASE_SECONDS, OpenUnit, WorkSource
from tests.conftest import ACME, MONDAY
from tests.workflow_engine.runtime.buying import (
    MugsArrived,
    MugsRunLow,
    PeopleOfTheShop,
    Pottery,
    catalogue_of,
    definition,
    member,
)
from workflow_engine.runtime import queries
from workflow_engine.runtime.consuming import consumer, job_kinds
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.publishing import publish
from workflow_engine.runtime.sources import RunWork
from workflow_engine.runtime.tables import Run, RunHistory, RunStep
from workflow_engine.runtime.task_tables import Task
from workflow_engine.runtime.voting import Decision, vote

ANA, BOB, CLEO = member("mem_ana"), member("mem_bob"), member("mem_cleo")
SHOP = system_actor("shop")


class Shop:
    """The composed engine over the small department, with what tests do to it."""

    def __init__(
        self,
        config: Config,
        clock: StoppedClock,
        send_effect: str,
        *,
        outside: Outside | None = None,
        lease_seconds: int = LEASE_SECONDS,
        directory: Directory | None = None,
    ) -> None:
        self.pottery = Pottery()
        catalogue = catalogue_of(self.pottery, send_effect=send_effect, outside=outside)
        self.engine = Engine(catalogue)

        def sources(open_unit: OpenUnit) -> Sequence[WorkSource]:
            return RunWork(self.engine, open_unit, lease_seconds=lease_seconds).sources()

        self.runtime = Runtime(
            config,
            ports=Ports(directory=directory or PeopleOfTheShop(), engine=self.engine),
            consumers=[consumer(self.engine)],
            job_kinds=job_kinds(self.engine),
            sources=sources,
            clock=clock,
            lease_seconds=lease_seconds,
        )

    def publish(self, tenant_id: TenantId = ACME, **changes: object) -> None:
        self.publish_document(definition(**changes), tenant_id)

    def publish_document(self, document: Mapping[str, object], tenant_id: TenantId = ACME) -> None:
        with self.runtime.unit_of_work(tenant_id, ANA) as uow:
            publish(uow, self.engine, document)

    def run_low(self, shelf: str, quantity: int, *, tenant_id: TenantId = ACME) -> None:
        """Ana finds a shelf low, and everything that follows by itself happens."""
        with self.runtime.unit_of_work(tenant_id, ANA) as uow:
            uow.emit(MugsRunLow(shelf, quantity))
            uow.record("mugs.count", Subject("shelf", shelf))
        self.runtime.drain_all()

    def arrive(self, shelf: str, *, tenant_id: TenantId = ACME) -> None:
        with self.runtime.unit_of_work(tenant_id, ANA) as uow:
            uow.emit(MugsArrived(shelf, 1))
            uow.record("mugs.receive", Subject("shelf", shelf))
        self.runtime.drain_all()

    def pass_days(self, days: int) -> None:
        """It is so many days after MONDAY for ACME, and what is due happens."""
        with self.runtime.unit_of_work(ACME, SHOP) as uow:
            move_clock(uow, MONDAY + timedelta(days=days))
        self.runtime.drain_all()

    def runs(self, tenant_id: TenantId = ACME) -> list[Run]:
        with self.runtime.unit_of_work(tenant_id, SHOP) as uow:
            return list(uow.session.scalars(select(Run).order_by(Run.id)))

    def run(self) -> Run:
        (only,) = self.runs()
        return only

    def states(self) -> list[str]:
        """Where the only run stands."""
        with self.runtime.unit_of_work(ACME, SHOP) as uow:
            history = uow.session.scalars(select(RunHistory).order_by(RunHistory.number)).all()
        return list(history[-1].states)

    def task(self) -> Task:
        with self.runtime.unit_of_work(ACME, SHOP) as uow:
            return uow.session.scalars(select(Task)).one()

    def tasks_of(self, actor: Actor, tenant_id: TenantId = ACME) -> list[str]:
        with self.runtime.unit_of_work(tenant_id, actor) as uow:
            return [task.subject_id for task in queries.tasks_for(uow)]

    def vote(self, actor: Actor, decision: Decision) -> None:
        """Somebody decides on what they were shown."""
        task = self.task()
        shown = replace(decision, digest=decision.digest or task.digest)
        with self.runtime.unit_of_work(ACME, actor) as uow:
            vote(uow, self.engine, task.id, shown)

    def step(self) -> RunStep:
        """The last step that was asked for."""
        with self.runtime.unit_of_work(ACME, SHOP) as uow:
            return uow.session.scalars(select(RunStep).order_by(RunStep.id)).all()[-1]

    def cases(self) -> list[tuple[str, str]]:
        """Kind and cause of the open exceptions."""
        with self.runtime.unit_of_work(ACME, SHOP) as uow:
            found = uow.session.scalars(select(ExceptionCase).filter_by(state="open")).all()
        return [(case.kind, case.cause) for case in found]

    def hurry(self) -> None:
        """As if the pauses and leases of the waiting steps were over, and so were their calls."""
        waits = RunStep.state.in_(("waiting", "abandoned"))
        with self.runtime.unit_of_work(ACME, SHOP) as uow:
            for row in uow.session.scalars(select(RunStep).where(waits)):
                row.next_at = row.lease_until = None
                if row.call_ends_at is not None:
                    row.call_ends_at = row.call_ends_at - timedelta(hours=1)
            uow.record("tests.hurry", Subject("step", "all"))
        self.runtime.drain_all()
