"""The operator registers API clients and changes their secrets from the command line."""

import argparse
from collections.abc import Sequence

import pytest

from kernel.errors import Invalid, NotFound
from tenants.identity.client_commands import add_commands, demo_client, seed_demo_client
from tenants.identity.clients import authenticated_client, live_grant
from tenants.permissions import PERMISSIONS
from tests.tenants.conftest import House


def run(house: House, *words: str) -> Sequence[str]:
    """Run a command as the front door does, and return its lines."""
    parser = argparse.ArgumentParser()
    add_commands(
        parser.add_subparsers(required=True), lambda each, run: each.set_defaults(command=run)
    )
    chosen = parser.parse_args(["client", *words])
    lines: Sequence[str] = chosen.command(house.runtime, chosen)
    return lines


def told(lines: Sequence[str]) -> tuple[str, str]:
    return lines[0].split()[-1], lines[1].split()[-1]


def works(house: House, client_id: str, secret: str) -> bool:
    with house.open() as uow:
        return authenticated_client(uow, client_id, secret) is not None


def test_a_client_is_created_and_its_secret_told_once(house: House) -> None:
    scopes = ("--scope", "catalog:read", "events:read")
    client_id, secret = told(run(house, "create", "--tenant", "acme", "--name", "Shop", *scopes))

    assert works(house, client_id, secret)
    with house.open() as uow:
        grant = live_grant(uow, client_id)
    assert grant is not None
    assert grant.scopes == ["catalog:read", "events:read"]


def test_secrets_are_changed_over_and_a_client_is_stopped(house: House) -> None:
    """OA-12: two secrets, then the newer one; suspended, none."""
    scope = ("--scope", "catalog:read")
    client_id, old = told(run(house, "create", "--tenant", "acme", "--name", "Shop", *scope))
    _, new = told(run(house, "add-secret", client_id, "--tenant", "acme"))
    with house.open():
        pass  # A moment later.
    assert (works(house, client_id, old), works(house, client_id, new)) == (True, True)

    run(house, "suspend", client_id, "--tenant", "acme")
    assert not works(house, client_id, new)
    run(house, "resume", client_id, "--tenant", "acme")
    assert works(house, client_id, new)


def test_what_is_misspelled_is_told(house: House) -> None:
    scope = ("--scope", "catalog:read")
    with pytest.raises(NotFound):
        run(house, "create", "--tenant", "initech", "--name", "Shop", *scope)
    with pytest.raises(Invalid):
        run(house, "create", "--tenant", "acme", "--name", "Shop", "--scope", "catalogue:read")
    with pytest.raises(NotFound):
        run(house, "suspend", "cli_nobody", "--tenant", "acme")


def test_the_client_for_a_first_look_is_the_same_every_time(house: House) -> None:
    first = seed_demo_client(house.runtime, "acme")
    again = seed_demo_client(house.runtime, "acme")

    assert first == again == demo_client(house.runtime)
    assert works(house, first.client_id, first.secret)
    with house.open() as uow:
        grant = live_grant(uow, first.client_id)
    assert grant is not None
    assert set(grant.scopes) == set(PERMISSIONS)
