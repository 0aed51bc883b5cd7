"""What the pages of webhooks show, and in which words."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import page_for
from builder_ui.portal.rooms import root
from builder_ui.shell.form_state import FormState
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from kernel.access import Permission
from kernel.clock import format_instant, parse_instant
from kernel.errors import Fault, Invalid, Malformed
from tenants.webhooks import deliveries, endpoints, queries
from tenants.webhooks.event_types import CHOSEN_FROM
from tenants.webhooks.queries import EndpointView
from web.request import current_actor, current_runtime, current_unit_of_work

COLUMNS = (
    Column("url", _("Endpoint")),
    Column("state", _("State")),
    Column("succeeded_at", _("Last success")),
    Column("failing_since", _("Failing since"), on_phone=False),
    Column("next_try_at", _("Next try"), on_phone=False),
)
DELIVERY_COLUMNS = (
    Column("event_type", _("Event")),
    Column("state", _("State")),
    Column("attempts", _("Attempts"), align="end", on_phone=False),
    Column("made_at", _("Happened")),
    Column("due_at", _("Next try"), on_phone=False),
)
STATES = {
    "unproven": _("Not proven yet"),
    "enabled": _("Enabled"),
    "disabled": _("Disabled"),
}
TONES = {"unproven": "warn", "enabled": "ok", "disabled": "bad"}
REASONS = {
    "by_hand": _("Somebody disabled it."),
    "failing": _("It failed for five days."),
    "gone": _("It answered that it is gone (410)."),
}
DELIVERY_STATES = {
    "waiting": _("Waiting"),
    "taken": _("Taken"),
    "given_up": _("Given up"),
}
DELIVERY_TONES = {"waiting": "accent", "taken": "ok", "given_up": "bad"}
VERDICTS = {"taken": _("Taken"), "failed": _("Failed"), "gone": _("Gone")}
VERDICT_TONES = {"taken": "ok", "failed": "bad", "gone": "bad"}
ROWS_PER_PAGE = 50

TOLD = {
    "changed": _("Saved. A new address is challenged before it gets events."),
    "disabled": _("Nothing more is sent to this endpoint; what waits stays."),
    "enabled": _("The endpoint is on again. Replay below what it missed."),
    "challenged": _("The challenge is sent once more."),
    "tested": _("A test message is on its way."),
    "removed": _("The endpoint is removed, with its secrets."),
    "replayed": _("The messages are on their way again, under the ids they had."),
    "nothing-replayed": _("Nothing happened on these days that the endpoint did not take."),
    "again": _("The message is on its way again, under the same id."),
}


def list_page() -> ResponseReturnValue:
    """Show the endpoints, the newest first."""
    listing = Listing.read(request.path, request.args, sorts=("-created_at",))
    cursors, asked = current_runtime().cursors, {"list": "webhooks"}
    with current_unit_of_work() as uow:
        after = cursors.read(uow.tenant_id, asked, listing.cursor) if listing.cursor else None
        rows, following = queries.list_endpoints(uow, after=after, limit=ROWS_PER_PAGE)
        cursor = cursors.write(uow.tenant_id, asked, following) if following else None
        is_sandbox = queries.sends_nothing(uow)
    return render_page(
        "portal/webhooks.html",
        page_for(_("Webhooks"), told=TOLD),
        listing=listing,
        columns=COLUMNS,
        rows=rows,
        states=STATES,
        tones=TONES,
        shown=_("%(rows)s endpoints", rows=len(rows)) if len(rows) != 1 else _("1 endpoint"),
        next_href=listing.page_href(cursor) if cursor else None,
        is_sandbox=is_sandbox,
        may_write=_may_write(),
        here=_here(),
    )


def new_page(form: FormState, status: int = 200) -> ResponseReturnValue:
    """Ask where events are to be sent, and which."""
    with current_unit_of_work() as uow:
        is_sandbox = queries.sends_nothing(uow)
    body = render_page(
        "portal/webhook_new.html",
        page_for(_("New webhook"), _crumb()),
        form=form,
        event_types=list(CHOSEN_FROM),
        is_sandbox=is_sandbox,
        here=_here(),
    )
    return body, status


def secret_page(webhook_id: str, secret: str) -> ResponseReturnValue:
    """Show a secret: no redirect, because it would have to carry it."""
    body = render_page(
        "portal/webhook_secret.html",
        page_for(_("The signing secret, this once"), _crumb()),
        secret=secret,
        back=f"{_here()}/{webhook_id}",
    )
    return body, 201


def endpoint_page(
    webhook_id: str,
    form: FormState | None = None,
    status: int = 200,
    *,
    replaying: FormState | None = None,
) -> ResponseReturnValue:
    """Show an endpoint, how it fares, and the messages to it, the newest first."""
    listing = Listing.read(request.path, request.args, sorts=("-made_at",))
    cursors, asked = current_runtime().cursors, {"list": "deliveries", "of": webhook_id}
    with current_unit_of_work() as uow:
        endpoint = queries.endpoint_view(uow, webhook_id)
        place = cursors.read(uow.tenant_id, asked, listing.cursor) if listing.cursor else None
        rows = queries.list_deliveries(uow, webhook_id, after=_behind(place), limit=ROWS_PER_PAGE)
        challenges = queries.challenges_of(uow, webhook_id)
        is_sandbox = queries.sends_nothing(uow)
        shown = rows[:ROWS_PER_PAGE]
        cursor = None
        if len(rows) > ROWS_PER_PAGE:
            last = [format_instant(shown[-1].made_at), shown[-1].id]
            cursor = cursors.write(uow.tenant_id, asked, last)
    body = render_page(
        "portal/webhook.html",
        page_for(endpoint.description or _("Webhook"), _crumb(), told=TOLD),
        endpoint=endpoint,
        form=form or _filled(endpoint),
        replaying=replaying or FormState(),
        event_types=list(CHOSEN_FROM),
        listing=listing,
        columns=DELIVERY_COLUMNS,
        rows=shown,
        next_href=listing.page_href(cursor) if cursor else None,
        challenges=challenges,
        states=STATES,
        tones=TONES,
        reasons=REASONS,
        delivery_states=DELIVERY_STATES,
        delivery_tones=DELIVERY_TONES,
        verdicts=VERDICTS,
        verdict_tones=VERDICT_TONES,
        is_sandbox=is_sandbox,
        may_write=_may_write(),
        may_audit=current_actor().may(Permission("audit:read")),
        action=f"{_here()}/{webhook_id}",
        root=root(),
    )
    return body, status


def delivery_page(webhook_id: str, delivery_id: str) -> ResponseReturnValue:
    """Show a message and each attempt to send it, the newest first."""
    with current_unit_of_work() as uow:
        endpoint = queries.endpoint_view(uow, webhook_id)
        delivery = deliveries.one_delivery(uow, webhook_id, delivery_id)
        attempts = queries.attempts_of(uow, delivery_id)
    above = Crumb(endpoint.description or _("Webhook"), f"{_here()}/{webhook_id}")
    return render_page(
        "portal/webhook_delivery.html",
        page_for(_("Message"), _crumb(), above, told=TOLD),
        endpoint=endpoint,
        delivery=delivery,
        attempts=attempts,
        states=DELIVERY_STATES,
        tones=DELIVERY_TONES,
        verdicts=VERDICTS,
        verdict_tones=VERDICT_TONES,
        may_write=_may_write() and endpoint.state == "enabled",
        action=f"{_here()}/{webhook_id}/deliveries/{delivery_id}",
    )


def span_of(form: Mapping[str, str], time_zone: str) -> tuple[datetime, datetime]:
    """Return when the first day of a form begins and its last one ends, on a person's clock."""
    faults, days = [], []
    for name in ("since", "until"):
        try:
            days.append(date.fromisoformat(form.get(name, "")))
        except ValueError:
            faults.append(Fault(f"/{name}", "webhook.replay_day", _("Choose a day.")))
    if faults:
        raise Invalid(tuple(faults))
    zone = ZoneInfo(time_zone)
    try:
        behind = days[1] + timedelta(days=1)
    except OverflowError as error:
        fault = Fault("/until", "webhook.replay_day", _("Choose a day."))
        raise Invalid((fault,)) from error
    return datetime.combine(days[0], time(), zone), datetime.combine(behind, time(), zone)


def _behind(place: list[object] | None) -> tuple[datetime, str] | None:
    if place is None:
        return None
    if len(place) != 2:
        raise Malformed
    return parse_instant(str(place[0])), str(place[1])


def _filled(endpoint: EndpointView) -> FormState:
    return FormState(
        {
            "url": endpoint.url,
            "description": endpoint.description,
            "event_types": endpoint.event_types,
            "version": endpoint.version,
        }
    )


def _here() -> str:
    return f"{root()}/admin/webhooks"


def _crumb() -> Crumb:
    return Crumb(_("Webhooks"), _here())


def _may_write() -> bool:
    return current_actor().may(endpoints.MAY_ADMINISTER)
