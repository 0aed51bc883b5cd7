"""How goods on the move are called: from where to where a transfer goes, how a parcel stands."""

from collections.abc import Mapping, Sequence

from builder_ui.portal.wording import FULFILMENT_STATUSES
from builder_ui.shell.page import Tone
from builder_ui.shell.words import _
from commerce.catalog import queries as catalog
from commerce.catalog.network_tables import Node
from commerce.inventory.transfer_tables import Transfer
from commerce.warehouse.tables import FulfilmentOrder
from kernel.uow import UnitOfWork


def ways_of(uow: UnitOfWork, transfers: Sequence[Transfer]) -> Mapping[str, str]:
    """Return from where to where each transfer goes, by its id."""
    ids = [each.source_id for each in transfers] + [each.target_id for each in transfers]
    nodes = catalog.by_ids(uow, Node, ids)
    return {
        each.id: _(
            "%(name)s to %(name_2)s",
            name=nodes[each.source_id].name,
            name_2=nodes[each.target_id].name,
        )
        for each in transfers
    }


def standing_of(row: FulfilmentOrder) -> tuple[str, Tone]:
    """Return how a fulfilment order stands: what holds it back goes before how far it is."""
    return (_("Held back"), "bad") if row.held_for else FULFILMENT_STATUSES[row.status]
