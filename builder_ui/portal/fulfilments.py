"""Pages of fulfilment orders: what a node ships, worked through step by step."""

from collections.abc import Callable

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import go_to
from builder_ui.portal.fulfilment_list import FULFILMENTS
from builder_ui.portal.fulfilment_views import fulfilment_record
from builder_ui.portal.lists import serve_list
from builder_ui.portal.records import record_page
from builder_ui.portal.refused import refused_form
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.short_picks import REASONS, short_pick_in
from builder_ui.shell.form_state import FormState
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.words import _
from commerce.ids import FulfilmentOrderId
from commerce.inventory.policy import WRITE_STOCK
from commerce.orders.service import report_short, ship_parcel
from commerce.warehouse import service
from commerce.warehouse.leaving import Parcel
from commerce.warehouse.policy import CARRIER_LENGTH_MAX, TRACKING_LENGTH_MAX
from kernel.errors import Invalid, Refusal
from kernel.uow import UnitOfWork
from web.access import requires
from web.request import current_actor, current_unit_of_work

NAV = (
    NavEntry(
        "Stock", _("Fulfilment"), "fulfilments", "truck", "inventory:read", keys="g f", rank=20
    ),
)
_TOLD = {
    "picked": _("Everything was picked. Now it is to be packed."),
    "packed": _("The parcel was closed up. Now it is to be shipped."),
    "shipped": _("The parcel has left."),
    "short": _("It is noted what was not found, and the customer's line waits for it."),
}

fulfilment_pages = portal_room("fulfilments", "fulfilments")
serve_list(fulfilment_pages, FULFILMENTS, "inventory:read")


@fulfilment_pages.get("/<fulfilment_id>")
@requires("inventory:read")
def show_fulfilment(fulfilment_id: str) -> ResponseReturnValue:
    """Show one fulfilment order, with the step that is next."""
    return _page(fulfilment_id)


@fulfilment_pages.post("/<fulfilment_id>/picking")
@requires("inventory:write")
def pick_all(fulfilment_id: str) -> ResponseReturnValue:
    """Note all that is still to pick as picked."""
    identity = FulfilmentOrderId(fulfilment_id)
    return _work(fulfilment_id, "picked", lambda uow, key: service.pick(uow, identity, key=key))


@fulfilment_pages.post("/<fulfilment_id>/shortfall")
@requires("inventory:write")
def fall_short(fulfilment_id: str) -> ResponseReturnValue:
    """Note units that were not found, and why."""
    identity = FulfilmentOrderId(fulfilment_id)
    try:
        short, named = short_pick_in(request.form)
        with current_unit_of_work() as uow:
            report_short(uow, identity, short, key=f"portal/short/{fulfilment_id}/{named}")
    except Refusal as refusal:
        form, _status = refused_form(request.form, refusal)
        return _page(fulfilment_id, None if isinstance(refusal, Invalid) else refusal, form)
    return go_to(f"{root()}/fulfilments/{fulfilment_id}", "short")


@fulfilment_pages.post("/<fulfilment_id>/packing")
@requires("inventory:write")
def pack_it(fulfilment_id: str) -> ResponseReturnValue:
    """Close the parcel up."""
    identity = FulfilmentOrderId(fulfilment_id)
    return _work(fulfilment_id, "packed", lambda uow, key: service.pack(uow, identity, key=key))


@fulfilment_pages.post("/<fulfilment_id>/shipment")
@requires("inventory:write")
def ship_it(fulfilment_id: str) -> ResponseReturnValue:
    """Let the parcel leave."""
    form = request.form
    parcel = Parcel(
        form.get("carrier", "").strip()[:CARRIER_LENGTH_MAX] or None,
        form.get("tracking", "").strip()[:TRACKING_LENGTH_MAX] or None,
    )
    identity = FulfilmentOrderId(fulfilment_id)
    return _work(
        fulfilment_id, "shipped", lambda uow, key: ship_parcel(uow, identity, parcel, key=key)
    )


def _work(
    fulfilment_id: str, told: str, verb: Callable[[UnitOfWork, str], object]
) -> ResponseReturnValue:
    # Sent twice, the form has the key of the first time, and acts once.
    key = f"portal/{told}/{fulfilment_id}/{request.form.get('version', '')[:12]}"
    try:
        with current_unit_of_work() as uow:
            verb(uow, key)
    except Refusal as refusal:
        return _page(fulfilment_id, refusal)
    return go_to(f"{root()}/fulfilments/{fulfilment_id}", told)


def _page(
    fulfilment_id: str, refusal: Refusal | None = None, form: FormState | None = None
) -> ResponseReturnValue:
    with current_unit_of_work() as uow:
        view = fulfilment_record(uow, fulfilment_id)
    body, status = record_page(
        view.record,
        Crumb(_("Fulfilment orders"), f"{root()}/fulfilments"),
        told=_TOLD,
        refusal=refusal,
        template="portal/fulfilment.html",
        view=view,
        may_work=current_actor().may(WRITE_STOCK),
        path=f"{root()}/fulfilments/{fulfilment_id}",
        form=form or FormState({"line": view.asked[0].position} if len(view.asked) == 1 else {}),
        reasons=REASONS,
    )
    return body, 422 if form is not None and refusal is None else status
