"""The workflows of the house are sound, and a tenant adopts them in its own currency."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from kernel.access import operator_actor
from kernel.config import Config
from kernel.runtime import Runtime
from tenants.provisioning import NewTenant, provision, tenant_called
from tenants.verticals import definition, definitions
from tenants.verticals.adopting import adopt_definitions
from tests.conftest import Cluster
from wareflow import compose
from workflow_engine.definition import parse_definition
from workflow_engine.interpreter import compile_definition
from workflow_engine.runtime.tables import DefinitionVersion

OPERATOR = operator_actor("tests")


@pytest.fixture
def composed(database: Cluster, config: Config) -> Iterator[Runtime]:
    runtime = compose(config)
    yield runtime
    runtime.close()


def a_merchant(runtime: Runtime, slug: str, currency: str) -> None:
    wanted = NewTenant(slug, slug.title(), currency, "UTC", f"ada@{slug}.example", "Ada Able")
    provision(runtime, wanted, OPERATOR)


def bodies(runtime: Runtime, slug: str) -> list[str]:
    with runtime.unit_of_work(tenant_called(runtime, slug), OPERATOR) as uow:
        return list(uow.session.scalars(select(DefinitionVersion.body)))


@pytest.mark.parametrize("currency", ["EUR", "USD"])
@pytest.mark.parametrize("key", definitions())
def test_every_workflow_of_the_house_compiles(key: str, currency: str) -> None:
    compiled = compile_definition(parse_definition(definition(key, currency)))

    assert compiled.definition.key == key


def test_a_tenant_adopts_each_workflow_once_in_its_own_currency(composed: Runtime) -> None:
    a_merchant(composed, "acme", "EUR")
    a_merchant(composed, "globex", "USD")

    assert adopt_definitions(composed, "acme") == definitions()
    assert adopt_definitions(composed, "acme") == definitions()

    (body,) = bodies(composed, "acme")
    assert '"EUR' in body.replace("\\", "")
    assert "USD" not in body
    assert bodies(composed, "globex") == []
