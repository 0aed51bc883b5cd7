"""What filters offer of the tenant's own network: its channels and its nodes."""

from commerce.catalog import queries as catalog
from commerce.keyset import PageWish
from kernel.paging import LIMIT_MAX
from kernel.uow import UnitOfWork

_EVERY = catalog.Filter(state="any")


def channel_choices(uow: UnitOfWork) -> list[tuple[str, str]]:
    """Return the channels by name, those out of use as well."""
    found = catalog.channels(uow, PageWish(limit=LIMIT_MAX), _EVERY, order="name")
    return [(channel.id, channel.name) for channel in found.rows]


def node_choices(uow: UnitOfWork) -> list[tuple[str, str]]:
    """Return the nodes by name, those out of use as well."""
    found = catalog.nodes(uow, PageWish(limit=LIMIT_MAX), _EVERY, order="name")
    return [(node.id, node.name) for node in found.rows]
