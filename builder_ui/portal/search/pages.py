"""The search page, and the few closest things that the command palette asks for while typing."""

from collections.abc import Sequence

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import current_visit, page_for
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.search.catalog_kinds import CATALOG_KINDS
from builder_ui.portal.search.kinds import LENGTH_MAX, AnyKind, Asked, Hit, named, search
from builder_ui.portal.search.trade_kinds import TRADE_KINDS
from builder_ui.portal.search.work_kinds import WORK_KINDS
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from web.access import signed_in
from web.request import current_unit_of_work

SHOWN_OF_EACH = 8
SHOWN_OF_ONE = 50
QUICK_OF_EACH = 4
QUICK_MAX = 10
RECENT_MAX = 8

KINDS: tuple[AnyKind, ...] = (
    *TRADE_KINDS[:1],
    *CATALOG_KINDS,
    *TRADE_KINDS[1:],
    *WORK_KINDS,
)
_NAMES = tuple(kind.name for kind in KINDS)

search_pages = portal_room("search", "search")


@search_pages.get("")
@signed_in()
def show_found() -> ResponseReturnValue:
    """Show what was found of each kind that this person may see."""
    typed = request.args.get("q", "")
    asked = Asked.read(typed, _NAMES)
    limit = SHOWN_OF_ONE if asked.kind else SHOWN_OF_EACH
    with current_unit_of_work() as uow:
        groups = search(uow, KINDS, asked, limit=limit) if asked.text else []
    actor = current_visit().actor
    kind = next((each for each in KINDS if each.name == asked.kind), None)
    body = render_page(
        "portal/search.html",
        page_for(_("Search")),
        typed=typed[:LENGTH_MAX],
        asked=asked,
        kind=kind,
        lacking=kind.permission if kind and not actor.may(kind.permission) else None,
        groups=groups,
        count=sum(len(group.hits) for group in groups),
        kinds=[each for each in KINDS if actor.may(each.permission)],
        length_max=LENGTH_MAX,
        path=f"{root()}/search",
    )
    return body, 422 if asked.is_too_long else 200


@search_pages.get("/quick")
@signed_in()
def find_quickly() -> ResponseReturnValue:
    """Answer `?q=` with the closest few; without words, the things of `?recent=` by their ids.

    What is too long finds nothing: the palette takes no more than the page does.
    """
    asked = Asked.read(request.args.get("q", ""), _NAMES)
    recent = request.args.get("recent", "").split(",")[:RECENT_MAX]
    with current_unit_of_work() as uow:
        if asked.text:
            groups = search(uow, KINDS, asked, limit=QUICK_OF_EACH)
            ranked = [
                (closeness, place, group.kind, hit)
                for place, group in enumerate(groups)
                for closeness, hit in zip(group.closeness, group.hits, strict=True)
            ]
            ranked.sort(key=lambda each: each[:2])
            found = [(kind, hit) for _closeness, _place, kind, hit in ranked[:QUICK_MAX]]
        else:
            found = [] if asked.kind else named(uow, KINDS, recent)
    return {"found": _spelled(found)}


def _spelled(found: Sequence[tuple[AnyKind, Hit]]) -> list[dict[str, str]]:
    return [
        {
            "kind": str(kind.one),
            "title": str(hit.title),
            "note": str(hit.note),
            "href": hit.href,
            "state": str(hit.badge[0]) if hit.badge else "",
        }
        for kind, hit in found
    ]
