"""The operator's commands about API clients, and the client that a first look comes with."""

import argparse
from collections.abc import Callable, Sequence

from kernel.access import operator_actor
from kernel.embedded.kept import kept_secret
from kernel.errors import NotFound
from kernel.ids import TenantId
from kernel.runtime import Runtime
from kernel.tenancy import tenant_id_of
from tenants.identity.client_tables import OauthClient
from tenants.identity.clients import (
    NewSecret,
    add_secret,
    create_client,
    resume_client,
    revoke_oldest_secret,
    suspend_client,
)
from tenants.permissions import PERMISSIONS

OPERATOR = operator_actor("command")
DEMO_CLIENT_ID = "cli_demo"

Command = Callable[[Runtime, argparse.Namespace], Sequence[str]]

_ON_ONE = {
    "add-secret": (add_secret, "a second secret, to change over without standing still"),
    "revoke-secret": (revoke_oldest_secret, "end the older of two secrets"),
    "suspend": (suspend_client, "refuse its tokens from the next request on"),
    "resume": (resume_client, "let a suspended client act again"),
}


def add_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    set_command: Callable[[argparse.ArgumentParser, Command], None],
) -> None:
    """Add `client create|add-secret|revoke-secret|suspend|resume` to the front door's commands."""
    client = commands.add_parser("client", help="API clients: create, secrets, suspend, resume")
    verbs = client.add_subparsers(metavar="VERB", required=True)
    new = verbs.add_parser("create", help="register a client; its secret is shown this once")
    new.add_argument("--tenant", required=True, metavar="SLUG")
    new.add_argument("--name", required=True)
    new.add_argument(
        "--scope", required=True, nargs="+", metavar="SCOPE", help="such as catalog:read"
    )
    set_command(new, create)
    for verb, (_, sentence) in _ON_ONE.items():
        parser = verbs.add_parser(verb, help=sentence)
        parser.add_argument("client_id")
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.set_defaults(verb=verb)
        set_command(parser, change)


def create(runtime: Runtime, chosen: argparse.Namespace) -> Sequence[str]:
    """Register a client and tell its id and secret."""
    scopes = [scope for words in chosen.scope for scope in words.split()]
    with runtime.unit_of_work(tenant_of(runtime, chosen), OPERATOR) as uow:
        made = create_client(uow, chosen.name, scopes)
    return _told(made)


def change(runtime: Runtime, chosen: argparse.Namespace) -> Sequence[str]:
    """Change one client."""
    verb, _ = _ON_ONE[chosen.verb]
    with runtime.unit_of_work(tenant_of(runtime, chosen), OPERATOR) as uow:
        made = verb(uow, chosen.client_id)
    return [f"{chosen.client_id}: done"] if made is None else _told(made)


def tenant_of(runtime: Runtime, chosen: argparse.Namespace) -> TenantId:
    """Return the tenant that a command names by slug; NotFound where there is none."""
    found = tenant_id_of(runtime.database, chosen.tenant)
    if found is None:
        raise NotFound("tenant", chosen.tenant)
    return found


def seed_demo_client(runtime: Runtime, slug: str) -> NewSecret:
    """Let a seeded tenant have a client for a first look; seeding again changes nothing."""
    demo = demo_client(runtime)
    tenant_id = tenant_id_of(runtime.database, slug)
    assert tenant_id is not None, "the tenant is seeded before its client"
    with runtime.unit_of_work(tenant_id, OPERATOR) as uow:
        if uow.session.get(OauthClient, (tenant_id, demo.client_id)) is None:
            create_client(
                uow, "First look", PERMISSIONS, client_id=demo.client_id, secret=demo.secret
            )
    return demo


def demo_client(runtime: Runtime) -> NewSecret:
    """Return id and secret of the client for a first look: made once for this installation."""
    kept = runtime.config.var_dir / "secrets" / "demo_client"
    return NewSecret(DEMO_CLIENT_ID, kept_secret(kept))


def _told(made: NewSecret) -> Sequence[str]:
    return [
        f"client id  {made.client_id}",
        f"secret     {made.secret}",
        "The secret is not shown again.",
    ]
