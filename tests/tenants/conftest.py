"""The tenants room on the test database: roles, a directory, a post office, a quick hasher."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from kernel.access import Actor, operator_actor, system_actor
from kernel.audit import Subject
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.ids import TenantId
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from tenants import access, members
from tenants.directory import TenantDirectory
from tenants.identity import credentials
from tenants.identity.hashing import Cost, Hasher
from tenants.identity.sessions import actor_of_member
from tenants.identity.signing_in import Browser
from tenants.messages.post import KeptMessage, PostOffice
from tenants.tables import Member
from tests.conftest import ACME, GLOBEX

OPERATOR = operator_actor("tests")
PASSWORD = "nine purple lamps on a shelf"
OTHER_PASSWORD = "seven quiet mugs in a row"
FROM_HOME = Browser("203.0.113.7", "public", "Firefox on Linux")
MINUTE = timedelta(minutes=1)
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)


@dataclass
class House:
    """Two tenants with their roles, and how a test talks to them."""

    runtime: Runtime
    hasher: Hasher
    post: PostOffice
    clock: StoppedClock

    def opens(self, tenant_id: TenantId = ACME) -> Callable[[Actor], UnitOfWork]:
        """Return what opens units of work of a tenant, as a request before sign-in does."""

        def open_unit(actor: Actor) -> UnitOfWork:
            self._pass_a_moment()
            return self.runtime.unit_of_work(tenant_id, actor, standing="any")

        return open_unit

    def open(self, tenant_id: TenantId = ACME, actor: Actor = OPERATOR) -> UnitOfWork:
        """Open a unit of work of a tenant."""
        self._pass_a_moment()
        return self.runtime.unit_of_work(tenant_id, actor)

    def member(
        self,
        email: str,
        *roles: str,
        tenant_id: TenantId = ACME,
        password: str | None = PASSWORD,
        manager_id: str | None = None,
    ) -> Actor:
        """Let somebody join, active and with a password, and return them as an actor."""
        name = email.split("@")[0].capitalize()
        with self.open(tenant_id) as uow:
            member = members.invite(uow, email, name, roles, manager_id)
            if password is not None:
                member.status = "active"
                credentials.store_hash(uow, member.id, self.hasher.hash(password))
                uow.record("tests.let_in", Subject("member", member.id))
        with self.open(tenant_id) as uow:
            return actor_of_member(uow, uow.session.get_one(Member, (tenant_id, member.id)))

    def mail(self, tenant_id: TenantId = ACME) -> list[KeptMessage]:
        """Return the newest messages of a tenant."""
        with self.open(tenant_id) as uow:
            return list(self.post.read_newest(uow))

    def mailed_token(self, tenant_id: TenantId = ACME) -> str:
        """Return the token of the newest message's link."""
        line = next(line for line in self.mail(tenant_id)[0].body.splitlines() if "/t/" in line)
        return line.rsplit("/", 1)[1]

    def _pass_a_moment(self) -> None:
        """Let what is done one after the other also be later, so that "newest" means something."""
        self.clock.pass_time(timedelta(milliseconds=1))


@pytest.fixture
def house(runtime: Runtime, config: Config, clock: StoppedClock) -> House:
    """ACME and GLOBEX with the standard roles and no members."""
    directory = TenantDirectory()
    directory.connect(runtime.database)
    post = PostOffice(config)
    runtime.ports.directory, runtime.ports.messages = directory, post
    for tenant_id in (ACME, GLOBEX):
        with runtime.unit_of_work(tenant_id, system_actor("tests")) as uow:
            access.add_standard_roles(uow)
    return House(runtime, Hasher(CHEAP), post, clock)
