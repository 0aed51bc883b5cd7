"""The verbs of endpoints: add, change, switch off and on, remove, rotate the secret, try out.

Who adds one is told of every kind of event that they choose, so they must be allowed to read all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import func, select, update

from kernel.access import Permission
from kernel.audit import Subject
from kernel.errors import Conflict, Fault, Invalid, NotFound, StaleWrite
from kernel.exceptions import raise_exception
from kernel.quotas import Quota, admit, counted, declare
from kernel.secrets import SecretBox
from kernel.uow import UnitOfWork
from tenants.webhooks import signing
from tenants.webhooks.event_types import CHOSEN_FROM
from tenants.webhooks.events import WebhookDisabled, WebhookEnabled
from tenants.webhooks.tables import WebhookEndpoint, WebhookSecret
from tenants.webhooks.urls import UrlRefused, target_of

MAY_ADMINISTER = Permission("settings:write")
MAY_READ_EVENTS = Permission("events:read")
DESCRIPTION_LENGTH_MAX = 200


def _count(uow: UnitOfWork, up_to: int) -> int:
    living = select(WebhookEndpoint.id).where(WebhookEndpoint.state != "removed")
    return counted(uow, living, up_to)


ENDPOINTS = declare(Quota("webhooks", "webhook endpoints", 20, "Remove one first.", _count))
RATE = declare(
    Quota("webhook_messages", "webhook messages a minute", 600, "They are sent a little later.")
)


@dataclass(eq=False)
class EndpointDisabled(Conflict):
    """This endpoint is switched off: enable it first."""

    code: ClassVar[str] = "webhook.disabled"


@dataclass(eq=False)
class EndpointUnproven(Conflict):
    """This endpoint has not answered its challenge yet, so nothing is sent to it."""

    code: ClassVar[str] = "webhook.unproven"


@dataclass(frozen=True)
class Wanted:
    """What somebody wants an endpoint to be."""

    url: str
    event_types: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True)
class Keeping:
    """What the installation gives to verbs: the box for secrets, and whether loopback is open."""

    box: SecretBox
    to_loopback: bool = False


def add_endpoint(uow: UnitOfWork, keeping: Keeping, wanted: Wanted) -> WebhookEndpoint:
    """Add an endpoint with its first secret; a challenge is sent to it, and events once it answers.

    Raises Invalid and QuotaReached.
    """
    uow.actor.must(MAY_ADMINISTER)
    uow.actor.must(MAY_READ_EVENTS)
    _insist(wanted, to_loopback=keeping.to_loopback)
    admit(uow, ENDPOINTS)
    endpoint = WebhookEndpoint(
        tenant_id=uow.tenant_id,
        id=uow.new_id("whe"),
        url=wanted.url,
        description=wanted.description.strip(),
        event_types=sorted(set(wanted.event_types)),
        state="unproven",
        created_at=uow.real_now,
        has_work=True,
        attempts=0,
        fence=0,
    )
    uow.session.add(endpoint)
    uow.session.flush()
    _add_secret(uow, keeping.box, endpoint.id)
    uow.wake_workers()
    facts = {"url": endpoint.url, "event_types": endpoint.event_types}
    uow.record("webhook.add", subject_of(endpoint), facts=facts)
    return endpoint


def change_endpoint(
    uow: UnitOfWork, keeping: Keeping, endpoint_id: str, wanted: Wanted, expected_version: int
) -> WebhookEndpoint:
    """Change an endpoint; with another URL it must prove itself again. Raises StaleWrite."""
    uow.actor.must(MAY_ADMINISTER)
    uow.actor.must(MAY_READ_EVENTS)
    endpoint = locked(uow, endpoint_id)
    _insist_version(endpoint, expected_version)
    _insist(wanted, to_loopback=keeping.to_loopback)
    if endpoint.url != wanted.url:
        endpoint.url, endpoint.proven_at = wanted.url, None
        if endpoint.state == "enabled":
            endpoint.state = "unproven"
    endpoint.description = wanted.description.strip()
    endpoint.event_types = sorted(set(wanted.event_types))
    start_afresh(uow, endpoint)
    uow.record("webhook.change", subject_of(endpoint))
    return endpoint


def disable(uow: UnitOfWork, endpoint_id: str) -> WebhookEndpoint:
    """Send nothing more; what waits stays. Repeating it changes nothing."""
    uow.actor.must(MAY_ADMINISTER)
    endpoint = locked(uow, endpoint_id)
    if endpoint.state != "disabled":
        endpoint.state, endpoint.disabled_because = "disabled", "by_hand"
        uow.emit(WebhookDisabled(endpoint.id, "by_hand"))
        uow.record("webhook.disable", subject_of(endpoint))
    return endpoint


def enable(uow: UnitOfWork, endpoint_id: str) -> WebhookEndpoint:
    """Send again, first what waits; an endpoint that never proved itself is challenged first."""
    uow.actor.must(MAY_ADMINISTER)
    endpoint = locked(uow, endpoint_id)
    if endpoint.state == "disabled":
        endpoint.disabled_because = None
        endpoint.state = "enabled" if endpoint.proven_at is not None else "unproven"
        start_afresh(uow, endpoint)
        if endpoint.state == "enabled":
            uow.emit(WebhookEnabled(endpoint.id))
        uow.record("webhook.enable", subject_of(endpoint))
    return endpoint


def challenge_again(uow: UnitOfWork, endpoint_id: str) -> WebhookEndpoint:
    """Send the challenge once more, at once, to an endpoint that has not proved itself."""
    uow.actor.must(MAY_ADMINISTER)
    endpoint = locked(uow, endpoint_id)
    if endpoint.state == "disabled":
        raise EndpointDisabled
    if endpoint.state == "unproven":
        start_afresh(uow, endpoint)
        uow.record("webhook.challenge", subject_of(endpoint))
    return endpoint


def remove(uow: UnitOfWork, endpoint_id: str, expected_version: int) -> None:
    """Take an endpoint away with its secrets; what was sent stays in the audit trail."""
    uow.actor.must(MAY_ADMINISTER)
    endpoint = locked(uow, endpoint_id)
    _insist_version(endpoint, expected_version)
    endpoint.state, endpoint.disabled_because = "removed", None
    for secret in _secrets(uow, endpoint.id):
        uow.session.delete(secret)
    uow.record("webhook.remove", subject_of(endpoint))


def rotate_secret(uow: UnitOfWork, box: SecretBox, endpoint_id: str) -> str:
    """Give an endpoint a new secret and return it; the one before signs beside it for 24 hours.

    Where two sign already, the older ends now.
    """
    uow.actor.must(MAY_ADMINISTER)
    endpoint = locked(uow, endpoint_id)
    for secret in _secrets(uow, endpoint.id):
        is_replaced = secret.ends_at is not None
        if is_replaced:
            uow.session.delete(secret)
        else:
            secret.ends_at = uow.real_now + signing.ROTATION
    told = _add_secret(uow, box, endpoint.id)
    uow.record("webhook.rotate_secret", subject_of(endpoint))
    return told


def read_secrets(uow: UnitOfWork, box: SecretBox, endpoint_id: str) -> list[str]:
    """Return the secrets that sign now, the newest first, and write down that they were read."""
    uow.actor.must(MAY_ADMINISTER)
    endpoint = one_endpoint(uow, endpoint_id)
    told = [signing.spelled(each) for each in keys_of(uow, box, endpoint_id)]
    uow.record("webhook.read_secrets", subject_of(endpoint))
    return told


def keys_of(uow: UnitOfWork, box: SecretBox, endpoint_id: str) -> list[bytes]:
    """Return the secrets that sign at this moment, the newest first."""
    return [
        box.open(each.sealed, _place(uow, each.id))
        for each in _secrets(uow, endpoint_id)
        if each.ends_at is None or each.ends_at > uow.real_now
    ]


def switch_off(uow: UnitOfWork, endpoint: WebhookEndpoint, because: str) -> None:
    """Disable an endpoint that wants no more or fails too long, and tell people of it."""
    endpoint.state, endpoint.disabled_because = "disabled", because
    why = "answered that it is gone (410)" if because == "gone" else "failed for five days"
    uow.emit(WebhookDisabled(endpoint.id, because))
    uow.record("webhook.switch_off", subject_of(endpoint), reason=because)
    raise_exception(
        uow,
        kind="webhook.disabled",
        subject=Subject("webhook", endpoint.id),
        cause=f"The endpoint {endpoint.url[:200]} {why}. Nothing is sent to it any more.",
    )


def one_endpoint(uow: UnitOfWork, endpoint_id: str) -> WebhookEndpoint:
    """Return an endpoint; NotFound where this tenant has none."""
    endpoint = uow.session.get(WebhookEndpoint, (uow.tenant_id, endpoint_id))
    if endpoint is None or endpoint.state == "removed":
        raise NotFound("webhook", endpoint_id)
    return endpoint


def locked(uow: UnitOfWork, endpoint_id: str) -> WebhookEndpoint:
    """Lock an endpoint: its lock also guards its secrets and what waits for it."""
    endpoint = uow.session.scalar(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.state != "removed")
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if endpoint is None:
        raise NotFound("webhook", endpoint_id)
    return endpoint


def start_afresh(uow: UnitOfWork, endpoint: WebhookEndpoint) -> None:
    """Forget failures and let senders look at the endpoint at once."""
    uow.session.flush()
    wake(uow, [endpoint.id], attempts=0, failing_since=None, rests_until=None, next_at=None)


def wake(uow: UnitOfWork, endpoint_ids: Iterable[str], **mechanics: object) -> None:
    """Let senders look at endpoints, as soon as these have rested."""
    rested = func.clock_timestamp() + (WebhookEndpoint.rests_until - uow.real_now)
    values = {"has_work": True, "next_at": rested} | mechanics
    # Not through the row, whose version is of what is governed.
    uow.session.execute(
        update(WebhookEndpoint)
        .where(WebhookEndpoint.id.in_(sorted(endpoint_ids)))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    uow.wake_workers()


def subject_of(endpoint: WebhookEndpoint) -> Subject:
    """Return what audit entries about an endpoint are about."""
    return Subject("webhook", endpoint.id, endpoint.version)


def _insist(wanted: Wanted, *, to_loopback: bool) -> None:
    faults = []
    try:
        target_of(wanted.url, to_loopback=to_loopback)
    except UrlRefused as refused:
        faults.append(Fault("/url", "webhook.url", str(refused)))
    if len(wanted.description) > DESCRIPTION_LENGTH_MAX or "\0" in wanted.description:
        detail = f"Write at most {DESCRIPTION_LENGTH_MAX} characters."
        faults.append(Fault("/description", "webhook.description", detail))
    if not wanted.event_types:
        told = "Choose at least one kind of event."
        faults.append(Fault("/event_types", "webhook.event_types", told))
    unknown = [name for name in wanted.event_types if name not in CHOSEN_FROM]
    if unknown:
        told = f"There is no event {unknown[0][:80]}; one is order.placed."
        faults.append(Fault("/event_types", "webhook.event_type_unknown", told))
    if faults:
        raise Invalid(tuple(faults))


def _insist_version(endpoint: WebhookEndpoint, expected: int) -> None:
    if endpoint.version != expected:
        raise StaleWrite(expected, endpoint.version)


def _add_secret(uow: UnitOfWork, box: SecretBox, endpoint_id: str) -> str:
    secret, identity = signing.new_secret(), uow.new_id("whs")
    uow.session.add(
        WebhookSecret(
            tenant_id=uow.tenant_id,
            id=identity,
            endpoint_id=endpoint_id,
            sealed=box.seal(secret, _place(uow, identity)),
            created_at=uow.real_now,
        )
    )
    return signing.spelled(secret)


def _secrets(uow: UnitOfWork, endpoint_id: str) -> list[WebhookSecret]:
    query = select(WebhookSecret).where(WebhookSecret.endpoint_id == endpoint_id)
    newest = query.order_by(WebhookSecret.created_at.desc(), WebhookSecret.id.desc())
    return list(uow.session.scalars(newest))


def _place(uow: UnitOfWork, secret_id: str) -> str:
    return f"{uow.tenant_id}/webhook_secret/{secret_id}/sealed"
