"""What each effect class promises, kept through refusals, silence, and killed workers."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest

from kernel.actions import Action, Catalogue, Outside
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.verification import verify
from tests.conftest import ACME, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.buying import WRITE, Send, Sent
from tests.workflow_engine.runtime.peer import Killed, Peer, prepare
from tests.workflow_engine.runtime.shop import SHOP, Shop
from workflow_engine.runtime.calling import LOSSES_MAX

Compose = Callable[..., Shop]


@pytest.fixture
def compose(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Compose]:
    opened: list[Shop] = []

    def make(effect: str, peer: Peer, **changes: object) -> Shop:
        shop = Shop(config, clock, effect, outside=peer.outside(**changes))
        opened.append(shop)
        found_tenant(shop.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
        shop.publish()
        return shop

    yield make
    for shop in opened:
        sound = is_sound(shop)
        shop.runtime.close()
        assert sound


def run_low(shop: Shop) -> None:
    """A run sends an order; whoever does it may be killed."""
    with suppress(Killed):
        shop.run_low("north", 4)


def hurry(shop: Shop) -> None:
    with suppress(Killed):
        shop.hurry()


def is_sound(shop: Shop) -> bool:
    with shop.runtime.unit_of_work(ACME, SHOP, work_class="batch") as uow:
        return verify(uow, shop.runtime.seal).faults == []


@pytest.mark.parametrize("effect", ["idempotent", "reconcile", "at_most_once"])
def test_a_call_that_goes_well_is_made_once(compose: Compose, effect: str) -> None:
    peer = Peer()
    shop = compose(effect, peer)

    run_low(shop)

    assert (shop.states(), len(peer.calls), len(peer.effects)) == (["waiting"], 1, 1)
    assert is_sound(shop)


@pytest.mark.parametrize("effect", ["idempotent", "reconcile", "at_most_once"])
def test_a_no_of_the_other_side_is_final(compose: Compose, effect: str) -> None:
    peer = Peer()
    peer.moods = ["closed"]
    shop = compose(effect, peer)

    run_low(shop)

    assert (shop.run().outcome, len(peer.calls), peer.effects) == ("given_up", 1, [])


def test_an_idempotent_call_is_repeated_under_its_key_after_a_kill(compose: Compose) -> None:
    """REL-05: at least one call, one effect, and a lost worker uses up no attempt."""
    peer = Peer(knows_keys=True)
    peer.moods = ["killed after"] * 4
    shop = compose("idempotent", peer)

    run_low(shop)
    for _ in range(4):
        hurry(shop)

    assert (shop.states(), len(peer.calls)) == (["waiting"], 5)
    assert (len(peer.effects), len(set(peer.calls))) == (1, 1)
    assert (shop.step().attempts, shop.step().losses) == (0, 4)


def test_an_idempotent_call_is_not_repeated_when_its_key_is_forgotten(compose: Compose) -> None:
    peer = Peer(knows_keys=True)
    peer.moods = ["killed after"]
    shop = compose("idempotent", peer, key_window=timedelta(0))

    run_low(shop)
    hurry(shop)

    assert (shop.run().incident, len(peer.calls), shop.step().state) == (
        "effect.unknown",
        1,
        "doubtful",
    )


def test_silence_is_no_failure_of_an_idempotent_call(compose: Compose) -> None:
    """REL-07: what may have happened is tried again, beyond what the definition retries."""
    peer = Peer(knows_keys=True)
    peer.moods = ["mute"] * 5
    shop = compose("idempotent", peer)

    run_low(shop)
    for _ in range(5):
        hurry(shop)

    assert (shop.states(), len(peer.calls), len(peer.effects)) == (["waiting"], 6, 1)


def test_a_step_that_takes_every_worker_with_it_is_given_to_a_person(compose: Compose) -> None:
    """REL-24: the poison limit, and the other runs go on."""
    peer = Peer(knows_keys=True)
    peer.moods = ["killed before"] * 99
    shop = compose("idempotent", peer)

    run_low(shop)
    for _ in range(LOSSES_MAX + 2):
        hurry(shop)
    peer.moods = []
    shop.run_low("south", 4)

    states = {run.subject_id: (run.state, run.incident) for run in shop.runs()}
    assert states == {"north": ("incident", "effect.unknown"), "south": ("active", None)}
    assert len(peer.calls) == LOSSES_MAX + 2


def test_what_was_done_before_the_kill_is_found_and_not_repeated(compose: Compose) -> None:
    """REL-05: `reconcile` asks the other side before it calls a second time."""
    peer = Peer()
    peer.moods = ["killed after"]
    shop = compose("reconcile", peer)

    run_low(shop)
    hurry(shop)

    assert (shop.states(), len(peer.calls), len(peer.effects)) == (["waiting"], 1, 1)
    assert len(peer.questions) == 1
    assert is_sound(shop)


def test_what_was_certainly_not_done_is_called_again(compose: Compose) -> None:
    peer = Peer()
    peer.moods = ["killed before", "deaf"]
    shop = compose("reconcile", peer)

    run_low(shop)
    for _ in range(4):
        hurry(shop)

    assert (shop.states(), len(peer.calls), len(peer.effects)) == (["waiting"], 3, 1)


def test_the_other_side_is_not_asked_before_the_earlier_call_must_be_over(
    compose: Compose,
) -> None:
    """An answer given before that would prove nothing: the call may still be on its way."""
    peer = Peer()
    peer.moods = ["killed before"]
    shop = compose("reconcile", peer)
    run_low(shop)

    with shop.runtime.database.engine.begin() as connection:
        free = "UPDATE run_step SET lease_until = NULL"
        connection.exec_driver_sql(f"SELECT set_config('app.tenant_id', '{ACME}', true)")
        connection.exec_driver_sql(free)
    shop.runtime.drain_all()

    step = shop.step()
    assert (peer.questions, len(peer.calls), step.state) == ([], 1, "waiting")
    assert step.next_at == step.call_ends_at


def test_a_peer_that_cannot_say_is_an_incident(compose: Compose) -> None:
    peer = Peer()
    peer.moods, peer.memories = ["killed after"], ["busy", "vague"]
    shop = compose("reconcile", peer)

    run_low(shop)
    for _ in range(3):
        hurry(shop)

    assert (shop.run().state, shop.run().incident) == ("incident", "effect.unknown")
    assert (len(peer.calls), len(peer.questions), shop.step().state) == (1, 2, "doubtful")
    ((kind, cause),) = shop.cases()
    assert (kind, "books are burnt" in cause) == ("run.incident", True)


@pytest.mark.parametrize("mood", ["killed before", "killed after", "deaf", "mute"])
def test_what_may_be_sent_once_is_an_incident_where_its_end_is_unknown(
    compose: Compose, mood: str
) -> None:
    """Never twice: "sent" is committed before the call."""
    peer = Peer()
    peer.moods = [mood]
    shop = compose("at_most_once", peer)

    run_low(shop)
    for _ in range(2):
        hurry(shop)

    assert (shop.run().state, shop.run().incident) == ("incident", "effect.unknown")
    assert (len(peer.calls), shop.step().state) == (1, "doubtful")
    assert [kind for kind, _ in shop.cases()] == ["run.incident"]


def test_what_may_be_sent_once_is_not_sent_again_even_after_a_busy_signal(
    compose: Compose,
) -> None:
    peer = Peer()
    peer.moods = ["busy"]
    shop = compose("at_most_once", peer)

    run_low(shop)

    assert (shop.run().outcome, len(peer.calls)) == ("given_up", 1)


@pytest.mark.parametrize("effect", ["idempotent", "reconcile"])
def test_a_busy_signal_uses_up_the_definitions_own_retries(compose: Compose, effect: str) -> None:
    """REL-07: three attempts, then the definition's way out."""
    peer = Peer()
    peer.moods = ["busy"] * 9
    shop = compose(effect, peer)

    run_low(shop)
    for _ in range(4):
        hurry(shop)

    assert (shop.run().outcome, len(peer.calls), peer.effects) == ("given_up", 3, [])


def test_a_worker_that_lost_its_lease_during_the_call_concludes_nothing(compose: Compose) -> None:
    """REL-05: fencing; the one who took over decides."""
    peer = Peer()
    shop = compose("at_most_once", peer)

    def call_slowly(call: object) -> object:
        with shop.runtime.database.engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT set_config('app.tenant_id', '{ACME}', true)")
            connection.exec_driver_sql("UPDATE run_step SET fence = fence + 1")
        return peer.outside().call(call)  # type: ignore[arg-type] # As the engine gave it.

    shop.engine.catalogue = Catalogue(
        [
            shop.engine.catalogue["mugs.draft"],
            Action(
                "mugs.send", "Send an order", WRITE, "at_most_once", Send, Sent,
                shop.pottery.note, outside=Outside(prepare, call_slowly),  # type: ignore[arg-type] # As above.
            ),
        ]
    )  # fmt: skip

    run_low(shop)
    assert (shop.states(), shop.step().state) == (["sending"], "waiting")
    hurry(shop)

    assert (len(peer.calls), shop.run().incident) == (1, "effect.unknown")


@pytest.mark.parametrize(
    ("effect", "outside"),
    [
        ("local", Peer().outside()),
        ("at_most_once", None),
        ("reconcile", None),
        ("reconcile", Peer().outside(look_up=None)),
    ],
)
def test_an_action_that_cannot_keep_its_promise_is_refused(
    effect: str, outside: Outside | None
) -> None:
    action = Action("a.b", "B", WRITE, effect, Send, Sent, Peer.call, outside=outside)  # type: ignore[arg-type] # Never run.

    with pytest.raises(ValueError, match=r"^a\.b is "):
        Catalogue([action])
