"""Files as merchants send them, for tests of the import."""

from collections.abc import Sequence

from commerce.catalog.imports import service
from commerce.catalog.imports.chunks import JOB_KINDS
from commerce.catalog.imports.tables import ImportRun
from kernel.access import Actor
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.errors import NotFound
from kernel.ids import ActorId, TenantId
from kernel.ports import DirectoryMember, Ports
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from tests.commerce.builders import ANA
from tests.conftest import ACME

HEADER = ("Product code", "Product name", "Category", "SKU", "EAN", "Weight (g)")


class Members:
    """A directory that knows ANA alone."""

    def tenant_of(self, slug: str) -> TenantId:
        raise NotFound("tenant", slug)

    def actor(self, uow: UnitOfWork, actor_id: ActorId) -> Actor:
        del uow
        if actor_id != ANA.id:
            raise NotFound("member", actor_id)
        return ANA

    def members(self, uow: UnitOfWork) -> Sequence[DirectoryMember]:
        del uow
        return []

    def members_with_role(self, uow: UnitOfWork, role: str) -> Sequence[ActorId]:
        del uow, role
        return []

    def manager_of(self, uow: UnitOfWork, member_id: ActorId) -> ActorId | None:
        del uow, member_id
        return None

    def name_of(self, uow: UnitOfWork, actor_id: ActorId) -> str:
        del uow
        return str(actor_id)


def importing_runtime(config: Config, clock: StoppedClock) -> Runtime:
    """The kernel with the jobs of the import, on a database where the tenants exist already."""
    return Runtime(config, ports=Ports(directory=Members()), job_kinds=JOB_KINDS, clock=clock)


def csv_of(*rows: Sequence[str], header: Sequence[str] = HEADER) -> bytes:
    """Write rows as plain CSV."""
    return "\r\n".join(",".join(row) for row in (header, *rows)).encode()


def mug_rows(count: int, *, start: int = 0) -> list[tuple[str, ...]]:
    """So many products with one SKU each, all in order."""
    return [
        (f"MUG-{n:05}", f"Mug number {n}", "Kitchen", f"MUG-{n:05}-S", "", "350")
        for n in range(start, start + count)
    ]


def checked(runtime: Runtime, content: bytes, actor: Actor = ANA) -> ImportRun:
    """Upload a file, accept the guessed mapping and try it out."""
    with runtime.unit_of_work(ACME, actor) as uow:
        run = service.upload(uow, "products.csv", content)
        service.check(uow, run.id, run.fields)
    runtime.drain_all()
    return again(runtime, run)


def imported(runtime: Runtime, content: bytes) -> ImportRun:
    """Take a file all the way."""
    run = checked(runtime, content)
    with runtime.unit_of_work(ACME, ANA) as uow:
        service.accept(uow, run.id)
    runtime.drain_all()
    return again(runtime, run)


def again(runtime: Runtime, run: ImportRun) -> ImportRun:
    """Read a run afresh."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        return uow.session.get_one(ImportRun, (ACME, run.id))
