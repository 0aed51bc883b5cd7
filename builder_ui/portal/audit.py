"""Pages of the audit trail: of the tenant, of one object, and one entry with before and after."""

import json
from typing import Any

from flask.typing import ResponseReturnValue

from builder_ui.portal.audit_list import OUTCOMES, TRAIL, reading_the_trail
from builder_ui.portal.framing import page_for
from builder_ui.portal.lists import serve_list
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.wording import spoken
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from tenants.audit_trail import TrailEntry, trail_entry
from web.access import requires

NAV = (NavEntry("Administration", _("Audit trail"), "audit", "history", "audit:read", rank=50),)

audit_pages = portal_room("audit", "audit")

serve_list(audit_pages, TRAIL, "audit:read")


@audit_pages.get("/<entry_id>")
@requires("audit:read")
def show_entry(entry_id: str) -> ResponseReturnValue:
    """Show one entry: who, on what evidence, why, and each row before and after."""
    with reading_the_trail() as uow:
        entry = trail_entry(uow, entry_id)
    return render_page(
        "portal/audit_entry.html",
        page_for(entry.action, Crumb(_("Audit trail"), f"{root()}/audit")),
        entry=entry,
        facts=_facts(entry),
        changes=[
            (
                f"{spoken(change.table).lower()} {change.key}",
                change.is_deleted,
                [(name, _words(before), _words(after)) for name, before, after in change.fields],
            )
            for change in entry.changes
        ],
        outcome=OUTCOMES[entry.outcome],
        about=f"{spoken(entry.subject_kind).lower()} {entry.subject_id}",
        subject_href=f"{root()}/audit?subject={entry.subject_kind}/{entry.subject_id}",
        actor_href=f"{root()}/audit?actor={entry.actor_id}",
        root=root(),
    )


def _facts(entry: TrailEntry) -> list[tuple[str, str | None]]:
    pairs: list[tuple[str, str | None]] = [
        (_("Reason"), entry.reason),
        (_("Authority"), entry.authority),
        (_("On behalf of"), entry.on_behalf_of),
        (_("Request"), entry.request_id),
    ]
    pairs += [(spoken(name), _words(value)) for name, value in entry.evidence.items()]
    pairs += [(name, _words(value)) for name, value in entry.facts.items()]
    return [(name, value) for name, value in pairs if value is not None]


def _words(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
