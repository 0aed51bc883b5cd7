"""Every resource of the public API, by name: what is not listed here is not served."""

from api.catalog_imports import catalog_imports
from api.channel_stock import channel_stock
from api.channels import channels
from api.delegations import delegations
from api.events import events
from api.fulfilment_orders import fulfilment_orders
from api.listings import listings
from api.members import members
from api.nodes import nodes
from api.operations import operations
from api.orders import orders
from api.products import products
from api.purchase_orders import purchase_orders
from api.resource import Resource
from api.runs import runs
from api.skus import skus
from api.stock import stock
from api.stock_adjustments import stock_adjustments
from api.supplier_items import supplier_items
from api.suppliers import suppliers
from api.tasks import tasks
from api.transfers import transfers
from api.warehouse_tasks import warehouse_tasks
from api.webhooks import webhooks

RESOURCES: tuple[Resource, ...] = (
    events,
    webhooks,
    members,
    products,
    skus,
    catalog_imports,
    suppliers,
    supplier_items,
    nodes,
    channels,
    listings,
    stock,
    stock_adjustments,
    transfers,
    channel_stock,
    orders,
    fulfilment_orders,
    warehouse_tasks,
    purchase_orders,
    tasks,
    delegations,
    runs,
    operations,
)
