"""The workflows of the house are sound, and a tenant adopts them in its own currency."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from kernel.access import operator_actor
from kernel.config import Config
from kernel.runtime import Runtime
from tenants.provisioning import NewTenant, provision, tenant_called
from tenants.verticals import STANDARD, definition, definitions
from tenants.verticals.adopting import adopt_definitions
from tests.conftest import Cluster
from wareflow import compose
from workflow_engine.definition import parse_definition
from workflow_engine.interpreter import compile_definition
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish
from workflow_engine.runtime.tables import DefinitionVersion
from workflow_engine.simulation.examples import run_examples

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

    assert adopt_definitions(composed, "acme") == list(STANDARD)
    assert adopt_definitions(composed, "acme") == list(STANDARD)

    published = bodies(composed, "acme")
    assert len(published) == len(STANDARD)
    assert any('"EUR' in body.replace("\\", "") for body in published)
    assert not any("USD" in body for body in published)
    assert bodies(composed, "globex") == []


@pytest.mark.parametrize("key", definitions())
def test_every_workflow_of_the_house_passes_its_own_tests(key: str) -> None:
    results = run_examples(compile_definition(parse_definition(definition(key, "EUR"))))

    assert key == "backorder-first" or len(results) >= 4
    assert [each for each in results if not each.passed] == []


def test_every_workflow_of_the_house_can_be_published(composed: Runtime) -> None:
    """Against the product's own actions, with their schemas."""
    a_merchant(composed, "acme", "EUR")
    tenant_id = tenant_called(composed, "acme")

    for key in definitions():
        with composed.unit_of_work(tenant_id, OPERATOR) as uow:
            assert publish(uow, engine_of(uow), definition(key, "EUR")).state == "published"
