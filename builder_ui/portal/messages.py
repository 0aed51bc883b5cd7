"""Pages of messages: what was written to whom, and whether it has left.

Those about orders are for whoever sees orders; the others, such as invitations, for whoever may
invite members.
"""

from collections.abc import Sequence
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy import select

from builder_ui.portal.lists import Choice, ListKind, ShownRow, serve_list
from builder_ui.portal.records import Happened, Record, record_page
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.wording import MESSAGE_STATES, choices, spoken
from builder_ui.shell import cells
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.words import _
from commerce.keyset import PageWish, Slice, keyset_slice
from commerce.orders import queries as orders
from commerce.orders.tables import SalesOrder
from kernel.uow import UnitOfWork
from tenants.messages.post import READ_MESSAGES, PostOffice
from tenants.messages.tables import Message
from web.access import requires
from web.request import current_unit_of_work

NAV = (NavEntry("Sell", _("Messages"), "messages", "bell", "orders:read", keys="g e", rank=60),)

message_pages = portal_room("messages", "messages")


def _fetch(uow: UnitOfWork, wish: PageWish, listing: Listing) -> Slice[Message]:
    query = select(Message)
    if not uow.actor.may(READ_MESSAGES):
        query = query.where(Message.order_id.is_not(None))
    if "state" in listing.filters:
        query = query.where(Message.state == listing.filters["state"])
    return keyset_slice(uow, query, [Message.id], wish)


def _shown(uow: UnitOfWork, found: Sequence[Message]) -> list[ShownRow]:
    about = orders.some_orders(uow, [each.order_id for each in found if each.order_id])
    return [
        ShownRow(
            each.id,
            each.subject,
            f"{root()}/messages/{each.id}",
            {
                "subject": cells.text(each.subject),
                "to": cells.text(each.to_address),
                "order": _order(about.get(each.order_id) if each.order_id else None),
                "template": cells.text(spoken(each.template)),
                "made_at": cells.moment(each.made_at),
                "sent_at": cells.moment(each.sent_at),
                "state": cells.badge(MESSAGE_STATES[each.state]),
            },
        )
        for each in found
    ]


def _order(order: SalesOrder | None) -> cells.Cell:
    if order is None:
        return cells.text(None)
    return cells.text(
        _("Order %(number)s", number=order.number), href=f"{root()}/orders/{order.id}"
    )


MESSAGES: ListKind[Any] = ListKind(
    path="messages",
    title=_("Messages"),
    one=_("message"),
    many=_("messages"),
    columns=(
        Column("subject", _("Subject")),
        Column("to", _("To"), on_phone=False),
        Column("order", _("About")),
        Column("template", _("Kind"), on_phone=False, at_first=False),
        Column("made_at", _("Written"), sortable=True, on_phone=False),
        Column("sent_at", _("Sent"), on_phone=False, at_first=False),
        Column("state", _("State")),
    ),
    sorts=("-made_at", "made_at"),
    fetch=_fetch,
    place_of=lambda each, _sort: [each.id],
    shown=_shown,
    empty=(
        _("No messages yet"),
        _("What workflows write to customers about their orders appears here."),
        "bell",
    ),
    choices=(Choice("state", _("State"), lambda _uow: choices(MESSAGE_STATES)),),
)
serve_list(message_pages, MESSAGES, "orders:read")


@message_pages.get("/<message_id>")
@requires("orders:read")
def show_message(message_id: str) -> ResponseReturnValue:
    """Show a message as it was written; links that open accounts are cut short."""
    with current_unit_of_work() as uow:
        post = uow.ports.messages
        assert isinstance(post, PostOffice), "the front door fills the messages port"
        message = post.read_for_people(uow, message_id)
        row = uow.session.get_one(Message, (uow.tenant_id, message_id))
        about = orders.one_order(uow, row.order_id) if row.order_id is not None else None
        story = [Happened(row.made_at, _("Written"))]
        if row.sent_at is not None:
            story.append(Happened(row.sent_at, _("Handed to the mail server"), tone="ok"))
        record = Record(
            title=message.subject,
            subject=("message", message.id),
            status=MESSAGE_STATES[message.state],
            facts=[
                (_("To"), cells.text(message.to_address)),
                (_("About"), _order(about)),
                (_("Kind"), cells.text(spoken(row.template))),
                (_("Written"), cells.moment(message.made_at)),
                (_("Sent"), cells.moment(row.sent_at)),
                (_("Id"), cells.code(message.id)),
            ],
            tables=(),
            story=story,
        )
    return record_page(
        record,
        Crumb(_("Messages"), f"{root()}/messages"),
        template="portal/message.html",
        text=message.body,
        opens_accounts=about is None,
    )
