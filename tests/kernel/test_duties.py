"""Workers and the ticker: what they do when told to stop, and when something is away."""

import signal
import time
from itertools import takewhile

import pytest

from kernel.duties import FALLBACK_TICKS, TICK_SECONDS, tick
from kernel.runtime import WORKER_QUEUES
from tests.conftest import Cluster
from tests.kernel.crew import PATIENCE_SECONDS, Crew, database_away, until


def test_a_tick_rings_only_when_something_is_due(crew: Crew) -> None:
    def rung() -> bool:
        return bool(crew.redis.keys("rq:job:*"))

    assert tick(crew.runtime)
    assert not rung()
    crew.ask("north")
    crew.redis.flushall()

    assert tick(crew.runtime)
    assert rung()


def test_a_tick_tells_that_nobody_heard_it(crew: Crew) -> None:
    crew.bell.stop()
    assert tick(crew.runtime), "nothing is due: nobody needs to hear"
    crew.ask("north")

    assert not tick(crew.runtime)


def test_without_redis_the_ticker_does_the_work_itself(crew: Crew) -> None:
    """REL-04: within five seconds of its own time, and as much as is there."""
    assert TICK_SECONDS * FALLBACK_TICKS <= 5
    crew.bell.stop()
    crew.start("ticker")
    for _ in range(120):
        crew.ask("north")

    until(lambda: crew.counted("north") == 120)


def test_the_ticker_rings_for_what_nobody_rang_for(crew: Crew) -> None:
    """REL-04: a process that died between its commit and its ring is stood in for."""
    worker = crew.worker()
    worker.send_signal(signal.SIGSTOP)
    crew.ask("north")
    crew.redis.flushall()
    worker.send_signal(signal.SIGCONT)

    crew.start("ticker")

    until(lambda: crew.counted("north") == 1)


def test_a_chore_that_fails_keeps_no_other_from_its_turn(crew: Crew) -> None:
    ticker = crew.start("ticker")
    assert ticker.stdout is not None
    said = iter(ticker.stdout.readline, "")
    lines = list(takewhile(lambda line: line != "swept\n", said))
    assert "swept\n" in said, "the chore has its turn again"

    ticker.send_signal(signal.SIGTERM)
    rest, _ = ticker.communicate(timeout=PATIENCE_SECONDS)

    assert (ticker.returncode, rest.splitlines()[-1]) == (0, "ended")
    assert any('"chore.failed"' in line for line in lines)


def test_the_ticker_outlives_a_database_that_was_away(crew: Crew, database: Cluster) -> None:
    ticker = crew.start("ticker")
    assert ticker.stdout is not None
    assert ticker.stdout.readline()
    with database_away(database):
        said = iter(ticker.stdout.readline, "")
        assert any("ticker.database_away" in line for line in said)
    crew.bell.stop()
    crew.ask("north")

    until(lambda: crew.counted("north") == 1)
    assert ticker.poll() is None


def test_a_worker_told_to_stop_finishes_the_piece_in_hand_and_begins_no_other(crew: Crew) -> None:
    """REL-16: what else it had claimed is another worker's when its lease ends."""
    north, south = crew.ask_slowly("north", 1), crew.ask_slowly("south", 1)
    worker = crew.start("worker", WORKER_QUEUES[0])
    until(lambda: north.exists() or south.exists())

    worker.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    worker.send_signal(signal.SIGTERM)
    rest, _ = worker.communicate(timeout=PATIENCE_SECONDS)

    assert (worker.returncode, rest.splitlines()[-1]) == (0, "ended")
    assert sorted([crew.counted("north"), crew.counted("south")]) == [0, 1]
    until(lambda: not crew.runtime.drain() and crew.counted("north") + crew.counted("south") == 2)
    assert crew.counted("north") == 1


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_waits_ends_at_once_when_told_to(crew: Crew, signal_number: int) -> None:
    worker = crew.worker()

    worker.send_signal(signal_number)
    rest, _ = worker.communicate(timeout=PATIENCE_SECONDS)

    assert (worker.returncode, rest.splitlines()[-1]) == (0, "ended")


def test_without_redis_a_worker_does_what_is_due_and_ends(crew: Crew) -> None:
    """Whoever supervises it starts it again; it neither hangs nor spins nor dies of it."""
    crew.bell.stop()
    crew.ask("north")

    worker = crew.start("worker", WORKER_QUEUES[0])
    said, _ = worker.communicate(timeout=PATIENCE_SECONDS)

    assert (worker.returncode, crew.counted("north")) == (0, 1)
    assert '"worker.ended"' in said
    assert "Traceback" not in said


def test_without_its_database_a_worker_ends_and_says_so(crew: Crew, database: Cluster) -> None:
    with database_away(database):
        worker = crew.start("worker", WORKER_QUEUES[0])
        said, _ = worker.communicate(timeout=PATIENCE_SECONDS)

    assert worker.returncode == 0
    assert '"worker.ended"' in said
    assert "Traceback" not in said


def test_a_worker_outlives_a_database_that_was_away(crew: Crew, database: Cluster) -> None:
    """A ring that it cannot answer is lost, like any ring; the work is not."""
    worker = crew.worker()
    crew.ask("north")
    until(lambda: crew.counted("north") == 1)
    with database_away(database):
        crew.redis.delete(f"wareflow:rung:{WORKER_QUEUES[0]}")
        assert crew.runtime.doorbell.ring_for(WORKER_QUEUES[0])
        until(lambda: not crew.redis.exists(f"wareflow:rung:{WORKER_QUEUES[0]}"))

    crew.ask("north")
    until(lambda: tick(crew.runtime) and crew.counted("north") == 2)
    assert worker.poll() is None
