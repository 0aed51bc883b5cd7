"""Offers of a SKU in a channel: how their form reads."""

from collections.abc import Sequence

from builder_ui.portal.catalog.forms import FieldRefused, code_in
from builder_ui.portal.catalog.offers import Form, Offer
from builder_ui.portal.catalog.sku_pages import whole_in
from builder_ui.portal.catalog.things import FormField
from builder_ui.shell.words import _
from commerce.catalog import queries, service
from commerce.catalog.contents import ListingContent
from commerce.catalog.network_tables import Channel, ChannelListing
from commerce.catalog.tables import Sku
from commerce.ids import ChannelId, ListingId, SkuId
from kernel.money import Money
from kernel.uow import UnitOfWork


def _fields(uow: UnitOfWork, root: str, is_new: bool) -> Sequence[FormField]:
    del uow
    catalog = f"{root}/catalog/suggestions"
    pair = (
        FormField(
            "sku", _("SKU"), "code", _("Type the beginning of a name."), source=f"{catalog}/skus"
        ),
        FormField(
            "channel",
            _("Channel"),
            "code",
            _("Type the beginning of a name."),
            source=f"{catalog}/channels",
        ),
    )
    own = (
        FormField("external_id", _("Id in the channel"), hint=_("As the channel calls this SKU.")),
        FormField("price", _("Price"), "decimal", _("In the channel's currency, such as 12.34.")),
        FormField(
            "price_quantity",
            _("Price for"),
            "decimal",
            _("So many base units, such as 100 for a price of 100 g."),
            is_required=False,
        ),
    )
    return (*pair, *own) if is_new else own


def money_in(form: Form, name: str, currency: str) -> Money:
    """Return the money that somebody typed, exactly, or refuse."""
    text = form.get(name, "").strip()[:40].replace(",", ".")
    try:
        return Money.parse(text, currency)
    except ValueError as error:
        told = _(
            "Write an amount in %(currency)s, such as %(amount)s.",
            currency=currency,
            amount=Money(1234, currency).amount,
        )
        raise FieldRefused({name: told}) from error


def _content(form: Form, currency: str) -> ListingContent:
    quantity = whole_in(form.get("price_quantity", ""), "price_quantity")
    price = money_in(form, "price", currency)
    quantity = 1 if quantity is None else quantity
    return ListingContent(form.get("external_id", "").strip(), price, quantity)


def _create(uow: UnitOfWork, form: Form) -> ChannelListing:
    sku = code_in(uow, Sku, form.get("sku", ""), "sku", _("SKU"))
    channel = code_in(uow, Channel, form.get("channel", ""), "channel", "channel")
    content = _content(form, queries.one(uow, Channel, channel).currency)
    return service.create_listing(uow, ChannelId(channel), SkuId(sku), content)


def _change(uow: UnitOfWork, identity: str, form: Form, version: int | None) -> ChannelListing:
    listing = queries.one(uow, ChannelListing, identity)
    content = _content(form, listing.price_currency)
    return service.change_listing(uow, ListingId(identity), content, expected_version=version)


def _values(listing: ChannelListing) -> dict[str, object]:
    return {
        "external_id": listing.external_id,
        "price": listing.price.amount,
        "price_quantity": listing.price_quantity,
    }


def _facts(uow: UnitOfWork, listing: ChannelListing) -> Sequence[tuple[str, str]]:
    channel = queries.one(uow, Channel, listing.channel_id)
    return ((_("Channel"), channel.name), (_("Currency"), channel.currency))


LISTINGS = Offer(
    kind="listing",
    path="listings",
    add=_("Offer a SKU in a channel"),
    change_title=_("Change an offer"),
    retire_words=_("Take out of the channel"),
    reinstate_words=_("Offer again"),
    table=ChannelListing,
    fields=_fields,
    values=_values,
    facts=_facts,
    create=_create,
    change=_change,
    retire=service.retire_listing,
    reinstate=service.reinstate_listing,
)
