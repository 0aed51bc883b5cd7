"""The catalog's blueprint: every address, who may call it, and its places in the navigation."""

import re
from typing import Any

from builder_ui.portal.catalog import import_pages, offers
from builder_ui.portal.catalog.channel_pages import CHANNELS
from builder_ui.portal.catalog.forms import create_view, edit_view
from builder_ui.portal.catalog.listing_pages import LISTINGS
from builder_ui.portal.catalog.lists import list_kind, list_view, suggestions_view
from builder_ui.portal.catalog.node_pages import NODES
from builder_ui.portal.catalog.objects import object_view, retirement_view
from builder_ui.portal.catalog.product_pages import PRODUCTS
from builder_ui.portal.catalog.sku_pages import SKUS
from builder_ui.portal.catalog.supplier_pages import SUPPLIERS
from builder_ui.portal.catalog.terms_pages import TERMS
from builder_ui.portal.catalog.things import Thing
from builder_ui.portal.lists import serve_list
from builder_ui.portal.rooms import portal_room
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.words import _
from commerce.catalog.access import READ, WRITE
from commerce.catalog.imports.csv_text import BYTES_MAX
from web.access import accepts_body, requires

THINGS = (PRODUCTS, SKUS, SUPPLIERS, NODES, CHANNELS)
OFFERS = (LISTINGS, TERMS)

NAV = (
    NavEntry("Catalog", _("Products"), "catalog/products", "tag", READ, keys="g p", rank=10),
    NavEntry("Catalog", _("SKUs"), "catalog/skus", "box", READ, rank=20),
    NavEntry("Catalog", _("Channels"), "catalog/channels", "store", READ, rank=30),
    NavEntry("Catalog", _("Nodes"), "catalog/nodes", "shelves", READ, rank=40),
    NavEntry("Catalog", _("Imports"), "catalog/imports", "upload", READ, rank=50),
    NavEntry("Buy", _("Suppliers"), "catalog/suppliers", "truck", READ, keys="g s", rank=50),
)

# A multipart body says a little more than the file it carries.
UPLOAD_BYTES_MAX = BYTES_MAX + 64 * 1024

catalog = portal_room("catalog", "catalog")


def _serve(rule: str, view: Any, permission: str, *methods: str) -> None:
    marked = requires(permission)(view)
    name = re.sub(r"\W+", "_", rule).strip("_")
    catalog.add_url_rule(rule, name, marked, methods=list(methods) or ["GET"])


def _serve_thing(thing: Thing) -> None:
    here = f"/{thing.path}"
    kind = list_kind(thing)
    serve_list(catalog, kind, READ, show=list_view(thing, kind), at=here)
    _serve(f"{here}/new", create_view(thing), WRITE, "GET", "POST")
    _serve(f"{here}/<identity>", object_view(thing), READ)
    _serve(f"{here}/<identity>/edit", edit_view(thing), WRITE, "GET", "POST")
    _serve(f"{here}/<identity>/retirement", retirement_view(thing, back=False), WRITE, "POST")
    _serve(f"{here}/<identity>/reinstatement", retirement_view(thing, back=True), WRITE, "POST")


def _serve_offer(offer: offers.Offer) -> None:
    one = f"/{offer.path}/<identity>"
    _serve(f"/{offer.path}/new", offers.new_view(offer), WRITE, "GET", "POST")
    _serve(one, offers.edit_view(offer), WRITE, "GET", "POST")
    _serve(f"{one}/retirement", offers.retirement_view(offer, back=False), WRITE, "POST")
    _serve(f"{one}/reinstatement", offers.retirement_view(offer, back=True), WRITE, "POST")


def _serve_imports() -> None:
    one = "/imports/<identity>"
    _serve("/imports", import_pages.show_runs, READ)
    upload = accepts_body(bytes_max=UPLOAD_BYTES_MAX)(import_pages.upload)
    _serve("/imports/new", upload, WRITE, "GET", "POST")
    _serve(one, import_pages.show_run, READ)
    _serve(f"{one}/check", import_pages.check, WRITE, "POST")
    _serve(f"{one}/acceptance", import_pages.accept, WRITE, "POST")
    _serve(f"{one}/cancellation", import_pages.cancel, WRITE, "POST")
    _serve(f"{one}/undoing", import_pages.undo, WRITE, "POST")
    _serve(f"{one}/rows-with-faults.csv", import_pages.download_bad_rows, READ)


for each in THINGS:
    _serve_thing(each)
for between in OFFERS:
    _serve_offer(between)
_serve_imports()
_serve("/suggestions/<path>", suggestions_view({each.path: each for each in THINGS}), READ)
