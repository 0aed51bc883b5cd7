"""The list of the audit trail: what it shows of each entry, and by what it is narrowed."""

from collections.abc import Mapping, Sequence

from builder_ui.portal.days import beginning_of, end_of
from builder_ui.portal.framing import current_visit
from builder_ui.portal.lists import Choice, Day, Kept, ListKind, ShownRow
from builder_ui.portal.names import Names
from builder_ui.portal.rooms import root
from builder_ui.portal.wording import Words, choices, spoken
from builder_ui.shell import cells
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.words import _
from commerce.keyset import PageWish, Slice
from kernel.uow import UnitOfWork
from tenants.audit_trail import TrailEntry, TrailQuery, read_trail
from web.request import unit_of_work_as

OUTCOMES: Words = {
    "done": (_("Done"), "ok"),
    "denied": (_("Denied"), "bad"),
    "failed": (_("Failed"), "warn"),
}


def reading_the_trail() -> UnitOfWork:
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
        since=beginning_of(listing.filters.get("from")),
        until=end_of(listing.filters.get("until")),
    )


def _fetch(uow: UnitOfWork, wish: PageWish, listing: Listing) -> Slice[TrailEntry]:
    beyond = str(wish.after[0]) if wish.after else None
    found, following = read_trail(
        uow, _query(listing), beyond=beyond, limit=wish.limit, oldest_first=not wish.descending
    )
    return Slice(found, (following,) if following else None)


def _shown(_uow: UnitOfWork, found: Sequence[TrailEntry]) -> list[ShownRow]:
    listing = TRAIL.listing()
    return [
        ShownRow(
            entry.id,
            entry.action,
            f"{root()}/audit/{entry.id}",
            {
                "at": cells.moment(entry.at),
                "action": cells.text(entry.action, href=listing.href(action=entry.action)),
                "actor": cells.text(entry.actor_name, href=listing.href(actor=entry.actor_id)),
                "kind": cells.text(spoken(entry.subject_kind)),
                "subject": cells.code(
                    entry.subject_id,
                    href=listing.href(subject=f"{entry.subject_kind}/{entry.subject_id}"),
                ),
                "outcome": cells.badge(OUTCOMES[entry.outcome]),
                "reason": cells.text(entry.reason),
                "authority": cells.text(entry.authority),
            },
        )
        for entry in found
    ]


def _actor_words(uow: UnitOfWork, listing: Listing) -> Mapping[str, str]:
    actor_id = listing.filters.get("actor")
    return {actor_id: Names(uow).of(actor_id)} if actor_id else {}


TRAIL = ListKind(
    path="audit",
    title=_("Audit trail"),
    one=_("entry"),
    many=_("entries"),
    columns=(
        Column("at", _("When"), sortable=True),
        Column("action", _("What")),
        Column("actor", _("By whom"), on_phone=False),
        Column("kind", _("Of what"), on_phone=False),
        Column("subject", _("Its id"), on_phone=False),
        Column("outcome", _("Outcome")),
        Column("reason", _("Reason"), on_phone=False, at_first=False),
        Column("authority", _("Authority"), on_phone=False, at_first=False),
    ),
    sorts=("-at", "at"),
    fetch=_fetch,
    place_of=lambda entry, _sort: [entry.id],
    shown=_shown,
    empty=(_("No entries yet"), _("Whatever anybody changes is written here."), "history"),
    search=_("Search by action, such as members."),
    choices=(Choice("outcome", _("Outcome"), lambda _uow: choices(OUTCOMES)),),
    days=(Day("from", _("From")), Day("until", _("Until"))),
    kept=(
        Kept("actor", _("Who"), _actor_words),
        Kept("subject", _("Of what")),
        Kept("action", _("What")),
    ),
    reading=reading_the_trail,
)
