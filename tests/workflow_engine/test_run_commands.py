"""`wareflow runs …`: what the operator is told, and what is written down of it."""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from kernel.audit import AuditEntry
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.errors import Invalid, NotFound, Refusal
from tests.conftest import ACME, GLOBEX, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.buying import undoable
from tests.workflow_engine.runtime.peer import Peer
from tests.workflow_engine.runtime.shop import SHOP, Shop
from workflow_engine.run_commands import add_commands
from workflow_engine.runtime.errors import EffectUndecided


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock, peer: Peer) -> Iterator[Shop]:
    shop = Shop(config, clock, "at_most_once", outside=peer.outside())
    found_tenant(shop.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
    found_tenant(shop.runtime, GLOBEX, "Globex Grocery", starts_at=MONDAY)
    shop.publish_document(undoable())
    yield shop
    shop.runtime.close()


def said(shop: Shop, *words: str) -> Sequence[str]:
    """The lines that a command answers with."""
    parser = argparse.ArgumentParser()
    commands: Any = parser.add_subparsers()
    add_commands(commands, lambda made, command: made.set_defaults(command=command))
    chosen = parser.parse_args(["runs", *words])
    lines: Sequence[str] = chosen.command(shop.runtime, chosen)
    return lines


def test_an_empty_list_says_so(shop: Shop) -> None:
    assert said(shop, "list", "--tenant", "acme") == ["No run is like that."]


def test_a_list_tells_what_needs_a_person_and_how_to_go_on(shop: Shop, peer: Peer) -> None:
    peer.moods = ["open", "mute"]
    shop.run_low("north", 4)
    shop.run_low("south", 4)

    assert len(said(shop, "list", "--tenant", "acme")) == 2
    assert said(shop, "list", "--tenant", "acme", "--limit", "1")[1].startswith("More: --before ")
    (line,) = said(shop, "list", "--tenant", "acme", "--incident")
    assert line.endswith("shelf south  effect.unknown")


def test_a_doubtful_run_is_shown_explained_mended_and_cancelled(shop: Shop, peer: Peer) -> None:
    """AUD-01, TEN-18: the operator's reading and deciding are in the tenant's log."""
    peer.moods = ["mute"]
    shop.run_low("north", 4)
    run_id = shop.run().id
    at = ("--tenant", "acme", run_id)

    assert any("done.invoke.draft" in line for line in said(shop, "show", *at))
    assert any(line.startswith("Nobody knows") for line in said(shop, "explain", *at))
    with pytest.raises(EffectUndecided):
        said(shop, "retry", *at, "--reason", "I think so")
    order_id = (shop.step().request or {})["order_id"]
    answer = f'{{"order_id": "{order_id}"}}'
    said(shop, "retry", *at, "--reason", "They have it", "--happened", "yes", "--answer", answer)
    shop.runtime.drain_all()
    assert shop.states() == ["waiting"]
    said(shop, "cancel", *at, "--reason", "Nobody wants it")

    assert (shop.run().outcome, shop.pottery.undone) == ("cancelled", ["send", "draft"])
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        entries = uow.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    by_operator = {each.action for each in entries if each.actor_id == "operator:command"}
    assert {"run.read", "run.retry", "run.cancel"} <= by_operator


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (("show", "--tenant", "nobody", "run_1"), NotFound),
        (("explain", "--tenant", "acme", "run_1"), NotFound),
        (("cancel", "--tenant", "acme", "run_1", "--reason", "x"), NotFound),
        (("list", "--tenant", "acme", "--limit", "0"), Invalid),
        (
            ("retry", "--tenant=acme", "run_1", "--reason=x", "--happened=yes", "--answer={"),
            Invalid,
        ),
    ],
)
def test_wrong_words_are_refused_with_a_sentence(
    shop: Shop, words: Sequence[str], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        said(shop, *words)


def test_another_tenants_run_is_not_found(shop: Shop) -> None:
    """TEN-05."""
    shop.run_low("north", 4)

    with pytest.raises(NotFound):
        said(shop, "explain", "--tenant", "globex", shop.run().id)
