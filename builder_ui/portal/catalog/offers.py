"""Forms of what hangs between two things: an offer in a channel, a supplier's terms for a SKU."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from builder_ui.portal.catalog.forms import by_name, saved, version_in
from builder_ui.portal.catalog.things import FormField
from builder_ui.portal.framing import page_for
from builder_ui.portal.rooms import root as tenant_root
from builder_ui.shell.form_state import FormState
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from commerce.catalog import queries
from commerce.catalog.tables import Sku
from kernel.uow import UnitOfWork
from web.request import current_unit_of_work

Form = MultiDict[str, str]


@dataclass(frozen=True)
class Offer:
    """A kind of thing between a SKU and something else; its page is its form."""

    kind: str
    path: str
    add: str
    change_title: str
    retire_words: str
    reinstate_words: str
    table: type[Any]
    fields: Callable[[UnitOfWork, str, bool], Sequence[FormField]]
    values: Callable[[Any], dict[str, object]]
    facts: Callable[[UnitOfWork, Any], Sequence[tuple[str, str]]]
    create: Callable[[UnitOfWork, Form], Any]
    change: Callable[[UnitOfWork, str, Form, int | None], Any]
    retire: Callable[..., Any]
    reinstate: Callable[..., Any]


def new_view(offer: Offer) -> Callable[[], ResponseReturnValue]:
    """Return the view of `…/<path>/new`."""

    def view() -> ResponseReturnValue:
        root = tenant_root()
        form, status = FormState(dict(request.args)), 200
        if request.method == "POST":
            refused = saved(
                lambda uow: offer.create(uow, request.form).sku_id,
                lambda sku_id: f"{root}/catalog/skus/{sku_id}?told=created",
            )
            if not isinstance(refused, FormState):
                return refused
            form, status = refused, 422
        with current_unit_of_work() as uow:
            fields = offer.fields(uow, root, True)
        form = by_name(form, fields)
        page = page_for(offer.add, Crumb(_("SKUs"), f"{root}/catalog/skus"))
        return render_page(
            "portal/catalog/form.html",
            page,
            form=form,
            fields=fields,
            action=f"{root}/catalog/{offer.path}/new",
            back=f"{root}/catalog/skus",
            submit=_("Add"),
        ), status

    return view


def edit_view(offer: Offer) -> Callable[[str], ResponseReturnValue]:
    """Return the view of `…/<path>/<id>`: its form, and the button that ends it."""

    def view(identity: str) -> ResponseReturnValue:
        if request.method == "GET":
            return _shown(offer, identity, None)
        root = tenant_root()
        refused = saved(
            lambda uow: (
                offer.change(
                    uow, identity, request.form, version_in(request.form.get("version", ""))
                ).sku_id
            ),
            lambda sku_id: f"{root}/catalog/skus/{sku_id}?told=changed",
        )
        if not isinstance(refused, FormState):
            return refused
        return _shown(offer, identity, refused), 422

    return view


def retirement_view(offer: Offer, *, back: bool) -> Callable[[str], ResponseReturnValue]:
    """Return the view that ends an offer, or with `back` takes it up again."""
    verb, word = (offer.reinstate, "reinstated") if back else (offer.retire, "retired")

    def view(identity: str) -> ResponseReturnValue:
        with current_unit_of_work() as uow:
            sku_id = verb(uow, identity).sku_id
        return redirect(f"{tenant_root()}/catalog/skus/{sku_id}?told={word}", 303)

    return view


def _shown(offer: Offer, identity: str, refused: FormState | None) -> str:
    root = tenant_root()
    with current_unit_of_work() as uow:
        row = queries.one(uow, offer.table, identity)
        sku = queries.one(uow, Sku, row.sku_id)
        fields, facts = offer.fields(uow, root, False), offer.facts(uow, row)
        values = offer.values(row) if refused is None else refused.values
        faults = {} if refused is None else refused.faults
        form = FormState({**values, "version": row.version}, faults, refused is not None)
        form = by_name(form, fields)
    home = f"{root}/catalog/skus/{sku.id}"
    return render_page(
        "portal/catalog/offer.html",
        page_for(
            offer.change_title,
            Crumb(_("SKUs"), f"{root}/catalog/skus"),
            Crumb(sku.code, home),
        ),
        offer=offer,
        row=row,
        form=form,
        fields=fields,
        facts=facts,
        here=f"{root}/catalog/{offer.path}/{identity}",
        back=home,
    )
