"""Actions over many orders: chosen on the list, followed on a page of their own, row by row."""

import csv
import io
from collections.abc import Iterator

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from builder_ui.portal.framing import go_to, page_for
from builder_ui.portal.lists import list_page
from builder_ui.portal.names import Names
from builder_ui.portal.order_list import ORDERS, filter_of
from builder_ui.portal.rooms import portal_room, root
from builder_ui.shell.listing import Listing
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from commerce.orders import bulk, queries
from commerce.orders.bulk import BulkVerb, Chosen
from commerce.orders.policy import WRITE_ORDERS
from commerce.orders.queries import OrderFilter
from web.access import requires
from web.request import current_actor, current_unit_of_work

ROWS_SHOWN_MAX = 200
ROWS_IN_FILE_MAX = 1_000_000
WORDS = {"hold": _("Hold back"), "resume": _("Let go on"), "cancel": _("Cancel")}
_VERBS: dict[str, BulkVerb] = {"hold": "hold", "resume": "resume", "cancel": "cancel"}

bulk_pages = portal_room("order_bulk", "orders/bulk")


def order_list_page() -> ResponseReturnValue:
    """Show the list of orders, with what may be done to many of them."""
    may_write = current_actor().may(WRITE_ORDERS)
    matching = None
    if may_write:
        with current_unit_of_work() as uow:
            matching = queries.how_many(uow, filter_of(ORDERS.listing()))
    return list_page(
        ORDERS,
        template="portal/orders.html",
        bulk="bulk" if may_write else None,
        matching=matching,
    )


@bulk_pages.post("")
@requires("orders:write")
def start() -> ResponseReturnValue:
    """Begin an action over the chosen orders, or over all that match but those taken out."""
    form = request.form
    asked = form.get("action", "")
    verb = _VERBS.get(form.get("kind", "") if asked == "stop" else asked, "hold")
    with current_unit_of_work() as uow:
        begun = bulk.start_bulk(uow, verb, _chosen(form), form.get("reason"))
        bulk_id = begun.id
    return go_to(f"{root()}/orders/bulk/{bulk_id}")


@bulk_pages.get("/<bulk_id>")
@requires("orders:read")
def show(bulk_id: str) -> ResponseReturnValue:
    """Show how far an action is and what became of each order, the refused ones first."""
    with current_unit_of_work() as uow:
        row = bulk.one_bulk(uow, bulk_id)
        refused = bulk.report_of(uow, row, "refused", limit=ROWS_SHOWN_MAX)
        done = bulk.report_of(uow, row, "done", limit=ROWS_SHOWN_MAX - len(refused))
        requester = Names(uow).of(row.requested_by)
    path = f"{root()}/orders/bulk/{bulk_id}"
    return render_page(
        "portal/bulk.html",
        page_for(
            _("%(words)s: many orders", words=WORDS[row.action]),
            Crumb(_("Orders"), f"{root()}/orders"),
        ),
        row=row,
        rows=[*refused, *done],
        requester=requester,
        words=WORDS,
        poll_href=path if row.state == "running" else None,
        report_href=f"{path}/report.csv",
        root=root(),
    )


@bulk_pages.get("/<bulk_id>/report.csv")
@requires("orders:read")
def report(bulk_id: str) -> Response:
    """Return what became of every order as a file."""
    with current_unit_of_work() as uow:
        row = bulk.one_bulk(uow, bulk_id)
        told = [
            (each.number, each.outcome, each.told or "")
            for outcome in ("refused", "done")
            for each in bulk.report_of(uow, row, outcome, limit=ROWS_IN_FILE_MAX)
        ]

    def lines() -> Iterator[str]:
        for line in ((_("Order"), _("Outcome"), _("Why not")), *told):
            written = io.StringIO()
            csv.writer(written).writerow(line)
            yield written.getvalue()

    headers = {"Content-Disposition": 'attachment; filename="report.csv"'}
    return Response(lines(), mimetype="text/csv", headers=headers)


def _chosen(form: MultiDict[str, str]) -> Chosen:
    if form.get("all_matching") != "yes":
        # A form without a row chosen means no order, and never all of them.
        return Chosen(OrderFilter(), tuple(form.getlist("id")) or ("none",))
    listing = Listing.read(f"{root()}/orders", form, sorts=ORDERS.sorts, filters=ORDERS.filters)
    return Chosen(filter_of(listing), besides=tuple(form.getlist("except")))
