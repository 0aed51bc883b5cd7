"""Pages of the audit trail: of the tenant, of one object, and one entry with before and after."""

import json
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import current_visit, page_for
from builder_ui.portal.rooms import portal_room, root
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from kernel.uow import UnitOfWork
from tenants.audit_trail import TrailEntry, TrailQuery, read_trail, trail_entry
from web.access import requires
from web.request import current_runtime, unit_of_work_as

NAV = (NavEntry("Administration", "Audit trail", "audit", "history", "audit:read", rank=50),)

COLUMNS = (
    Column("at", "When"),
    Column("action", "What, by whom"),
    Column("subject", "Of what", on_phone=False),
    Column("outcome", "Outcome"),
)
OUTCOMES = (("done", "Done"), ("denied", "Denied"), ("failed", "Failed"))
TONES = {"done": "ok", "denied": "bad", "failed": "warn"}
ROWS_PER_PAGE = 50
_FILTERS = ("actor", "subject", "action", "outcome")

audit_pages = portal_room("audit", "audit")


@audit_pages.get("")
@requires("audit:read")
def list_entries() -> ResponseReturnValue:
    """Show entries, the newest first, narrowed by the address."""
    listing = Listing.read(request.path, request.args, sorts=("-at",), filters=_FILTERS)
    query = _query(listing)
    cursors, asked = current_runtime().cursors, {"list": "audit", **vars(query)}
    with _reading() as uow:
        before = cursors.read(uow.tenant_id, asked, listing.cursor)[0] if listing.cursor else None
        rows, following = read_trail(uow, query, before=before, limit=ROWS_PER_PAGE)
        cursor = cursors.write(uow.tenant_id, asked, [following]) if following else None
    return render_page(
        "portal/audit.html",
        page_for("Audit trail"),
        listing=listing,
        columns=COLUMNS,
        rows=rows,
        outcomes=OUTCOMES,
        tones=TONES,
        shown=f"{len(rows)} {'entry' if len(rows) == 1 else 'entries'}"
        + (", older ones follow" if following else ""),
        next_href=listing.page_href(cursor),
        root=root(),
    )


@audit_pages.get("/<entry_id>")
@requires("audit:read")
def show_entry(entry_id: str) -> ResponseReturnValue:
    """Show one entry: who, on what evidence, why, and each row before and after."""
    with _reading() as uow:
        entry = trail_entry(uow, entry_id)
    return render_page(
        "portal/audit_entry.html",
        page_for(entry.action, Crumb("Audit trail", f"{root()}/audit")),
        entry=entry,
        facts=_facts(entry),
        changes=[
            (
                f"{change.table.replace('_', ' ')} {change.key}",
                change.is_deleted,
                [(name, _words(before), _words(after)) for name, before, after in change.fields],
            )
            for change in entry.changes
        ],
        tones=TONES,
        outcomes=dict(OUTCOMES),
        subject_href=f"{root()}/audit?subject={entry.subject_kind}/{entry.subject_id}",
        actor_href=f"{root()}/audit?actor={entry.actor_id}",
        root=root(),
    )


def _reading() -> UnitOfWork:
    """Reading the log is written to it, which a suspended tenant's people may still cause."""
    visit = current_visit()
    return unit_of_work_as(visit.tenant_id, visit.actor, standing="any")


def _query(listing: Listing) -> TrailQuery:
    kind, _slash, subject_id = listing.filters.get("subject", "").partition("/")
    return TrailQuery(
        actor_id=listing.filters.get("actor", "")[:80],
        subject_kind=kind[:40],
        subject_id=subject_id[:80],
        action=(listing.filters.get("action") or listing.q)[:80],
        outcome=listing.filters.get("outcome", "")[:10],
    )


def _facts(entry: TrailEntry) -> list[tuple[str, str | None]]:
    pairs: list[tuple[str, str | None]] = [
        ("Reason", entry.reason),
        ("Authority", entry.authority),
        ("On behalf of", entry.on_behalf_of),
        ("Request", entry.request_id),
    ]
    pairs += [(name.capitalize(), _words(value)) for name, value in entry.evidence.items()]
    pairs += [(name, _words(value)) for name, value in entry.facts.items()]
    return [(name, value) for name, value in pairs if value is not None]


def _words(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
