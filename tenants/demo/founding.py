"""Founds the sandbox of the demo: people, catalog, first stock and the workflow, through verbs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from commerce.catalog import service as catalog
from commerce.catalog.contents import (
    ChannelContent,
    NodeContent,
    ProductContent,
    SkuContent,
    SupplierContent,
    SupplierItemContent,
)
from commerce.ids import ChannelId, NodeId, ProductId, SkuId, SupplierId
from commerce.inventory.allocation import Demand
from commerce.inventory.goods import Source, receive
from kernel.access import Permission, operator_actor
from kernel.embedded.kept import kept_secret
from kernel.ids import ActorId, TenantId
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from tenants.demo.geography import place_of
from tenants.demo.merchant import CHANNELS, NODES, ProductPlan, supplier_codes
from tenants.demo.superstore import CURRENCY
from tenants.identity.clients import NewSecret, create_client
from tenants.identity.hashing import Hasher
from tenants.provisioning import NewTenant, provision
from tenants.seeds import Person, seed_people
from tenants.tables import Member
from tenants.verticals import definition
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish

FOUNDER = operator_actor("demo")
PRODUCTS_PER_UNIT = 50
BEFORE_THE_FIRST_ORDER = timedelta(days=1)

WORKFLOWS = ("backorder-first", "order-at-once")
SCOPES = (Permission("orders:read"), Permission("orders:write"))

DESK = Person("dora", "Dora Desk", "customer_service", "rita")
LEAD = Person("leah", "Leah Lead", "buyer_lead", "rita")
PEOPLE = (DESK, LEAD)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Merchant:
    """The founded sandbox: the ids that the replay needs."""

    tenant_id: TenantId
    nodes: dict[str, NodeId]
    channels: dict[str, ChannelId]
    lead: ActorId
    shop: NewSecret
    """How the channels sign in to the API."""


def found_merchant(
    runtime: Runtime,
    slug: str,
    plans: Sequence[ProductPlan],
    first_order_at: datetime,
    progress: Progress,
) -> Merchant:
    """Found a sandbox whose business time begins a day before the first order, and fill it."""
    wanted = NewTenant(
        slug,
        "Superstore",
        CURRENCY,
        "America/New_York",
        f"rita@{slug}.example",
        "Rita Root",
        starts_at=first_order_at - BEFORE_THE_FIRST_ORDER,
    )
    tenant_id = provision(runtime, wanted, FOUNDER)
    seed_people(runtime, Hasher(), tenant_id, (wanted, PEOPLE), _password(runtime))
    with runtime.unit_of_work(tenant_id, FOUNDER, work_class="batch") as uow:
        for key in WORKFLOWS:
            publish(uow, engine_of(uow), definition(key, CURRENCY))
        nodes, channels = _network(uow), _channels(uow)
        suppliers = _suppliers(uow, plans)
        lead = _member(uow, LEAD, slug)
        shop = create_client(uow, "Sales channels", SCOPES)
    for begin in range(0, len(plans), PRODUCTS_PER_UNIT):
        progress("catalog and first stock", begin, len(plans))
        with runtime.unit_of_work(tenant_id, FOUNDER, work_class="batch") as uow:
            _products(uow, plans[begin : begin + PRODUCTS_PER_UNIT], suppliers, nodes)
    progress("catalog and first stock", len(plans), len(plans))
    return Merchant(tenant_id, nodes, channels, lead, shop)


def _network(uow: UnitOfWork) -> dict[str, NodeId]:
    made = {}
    for plan in NODES:
        place = place_of(plan.postal_code)
        content = NodeContent(
            plan.code,
            plan.name,
            plan.kind,
            "US",
            place.latitude,
            place.longitude,
            postal_code=plan.postal_code,
            fulfilment_types=("ship",) if plan.kind == "warehouse" else ("ship", "collect"),
        )
        made[plan.code] = NodeId(catalog.create_node(uow, content).id)
    return made


def _channels(uow: UnitOfWork) -> dict[str, ChannelId]:
    return {
        plan.code: ChannelId(
            catalog.create_channel(
                uow, ChannelContent(plan.code, plan.name, plan.kind, CURRENCY)
            ).id
        )
        for plan in CHANNELS
    }


def _suppliers(uow: UnitOfWork, plans: Sequence[ProductPlan]) -> dict[str, SupplierId]:
    made = {}
    for code in supplier_codes(plan.category for plan in plans):
        content = SupplierContent(code, f"Supplier {code}", "US", CURRENCY)
        made[code] = SupplierId(catalog.create_supplier(uow, content).id)
    return made


def _products(
    uow: UnitOfWork,
    plans: Sequence[ProductPlan],
    suppliers: dict[str, SupplierId],
    nodes: dict[str, NodeId],
) -> None:
    first_stock: list[Demand] = []
    for plan in plans:
        product = catalog.create_product(
            uow, ProductContent(plan.code, plan.name[:200], plan.category)
        )
        sku = catalog.create_sku(uow, ProductId(product.id), SkuContent(plan.code, plan.name[:200]))
        terms = SupplierItemContent(plan.cost, plan.lead_days)
        catalog.create_supplier_item(uow, suppliers[plan.supplier_code], SkuId(sku.id), terms)
        first_stock += [Demand(SkuId(sku.id), nodes[code], units) for code, units in plan.stock]
    if first_stock:
        key = f"first-stock/{plans[0].code}"
        receive(uow, first_stock, source=Source("first_stock", plans[0].code), key=key)


def _member(uow: UnitOfWork, person: Person, slug: str) -> ActorId:
    address = f"{person.local_part}@{slug}.example"
    found = uow.session.scalars(select(Member.id).where(Member.email_folded == address)).one()
    return ActorId(found)


def _password(runtime: Runtime) -> str:
    return kept_secret(runtime.config.var_dir / "secrets" / "seed_password")
