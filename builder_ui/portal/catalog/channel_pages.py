"""Channels: how their pages read."""

from collections.abc import Sequence

from werkzeug.datastructures import MultiDict

from builder_ui.portal.catalog.forms import code_in
from builder_ui.portal.catalog.things import (
    FormField,
    ListWish,
    Related,
    RelatedRow,
    Thing,
    Words,
    adding,
)
from builder_ui.shell import cells
from builder_ui.shell.listing import Column
from builder_ui.shell.words import _
from commerce.catalog import queries, service
from commerce.catalog.contents import ChannelContent
from commerce.catalog.network_tables import Channel, Node
from commerce.catalog.tables import Sku
from commerce.keyset import PageWish, Slice
from kernel.uow import UnitOfWork

KINDS = (("own_site", _("Own site")), ("marketplace", _("Marketplace")), ("store", _("Store")))


def _fields(uow: UnitOfWork, root: str) -> Sequence[FormField]:
    del uow
    nodes = f"{root}/catalog/suggestions/nodes"
    return (
        FormField("code", _("Code"), hint=_("Yours alone, such as SHOP.")),
        FormField("name", _("Name")),
        FormField("kind", _("Kind"), "choice", options=KINDS),
        FormField(
            "currency",
            _("Currency"),
            hint=_("What it sells in, such as EUR. Fixed once anything is offered."),
        ),
        FormField(
            "node",
            _("Node"),
            "code",
            _("Of a store: the place that it is."),
            is_required=False,
            source=nodes,
        ),
    )


def _values(uow: UnitOfWork, channel: Channel) -> dict[str, object]:
    node = queries.one(uow, Node, channel.node_id) if channel.node_id else None
    return {
        "code": channel.code,
        "name": channel.name,
        "kind": channel.kind,
        "currency": channel.currency,
        "node": node.code if node else None,
    }


def _read(uow: UnitOfWork, form: MultiDict[str, str]) -> ChannelContent:
    node = form.get("node", "").strip()
    return ChannelContent(
        form.get("code", "").strip(),
        form.get("name", "").strip(),
        form.get("kind", ""),
        form.get("currency", "").strip().upper(),
        code_in(uow, Node, node, "node", "node") if node else None,
    )


def _listed(uow: UnitOfWork, wish: ListWish) -> Slice[Channel]:
    return queries.channels(uow, wish.page, wish.only, order=wish.order)


def _facts(uow: UnitOfWork, channel: Channel, root: str) -> Sequence[tuple[str, str]]:
    del root
    node = queries.one(uow, Node, channel.node_id) if channel.node_id else None
    return (
        (_("Code"), channel.code),
        (_("Kind"), dict(KINDS)[channel.kind]),
        (_("Currency"), channel.currency),
        (_("Node"), node.name if node else ""),
    )


def _related(uow: UnitOfWork, channel: Channel, root: str) -> Sequence[Related]:
    found = queries.listings(uow, PageWish(limit=100), state="any", channel_id=channel.id).rows
    skus = queries.by_ids(uow, Sku, (listing.sku_id for listing in found))
    rows = [
        RelatedRow(
            f"{root}/catalog/listings/{listing.id}",
            (
                skus[listing.sku_id].code,
                skus[listing.sku_id].name,
                listing.external_id,
                str(listing.price),
            ),
            listing.is_active,
        )
        for listing in found
    ]
    add = (_("Offer a SKU"), adding(root, "listings", channel=channel.code))
    nothing = _("Nothing is offered here yet.")
    headings = (_("SKU"), _("Name"), _("Id in the channel"), _("Price"))
    return (Related(_("Offers"), headings, rows, nothing, add if channel.is_active else None),)


CHANNELS = Thing(
    kind="channel",
    path="channels",
    words=Words(
        _("channel"),
        _("channels"),
        _("Channels"),
        "store",
        _("Channels are where you offer goods: your own site, marketplaces, stores."),
        retire=_("Stop selling here"),
        retire_question=_("Offer nothing more in {code}?"),
        reinstate=_("Sell here again"),
    ),
    table=Channel,
    columns=(Column("kind", _("Kind")), Column("currency", _("Currency"), on_phone=False)),
    cells=lambda channel: (cells.text(dict(KINDS)[channel.kind]), cells.text(channel.currency)),
    fields=_fields,
    values=_values,
    read=_read,
    listed=_listed,
    facts=_facts,
    related=_related,
    create=service.create_channel,
    change=service.change_channel,
    retire=service.retire_channel,
    reinstate=service.reinstate_channel,
)
