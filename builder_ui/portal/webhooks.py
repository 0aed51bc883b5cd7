"""Pages of webhooks: which endpoints there are, how each fares, and what was sent to it."""

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import current_visit, go_to
from builder_ui.portal.refused import refused_form, version_in
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.webhook_views import (
    delivery_page,
    endpoint_page,
    list_page,
    new_page,
    secret_page,
    span_of,
)
from builder_ui.shell.form_state import FormState
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.words import _
from kernel.errors import Refusal, StaleWrite
from tenants.webhooks import deliveries, endpoints
from tenants.webhooks.endpoints import Keeping, Wanted
from tenants.webhooks.signing import spelled
from web.access import requires
from web.request import current_runtime, current_unit_of_work

NAV = (
    NavEntry("Administration", _("Webhooks"), "admin/webhooks", "bell", "settings:read", rank=46),
)

webhook_pages = portal_room("webhooks", "admin/webhooks")


@webhook_pages.get("")
@requires("settings:read")
def show_all() -> ResponseReturnValue:
    """Show the endpoints, the newest first."""
    return list_page()


@webhook_pages.get("/new")
@requires("settings:write")
def show_new() -> ResponseReturnValue:
    """Ask where events are to be sent, and which."""
    return new_page(FormState())


@webhook_pages.post("")
@requires("settings:write")
def create() -> ResponseReturnValue:
    """Add an endpoint, and show its secret this once."""
    try:
        with current_unit_of_work() as uow:
            keeping = _keeping()
            endpoint = endpoints.add_endpoint(uow, keeping, _wanted())
            (key,) = endpoints.keys_of(uow, keeping.box, endpoint.id)
            identity = endpoint.id
    except Refusal as refusal:
        return new_page(*refused_form(request.form, refusal, several=("event_types",)))
    return secret_page(identity, spelled(key))


@webhook_pages.get("/<webhook_id>")
@requires("settings:read")
def show(webhook_id: str) -> ResponseReturnValue:
    """Show an endpoint, how it fares, and the newest messages to it."""
    return endpoint_page(webhook_id)


@webhook_pages.post("/<webhook_id>")
@requires("settings:write")
def change(webhook_id: str) -> ResponseReturnValue:
    """Change where events are sent, or which."""
    try:
        with current_unit_of_work() as uow:
            version = version_in(request.form)
            if version is None:
                raise StaleWrite(0)
            endpoints.change_endpoint(uow, _keeping(), webhook_id, _wanted(), version)
    except Refusal as refusal:
        return endpoint_page(
            webhook_id, *refused_form(request.form, refusal, several=("event_types",))
        )
    return _back(webhook_id, "changed")


@webhook_pages.post("/<webhook_id>/rotation")
@requires("settings:write")
def rotate(webhook_id: str) -> ResponseReturnValue:
    """Make a new secret, and show it this once; the one before signs for a day more."""
    with current_unit_of_work() as uow:
        secret = endpoints.rotate_secret(uow, current_runtime().secrets, webhook_id)
    return secret_page(webhook_id, secret)


@webhook_pages.post("/<webhook_id>/suspension")
@requires("settings:write")
def disable(webhook_id: str) -> ResponseReturnValue:
    """Send nothing more."""
    with current_unit_of_work() as uow:
        endpoints.disable(uow, webhook_id)
    return _back(webhook_id, "disabled")


@webhook_pages.post("/<webhook_id>/activation")
@requires("settings:write")
def enable(webhook_id: str) -> ResponseReturnValue:
    """Send again."""
    with current_unit_of_work() as uow:
        endpoints.enable(uow, webhook_id)
    return _back(webhook_id, "enabled")


@webhook_pages.post("/<webhook_id>/challenge")
@requires("settings:write")
def challenge(webhook_id: str) -> ResponseReturnValue:
    """Challenge an endpoint once more."""
    with current_unit_of_work() as uow:
        endpoints.challenge_again(uow, webhook_id)
    return _back(webhook_id, "challenged")


@webhook_pages.post("/<webhook_id>/test")
@requires("settings:write")
def send_test(webhook_id: str) -> ResponseReturnValue:
    """Send a message to try the endpoint out."""
    with current_unit_of_work() as uow:
        delivery_id = deliveries.send_test(uow, webhook_id).id
    return go_to(f"{root()}/admin/webhooks/{webhook_id}/deliveries/{delivery_id}", "tested")


@webhook_pages.post("/<webhook_id>/removal")
@requires("settings:write")
def remove(webhook_id: str) -> ResponseReturnValue:
    """Remove an endpoint."""
    with current_unit_of_work() as uow:
        endpoint = endpoints.one_endpoint(uow, webhook_id)
        endpoints.remove(uow, webhook_id, version_in(request.form) or endpoint.version)
    return go_to(f"{root()}/admin/webhooks", "removed")


@webhook_pages.post("/<webhook_id>/replays")
@requires("settings:write")
def replay(webhook_id: str) -> ResponseReturnValue:
    """Send again what happened in a span of days."""
    try:
        since, until = span_of(request.form, current_visit().formats.time_zone)
        with current_unit_of_work() as uow:
            sent = deliveries.replay_span(
                uow, webhook_id, since, until,
                with_taken=request.form.get("with_taken") == "yes",
            )  # fmt: skip
    except Refusal as refusal:
        form, status = refused_form(request.form, refusal)
        return endpoint_page(webhook_id, status=status, replaying=form)
    return _back(webhook_id, "replayed" if sent else "nothing-replayed")


@webhook_pages.get("/<webhook_id>/deliveries/<delivery_id>")
@requires("settings:read")
def show_delivery(webhook_id: str, delivery_id: str) -> ResponseReturnValue:
    """Show a message and each attempt to send it."""
    return delivery_page(webhook_id, delivery_id)


@webhook_pages.post("/<webhook_id>/deliveries/<delivery_id>/replay")
@requires("settings:write")
def replay_one(webhook_id: str, delivery_id: str) -> ResponseReturnValue:
    """Send one message again."""
    with current_unit_of_work() as uow:
        deliveries.replay_one(uow, webhook_id, delivery_id)
    return go_to(f"{root()}/admin/webhooks/{webhook_id}/deliveries/{delivery_id}", "again")


def _wanted() -> Wanted:
    form = request.form
    return Wanted(
        form.get("url", "").strip(),
        tuple(form.getlist("event_types")),
        form.get("description", ""),
    )


def _keeping() -> Keeping:
    runtime = current_runtime()
    return Keeping(runtime.secrets, to_loopback=runtime.config.webhooks_to_loopback)


def _back(webhook_id: str, told: str) -> ResponseReturnValue:
    return go_to(f"{root()}/admin/webhooks/{webhook_id}", told)
