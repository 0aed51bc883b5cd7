"""Gives a tenant the house's workflows, in its own currency."""

from kernel.access import operator_actor
from kernel.runtime import Runtime
from kernel.tenancy import Tenant
from tenants.provisioning import tenant_called
from tenants.verticals import STANDARD, definition
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish


def adopt_definitions(runtime: Runtime, slug: str) -> list[str]:
    """Publish what every tenant starts with; what is published already stays."""
    tenant_id = tenant_called(runtime, slug)
    with runtime.unit_of_work(tenant_id, operator_actor("seed")) as uow:
        currency = uow.session.get_one(Tenant, tenant_id).currency
        return [publish(uow, engine_of(uow), definition(key, currency)).key for key in STANDARD]
