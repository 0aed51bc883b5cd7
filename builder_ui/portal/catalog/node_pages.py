"""Nodes: how their pages read, and how coordinates are written."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from werkzeug.datastructures import MultiDict

from builder_ui.portal.catalog.forms import FieldRefused
from builder_ui.portal.catalog.things import FormField, ListWish, Related, Thing, Words
from builder_ui.shell import cells
from builder_ui.shell.listing import Column
from builder_ui.shell.words import _
from commerce.catalog import queries, service
from commerce.catalog.contents import NodeContent
from commerce.catalog.network_tables import Node
from commerce.keyset import Slice
from kernel.uow import UnitOfWork

KINDS = (("warehouse", _("Warehouse")), ("store", _("Store")))
TYPES = (("ship", _("Ships orders")), ("collect", _("Hands orders over to customers")))


def _fields(uow: UnitOfWork, root: str) -> Sequence[FormField]:
    del uow, root
    return (
        FormField("code", _("Code"), hint=_("Yours alone, such as BERLIN.")),
        FormField("name", _("Name")),
        FormField("kind", _("Kind"), "choice", options=KINDS),
        FormField("country", _("Country"), hint=_("Two letters, such as DE.")),
        FormField("city", _("City"), is_required=False),
        FormField("postal_code", _("Postal code"), is_required=False),
        FormField("latitude", _("Latitude"), "decimal", _("Degrees north, such as 52.520008.")),
        FormField("longitude", _("Longitude"), "decimal", _("Degrees east, such as 13.404954.")),
        FormField(
            "fulfilment_types",
            _("What it does for orders"),
            "checks",
            _("A node that does neither only holds stock."),
            is_required=False,
            options=TYPES,
        ),
    )


def _values(uow: UnitOfWork, node: Node) -> dict[str, object]:
    del uow
    return {
        "code": node.code,
        "name": node.name,
        "kind": node.kind,
        "country": node.country,
        "city": node.city,
        "postal_code": node.postal_code,
        "latitude": f"{node.latitude:f}",
        "longitude": f"{node.longitude:f}",
        "fulfilment_types": tuple(node.fulfilment_types),
    }


def _read(uow: UnitOfWork, form: MultiDict[str, str]) -> NodeContent:
    del uow
    return NodeContent(
        code=form.get("code", "").strip(),
        name=form.get("name", "").strip(),
        kind=form.get("kind", ""),
        country=form.get("country", "").strip().upper(),
        latitude=_degrees(form, "latitude"),
        longitude=_degrees(form, "longitude"),
        city=form.get("city", "").strip() or None,
        postal_code=form.get("postal_code", "").strip() or None,
        fulfilment_types=tuple(form.getlist("fulfilment_types")),
    )


def _degrees(form: MultiDict[str, str], name: str) -> Decimal:
    try:
        return Decimal(form.get(name, "").strip()[:40].replace(",", "."))
    except InvalidOperation as error:
        raise FieldRefused({name: _("Write degrees in figures, such as 52.520008.")}) from error


def _listed(uow: UnitOfWork, wish: ListWish) -> Slice[Node]:
    kind = wish.filters.get("kind")
    return queries.nodes(uow, wish.page, wish.only, order=wish.order, kind=kind)


def _facts(uow: UnitOfWork, node: Node, root: str) -> Sequence[tuple[str, str]]:
    del uow, root
    types = [str(words) for name, words in TYPES if name in node.fulfilment_types]
    return (
        (_("Code"), node.code),
        (_("Kind"), dict(KINDS)[node.kind]),
        (_("Place"), " ".join(filter(None, (node.postal_code, node.city, node.country)))),
        (_("Coordinates"), f"{node.latitude:f}, {node.longitude:f}"),
        (_("For orders"), ", ".join(types) or _("Only holds stock")),
    )


def _related(uow: UnitOfWork, node: Node, root: str) -> Sequence[Related]:
    del uow, node, root
    return ()


NODES = Thing(
    kind="node",
    path="nodes",
    words=Words(
        _("node"),
        _("nodes"),
        _("Nodes"),
        "shelves",
        _("Nodes are the places that hold stock: warehouses and stores."),
        retire=_("Close"),
        retire_question=_("Close {code}? Nothing more is promised from it; its stock stays there."),
        reinstate=_("Open again"),
    ),
    table=Node,
    columns=(Column("kind", _("Kind")), Column("place", _("Place"), on_phone=False)),
    cells=lambda node: (
        cells.text(dict(KINDS)[node.kind]),
        cells.text(" ".join(filter(None, (node.city, node.country)))),
    ),
    fields=_fields,
    values=_values,
    read=_read,
    listed=_listed,
    facts=_facts,
    related=_related,
    create=service.create_node,
    change=service.change_node,
    retire=service.retire_node,
    reinstate=service.reinstate_node,
    filters=(("kind", _("Kind"), KINDS),),
)
