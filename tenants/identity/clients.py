"""The verbs of API clients: who may ask for tokens, with which secrets, for which scopes.

A client holds one live grant at a time. A token names the grant it came from, so taking the
grant away ends every token at its next use. Secrets are 256 random bits behind `live_` or, of
a sandbox, `test_`, and kept as hashes; two may be active at once, so that an integration can
change its secret without standing still.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from sqlalchemy import select, update

from kernel.access import Actor, Permission
from kernel.audit import Subject
from kernel.errors import Conflict, Fault, Invalid, NotFound
from kernel.ids import ActorId
from kernel.tenancy import is_sandbox
from kernel.uow import UnitOfWork
from tenants.identity.client_tables import ClientSecret, OauthClient, OauthGrant
from tenants.permissions import PERMISSIONS

SECRETS_MAX = 2
# So often at most is `used_at` written.
USED_EVERY = timedelta(minutes=1)
MAY_ADMINISTER = Permission("settings:write")


@dataclass(frozen=True)
class NewSecret:
    """What the owner of a client is told once and never again."""

    client_id: str
    secret: str

    def __repr__(self) -> str:
        return f"NewSecret(client_id={self.client_id!r}, secret=(not shown))"


@dataclass(eq=False)
class TooManySecrets(Conflict):
    """Two secrets are active already: revoke one before you add another."""

    code: ClassVar[str] = "client.too_many_secrets"


@dataclass(eq=False)
class LastSecret(Conflict):
    """This is the only active secret: add another first, or suspend the client."""

    code: ClassVar[str] = "client.last_secret"


@dataclass(eq=False)
class ScopesChanged(Conflict):
    """Somebody changed the scopes since you looked: look again and repeat your change."""

    code: ClassVar[str] = "client.scopes_changed"


def create_client(
    uow: UnitOfWork,
    name: str,
    scopes: Iterable[str],
    *,
    client_id: str | None = None,
    secret: str | None = None,
) -> NewSecret:
    """Register a client with its grant and first secret, which is returned this once.

    Nobody can grant what they do not hold themselves. `client_id` and `secret` are given only
    for demonstrations, whose sign-ins must be the same every time.
    """
    uow.actor.must(MAY_ADMINISTER)
    if not name.strip() or len(name) > 200:
        raise Invalid((Fault("/name", "client.name", "Give a name of 1 to 200 characters."),))
    client = OauthClient(
        tenant_id=uow.tenant_id,
        id=client_id or uow.new_id("cli"),
        name=name.strip(),
        status="active",
        created_at=uow.now,
    )
    uow.session.add(client)
    uow.session.flush()
    grant = _add_grant(uow, client.id, scopes)
    plain = _add_secret(uow, client.id, secret)
    uow.record("client.create", _subject(client), facts={"name": name, "scopes": grant.scopes})
    return NewSecret(client.id, plain)


def add_secret(uow: UnitOfWork, client_id: str) -> NewSecret:
    """Give a client a second secret; both work until the older one is revoked."""
    uow.actor.must(MAY_ADMINISTER)
    client = _locked(uow, client_id)
    if len(_active_secrets(uow, client_id)) >= SECRETS_MAX:
        raise TooManySecrets
    plain = _add_secret(uow, client_id, None)
    uow.record("client.add_secret", _subject(client))
    return NewSecret(client_id, plain)


def revoke_oldest_secret(uow: UnitOfWork, client_id: str) -> None:
    """End the older of two secrets, at once; LastSecret where there is only one."""
    uow.actor.must(MAY_ADMINISTER)
    client = _locked(uow, client_id)
    active = _active_secrets(uow, client_id)
    if len(active) < SECRETS_MAX:
        raise LastSecret
    active[0].revoked_at = uow.now
    uow.record("client.revoke_secret", _subject(client), facts={"secret": active[0].id})


def change_scopes(
    uow: UnitOfWork,
    client_id: str,
    scopes: Iterable[str],
    *,
    expected_grant_id: str | None = None,
) -> None:
    """Replace a client's grant; tokens of the old grant end at their next use.

    Raises ScopesChanged where another grant than the expected one is to be replaced.
    """
    uow.actor.must(MAY_ADMINISTER)
    client = _locked(uow, client_id)
    live = _live_grants(uow, client_id)
    if expected_grant_id is not None and expected_grant_id not in [each.id for each in live]:
        raise ScopesChanged
    for grant in live:
        grant.revoked_at = uow.now
    uow.session.flush()
    grant = _add_grant(uow, client_id, scopes)
    uow.record("client.change_scopes", _subject(client), facts={"scopes": grant.scopes})


def suspend_client(uow: UnitOfWork, client_id: str) -> None:
    """Stop a client: its tokens are refused from the next request on. Repeating it is safe."""
    _set_status(uow, client_id, "suspended")


def resume_client(uow: UnitOfWork, client_id: str) -> None:
    """Let a suspended client act again, with the grant and secrets it had."""
    _set_status(uow, client_id, "active")


def authenticated_client(uow: UnitOfWork, client_id: str, secret: str) -> OauthClient | None:
    """Return the active client whose id and secret these are, or None; equal work either way."""
    given = _hash(secret)
    client = uow.session.get(OauthClient, (uow.tenant_id, client_id))
    active = _active_secrets(uow, client_id)
    hashes = [each.secret_hash for each in active] or [_hash("nobody's")]
    fits = [hmac.compare_digest(given, each) for each in hashes]
    if client is None or client.status != "active" or not any(fits):
        return None
    _note_use(uow, active[fits.index(True)])
    return client


def live_grant(uow: UnitOfWork, client_id: str) -> OauthGrant | None:
    """Return the grant under which a client may ask for tokens, or None."""
    return next(iter(_live_grants(uow, client_id)), None)


def client_actor(
    uow: UnitOfWork, client_id: str, *, grant_id: str | None = None, scopes: Iterable[str] = ()
) -> Actor | None:
    """Return a client as it stands now, or None where it may no longer act.

    With a grant, that very grant must still live, and the client holds only those of the scopes
    that the grant still covers; without one it holds all that it is granted now.
    """
    client = uow.session.get(OauthClient, (uow.tenant_id, client_id))
    grant = live_grant(uow, client_id)
    if client is None or client.status != "active" or grant is None:
        return None
    if grant_id is not None and grant.id != grant_id:
        return None
    held = grant.scopes if grant_id is None else set(grant.scopes).intersection(scopes)
    return Actor(
        id=ActorId(client.id),
        kind="client",
        name=client.name,
        permissions=frozenset(Permission(scope) for scope in held),
        session_id=grant.id,
        strength="client_secret",
        client_id=client.id,
    )


def _note_use(uow: UnitOfWork, secret: ClientSecret) -> None:
    # Not through the row, whose version is of what is governed.
    if secret.used_at is not None and uow.real_now - secret.used_at < USED_EVERY:
        return
    uow.session.execute(
        update(ClientSecret)
        .where(ClientSecret.id == secret.id)
        .values(used_at=uow.real_now)
        .execution_options(synchronize_session=False)
    )


def _set_status(uow: UnitOfWork, client_id: str, status: str) -> None:
    uow.actor.must(MAY_ADMINISTER)
    client = _locked(uow, client_id)
    if client.status == status:
        return
    client.status = status
    uow.record(f"client.{'suspend' if status == 'suspended' else 'resume'}", _subject(client))


def _add_grant(uow: UnitOfWork, client_id: str, scopes: Iterable[str]) -> OauthGrant:
    wanted = sorted(set(scopes))
    if not wanted:
        raise Invalid((Fault("/scopes", "client.scopes", "Name at least one scope."),))
    unknown = [scope for scope in wanted if scope not in PERMISSIONS]
    if unknown:
        sentence = f"There is no scope {unknown[0]}; one is catalog:read."
        raise Invalid((Fault("/scopes", "client.scope_unknown", sentence),))
    for scope in wanted:
        uow.actor.must(Permission(scope))
    grant = OauthGrant(
        tenant_id=uow.tenant_id,
        id=uow.new_id("gra"),
        client_id=client_id,
        scopes=wanted,
        granted_at=uow.now,
    )
    uow.session.add(grant)
    return grant


def _add_secret(uow: UnitOfWork, client_id: str, secret: str | None) -> str:
    # Whoever finds it somewhere sees what it opens, and scanners of code know it for a secret.
    plain = secret or f"{'test' if is_sandbox(uow) else 'live'}_{secrets.token_urlsafe(32)}"
    uow.session.add(
        ClientSecret(
            tenant_id=uow.tenant_id,
            id=uow.new_id("sec"),
            client_id=client_id,
            secret_hash=_hash(plain),
            created_at=uow.now,
        )
    )
    return plain


def _locked(uow: UnitOfWork, client_id: str) -> OauthClient:
    """Lock the client: its lock also guards its secrets and grants."""
    client = uow.session.scalar(
        select(OauthClient)
        .where(OauthClient.id == client_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if client is None:
        raise NotFound("client", client_id)
    return client


def _active_secrets(uow: UnitOfWork, client_id: str) -> list[ClientSecret]:
    query = (
        select(ClientSecret)
        .where(ClientSecret.client_id == client_id, ClientSecret.revoked_at.is_(None))
        .order_by(ClientSecret.created_at, ClientSecret.id)
    )
    return list(uow.session.scalars(query))


def _live_grants(uow: UnitOfWork, client_id: str) -> list[OauthGrant]:
    query = select(OauthGrant).where(
        OauthGrant.client_id == client_id, OauthGrant.revoked_at.is_(None)
    )
    return list(uow.session.scalars(query))


def _subject(client: OauthClient) -> Subject:
    return Subject("client", client.id, client.version)


def _hash(secret: str) -> str:
    """Hash a secret of 256 random bits: nothing that is slow to compute would add to that."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
