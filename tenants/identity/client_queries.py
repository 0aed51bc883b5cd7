"""What people see of API clients: their scopes, secrets and when they were last used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from kernel.errors import NotFound
from kernel.uow import UnitOfWork
from tenants.identity.client_tables import ClientSecret, OauthClient, OauthGrant


@dataclass(frozen=True)
class SecretView:
    """An active secret: never itself, only since when and when last."""

    id: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class ClientView:
    """A client with its live grant and active secrets, the older secret first."""

    id: str
    name: str
    status: str
    created_at: datetime
    grant_id: str
    scopes: tuple[str, ...]
    secrets: tuple[SecretView, ...]

    @property
    def used_at(self) -> datetime | None:
        """When it last asked for a token with a secret that is still active."""
        return max((each.used_at for each in self.secrets if each.used_at), default=None)


def list_clients(
    uow: UnitOfWork, *, after: Sequence[str] | None = None, limit: int
) -> tuple[list[ClientView], list[str] | None]:
    """Return clients, the newest first, and where the next page goes on."""
    query = select(OauthClient).order_by(OauthClient.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(OauthClient.id < after[0])
    rows = list(uow.session.scalars(query))
    shown = rows[:limit]
    return _views(uow, shown), [shown[-1].id] if len(rows) > limit else None


def client_view(uow: UnitOfWork, client_id: str) -> ClientView:
    """Return one client; NotFound where there is none."""
    client = uow.session.get(OauthClient, (uow.tenant_id, client_id))
    if client is None:
        raise NotFound("client", client_id)
    return _views(uow, [client])[0]


def _views(uow: UnitOfWork, clients: Iterable[OauthClient]) -> list[ClientView]:
    clients = list(clients)
    ids = [each.id for each in clients]
    grants = uow.session.scalars(
        select(OauthGrant).where(OauthGrant.client_id.in_(ids), OauthGrant.revoked_at.is_(None))
    )
    of_client = {each.client_id: each for each in grants}
    secrets = list(
        uow.session.scalars(
            select(ClientSecret)
            .where(ClientSecret.client_id.in_(ids), ClientSecret.revoked_at.is_(None))
            .order_by(ClientSecret.created_at, ClientSecret.id)
        )
    )
    return [
        ClientView(
            each.id,
            each.name,
            each.status,
            each.created_at,
            of_client[each.id].id if each.id in of_client else "",
            tuple(of_client[each.id].scopes) if each.id in of_client else (),
            tuple(
                SecretView(one.id, one.created_at, one.used_at)
                for one in secrets
                if one.client_id == each.id
            ),
        )
        for each in clients
    ]
