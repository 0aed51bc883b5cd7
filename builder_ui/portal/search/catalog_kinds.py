"""What can be found of the catalog."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from builder_ui.portal.rooms import root
from builder_ui.portal.search.kinds import Hit, Kind, got
from builder_ui.shell.words import _
from commerce.catalog.access import READ
from commerce.catalog.finding import find_things
from commerce.catalog.network_tables import Channel, Node
from commerce.catalog.supply_tables import Supplier
from commerce.catalog.tables import Product, Sku
from commerce.ids import PREFIXES
from kernel.access import Permission
from kernel.uow import UnitOfWork


def _shown(path: str, _uow: UnitOfWork, rows: Sequence[Any]) -> list[Hit]:
    return [
        Hit(
            row.id,
            row.name,
            f"{root()}/catalog/{path}/{row.id}",
            row.code,
            None if row.is_active else (_("Out of use"), "neutral"),
        )
        for row in rows
    ]


def _kind(table: type[Any], name: str, one: str, many: str, path: str, icon: str) -> Kind[Any]:
    return Kind(
        name,
        one,
        many,
        icon,
        Permission(READ),
        f"{PREFIXES[name]}_",
        lambda uow, text, limit: find_things(uow, table, text, limit),
        lambda uow, ids: got(uow, table, ids),
        partial(_shown, path),
    )


CATALOG_KINDS = (
    _kind(Sku, "sku", _("SKU"), _("SKUs"), "skus", "box"),
    _kind(Product, "product", _("Product"), _("Products"), "products", "tag"),
    _kind(Supplier, "supplier", _("Supplier"), _("Suppliers"), "suppliers", "truck"),
    _kind(Node, "node", _("Node"), _("Nodes"), "nodes", "shelves"),
    _kind(Channel, "channel", _("Channel"), _("Channels"), "channels", "store"),
)
