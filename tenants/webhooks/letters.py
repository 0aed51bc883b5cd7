"""Decides what an endpoint is sent next, and writes down what came of it; calls nobody."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom

from sqlalchemy import func, select, update

from kernel.audit import Outcome
from kernel.errors import NotFound
from kernel.outbox import OutboxEvent
from kernel.secrets import SecretBox
from kernel.tenancy import Tenant
from kernel.uow import UnitOfWork
from kernel.work import Claim, LostLease
from tenants.webhooks import signing
from tenants.webhooks.administrators import tell_administrators
from tenants.webhooks.bodies import body_of, challenge_body
from tenants.webhooks.endpoints import keys_of, locked, subject_of, switch_off
from tenants.webhooks.events import WebhookEnabled
from tenants.webhooks.retrying import GIVE_UP_AFTER, Judgement, judged, pause_before, rest_after
from tenants.webhooks.tables import (
    ANSWER_KEPT,
    TOLD_LENGTH,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from tenants.webhooks.wire import Reply

LEASE = timedelta(seconds=40)
"""Longer than a call and its two transactions may take."""
CHALLENGES_MAX = 4
_chance = SystemRandom()


@dataclass(frozen=True)
class Letter:
    """A request that is to be made now; `delivery_id` None is a challenge, by its `word`."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    delivery_id: str | None
    word: str = ""


def next_letter(uow: UnitOfWork, claim: Claim, box: SecretBox, public_url: str) -> Letter | None:
    """Return what to send now, with the lease pushed ahead; None where there is nothing.

    Raises LostLease where another sender holds the endpoint by now.
    """
    endpoint = held(uow, claim)
    tenant = uow.session.get_one(Tenant, uow.tenant_id)
    if tenant.mode == "sandbox" or endpoint.state not in ("unproven", "enabled"):
        release(uow, claim, None)
        return None
    if endpoint.rests_until is not None and endpoint.rests_until > uow.real_now:
        release(uow, claim, endpoint.rests_until)
        return None
    source = f"{public_url}/t/{tenant.slug}"
    keys = keys_of(uow, box, endpoint.id)
    if endpoint.state == "unproven":
        letter = _challenge(uow, endpoint, keys, source)
    else:
        letter = _message(uow, endpoint, keys, source)
    if letter is None:
        release(uow, claim, _next_due(uow, endpoint))
    else:
        _write(uow, claim, lease_until=func.clock_timestamp() + LEASE)
    return letter


def conclude(uow: UnitOfWork, claim: Claim, letter: Letter, reply: Reply) -> bool:
    """Write down what came of a letter; tell whether the same sender may go on at once."""
    endpoint = held(uow, claim)
    judgement = judged(reply.status, reply.headers, uow.real_now)
    if letter.delivery_id is None and not _repeats(reply, letter.word):
        judgement = Judgement("gone" if judgement.verdict == "gone" else "failed", judgement.wait)
    _note(uow, endpoint, letter, reply, judgement)
    if letter.delivery_id is not None:
        _settle(uow, letter.delivery_id, judgement)
    elif (
        judgement.verdict == "taken" and endpoint.state == "unproven" and endpoint.url == letter.url
    ):
        endpoint.state, endpoint.proven_at = "enabled", uow.real_now
        uow.emit(WebhookEnabled(endpoint.id))
    uow.record("webhook.attempt", subject_of(endpoint), outcome=_outcome(judgement))
    if judgement.verdict == "taken":
        _write(uow, claim, attempts=0, failing_since=None, rests_until=None,
               succeeded_at=uow.real_now, last_error=None)  # fmt: skip
        return True
    _note_failure(uow, claim, endpoint, judgement, letter)
    return False


def held(uow: UnitOfWork, claim: Claim) -> WebhookEndpoint:
    """Lock the claimed endpoint; LostLease where another sender holds it, or it is gone."""
    try:
        endpoint = locked(uow, claim.id)
    except NotFound as error:
        raise LostLease(claim.id) from error
    if endpoint.fence != claim.fence:
        raise LostLease(claim.id)
    return endpoint


def release(uow: UnitOfWork, claim: Claim, again_at: datetime | None) -> None:
    """Give an endpoint back, until an instant of real time; None until something comes."""
    wait = None if again_at is None else max(again_at - uow.real_now, timedelta(0))
    _write(
        uow,
        claim,
        lease_until=None,
        has_work=wait is not None,
        next_at=None if wait is None else func.clock_timestamp() + wait,
    )


def _write(uow: UnitOfWork, claim: Claim, **mechanics: object) -> None:
    changed = uow.session.execute(
        update(WebhookEndpoint)
        .where(WebhookEndpoint.id == claim.id, WebhookEndpoint.fence == claim.fence)
        .values(**mechanics)
        .returning(WebhookEndpoint.id)
        .execution_options(synchronize_session=False)
    )
    if changed.one_or_none() is None:
        raise LostLease(claim.id)


def _challenge(
    uow: UnitOfWork, endpoint: WebhookEndpoint, keys: list[bytes], source: str
) -> Letter | None:
    if endpoint.attempts >= CHALLENGES_MAX:
        return None
    identity, word = uow.new_id("whc"), secrets.token_urlsafe(24)
    body = challenge_body(word, identity, uow.real_now, source)
    headers = signing.headers(keys, identity, uow.real_now, body)
    return Letter(endpoint.url, headers, body, None, word)


def _message(
    uow: UnitOfWork, endpoint: WebhookEndpoint, keys: list[bytes], source: str
) -> Letter | None:
    due = (
        select(WebhookDelivery)
        .where(
            WebhookDelivery.endpoint_id == endpoint.id,
            WebhookDelivery.state == "waiting",
            WebhookDelivery.due_at <= uow.real_now,
        )
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .limit(1)
    )
    delivery = uow.session.scalar(due)
    if delivery is None:
        return None
    event = uow.session.get_one(OutboxEvent, (uow.tenant_id, delivery.event_id))
    body = body_of(event, source)
    headers = signing.headers(keys, delivery.id, uow.real_now, body)
    return Letter(endpoint.url, headers, body, delivery.id)


def _next_due(uow: UnitOfWork, endpoint: WebhookEndpoint) -> datetime | None:
    if endpoint.state != "enabled":
        return None
    waiting = select(func.min(WebhookDelivery.due_at)).where(
        WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.state == "waiting"
    )
    return uow.session.scalar(waiting)


def _note(
    uow: UnitOfWork, endpoint: WebhookEndpoint, letter: Letter, reply: Reply, judgement: Judgement
) -> None:
    told = reply.told
    if letter.delivery_id is None and reply.status is not None and judgement.verdict != "taken":
        told = "The answer does not repeat the challenge."
    uow.session.add(
        WebhookAttempt(
            tenant_id=uow.tenant_id,
            id=uow.new_id("wha"),
            endpoint_id=endpoint.id,
            delivery_id=letter.delivery_id,
            at=uow.real_now,
            took_ms=reply.took_ms,
            status=reply.status,
            verdict=judgement.verdict,
            told=told[:TOLD_LENGTH],
            answer=reply.body.decode(errors="replace").replace("\0", "�")[:ANSWER_KEPT],
        )
    )


def _settle(uow: UnitOfWork, delivery_id: str, judgement: Judgement) -> None:
    delivery = uow.session.get_one(WebhookDelivery, (uow.tenant_id, delivery_id))
    if delivery.state != "waiting":
        return
    delivery.attempts += 1
    pause = pause_before(delivery.attempts, _chance.random())
    if judgement.verdict == "taken":
        delivery.state, delivery.due_at, delivery.settled_at = "taken", None, uow.real_now
    elif pause is None:
        delivery.state, delivery.due_at, delivery.settled_at = "given_up", None, uow.real_now
    else:
        delivery.due_at = uow.real_now + pause


def _note_failure(
    uow: UnitOfWork,
    claim: Claim,
    endpoint: WebhookEndpoint,
    judgement: Judgement,
    letter: Letter,
) -> None:
    failures = endpoint.attempts + 1
    since = endpoint.failing_since or uow.real_now
    if letter.delivery_id is None:
        rest = pause_before(failures, _chance.random()) or rest_after(failures)
    else:
        rest = max(rest_after(failures), judgement.wait or timedelta(0))
    _write(uow, claim, attempts=failures, failing_since=since, rests_until=uow.real_now + rest)
    is_over = letter.delivery_id is None and failures >= CHALLENGES_MAX
    release(uow, claim, None if is_over else uow.real_now + rest)
    if endpoint.state != "enabled":
        return
    if judgement.verdict == "gone" or uow.real_now - since >= GIVE_UP_AFTER:
        switch_off(uow, endpoint, "gone" if judgement.verdict == "gone" else "failing")
        tell_administrators(uow, endpoint)


def _repeats(reply: Reply, word: str) -> bool:
    """Tell whether an answer is the word, or a JSON object whose `challenge` is the word."""
    text = reply.body.decode(errors="replace").strip()
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = text
    if isinstance(said, dict):
        said = said.get("challenge")
    return isinstance(said, str) and secrets.compare_digest(
        said.encode(errors="replace"), word.encode()
    )


def _outcome(judgement: Judgement) -> Outcome:
    return "done" if judgement.verdict == "taken" else "failed"
