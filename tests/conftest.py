"""One database, one stopped clock, two tenants."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from kernel import embedded
from kernel.access import operator_actor
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.ids import TenantId
from kernel.ports import Ports
from kernel.roles import APP, OWNER, create_roles
from kernel.runtime import Runtime
from kernel.tenancy import Tenant, found
from migrations.upgrade import upgrade

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORDS = {OWNER: "owner-of-tests", APP: "app-of-tests"}
ACME = TenantId("ten_acme")
GLOBEX = TenantId("ten_globex")


class Cluster:
    """The embedded PostgreSQL of one test process, migrated, with its addresses."""

    def __init__(self, server: embedded.Postgres) -> None:
        self.superuser_url = server.superuser_url.replace("/postgres?", "/wareflow?")
        self.owner_url = server.url(OWNER, PASSWORDS[OWNER], "wareflow")
        self.app_url = server.url(APP, PASSWORDS[APP], "wareflow")
        create_roles(server.superuser_url, PASSWORDS, "wareflow")
        upgrade(self.owner_url)
        with psycopg.connect(self.superuser_url) as connection:
            rows = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename <> 'alembic_version' ORDER BY tablename"
            )
            self.tables = [row[0] for row in rows]

    def empty(self) -> None:
        """Forget every row; as the superuser, because nobody else may.

        Only tables with rows are touched, and by DELETE: to TRUNCATE all of them makes new files
        for every index, which takes longer than most tests.
        """
        asked = " UNION ALL ".join(
            f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in self.tables
        )
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            for (table,) in connection.execute(asked).fetchall():
                connection.execute(f"DELETE FROM {table}")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A migrated database for this test process; without durability, because it is thrown away."""
    with embedded.postgres(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        yield Cluster(server)


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Valkey for this test process."""
    with embedded.valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server.url


@pytest.fixture
def clock() -> StoppedClock:
    """A Monday morning that passes only when told to."""
    return StoppedClock(MONDAY)


@pytest.fixture
def database(cluster: Cluster) -> Cluster:
    """The database, empty at the start of the test."""
    cluster.empty()
    return cluster


@pytest.fixture
def config(cluster: Cluster, tmp_path: Path) -> Config:
    """The configuration of an installation on the test database; nobody hears its doorbell."""
    return Config.from_env(
        {
            "WAREFLOW_VAR": str(tmp_path / "var"),
            "DATABASE_URL": cluster.app_url,
            "DATABASE_OWNER_URL": cluster.owner_url,
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "SECRET_KEY": "a-key-for-tests-that-is-long-enough-by-far",
        }
    )


@pytest.fixture
def runtime(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """The bare kernel on the test database, with ACME and GLOBEX founded."""
    composed = Runtime(config, ports=Ports(), clock=clock)
    for tenant_id, name in ((ACME, "Acme Mugs"), (GLOBEX, "Globex Grocery")):
        found_tenant(composed, tenant_id, name)
    yield composed
    composed.close()


def found_tenant(
    runtime: Runtime, tenant_id: TenantId, name: str, *, starts_at: datetime | None = None
) -> None:
    """Write a tenant into the directory, active at once; with `starts_at`, a sandbox."""
    operator = operator_actor("tests")
    with runtime.unit_of_work(tenant_id, operator, standing="founding") as uow:
        tenant = Tenant(
            id=tenant_id,
            slug=tenant_id.removeprefix("ten_"),
            name=name,
            status="active",
            mode="sandbox" if starts_at else "live",
            time_zone="Europe/Berlin",
            currency="EUR",
            created_at=uow.now,
        )
        found(uow, tenant, starts_at=starts_at)
