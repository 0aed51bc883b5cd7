"""Redis wakes workers and is trusted with nothing else."""

import json
import os
import signal
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

from kernel.duties import tick
from kernel.runtime import WORKER_QUEUES
from tests.kernel.crew import Crew, until


def test_a_worker_that_is_told_to_stop_ends_after_the_slice_in_hand(valkey_url: str) -> None:
    """REL-16: a backlog, however long, does not keep a worker past the 25 s."""
    worker = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("endless_work.py")), valkey_url],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "a slice\n"

    worker.send_signal(signal.SIGTERM)
    rest, _ = worker.communicate(timeout=20)

    assert (worker.returncode, rest.splitlines()[-1]) == (0, "ended")


def test_a_commit_wakes_a_worker_that_does_the_work(crew: Crew) -> None:
    """REL-04: within two seconds; the best of three, because the machine may be busy."""
    crew.worker()
    seconds = []

    for turn in range(3):
        # The ring before this one is answered and its key gone: this one is heard by itself.
        until(lambda: not crew.redis.exists(f"wareflow:rung:{WORKER_QUEUES[0]}"))
        crew.ask(f"shelf-{turn}")
        seconds.append(until(lambda turn=turn: crew.counted(f"shelf-{turn}") == 1))  # type: ignore[misc] # Bound at once.

    assert min(seconds) < 2


def test_a_forgetful_redis_loses_nothing_and_repeats_nothing(crew: Crew) -> None:
    """REL-04: FLUSHALL between the ring and the answer; the ticker derives the ring again."""
    worker = crew.worker()
    worker.send_signal(signal.SIGSTOP)
    for _ in range(5):
        crew.ask("north")
    crew.redis.flushall()
    worker.send_signal(signal.SIGCONT)

    assert tick(crew.runtime)
    until(lambda: crew.counted("north") == 5)

    crew.redis.flushall()
    assert tick(crew.runtime)
    crew.ask("north")
    until(lambda: crew.counted("north") == 6)
    assert worker.poll() is None


def rings(crew: Crew) -> list[int]:
    """Return how many rings wait for each worker."""
    return [int(str(crew.redis.llen(f"rq:queue:{name}"))) for name in WORKER_QUEUES]


def test_a_flood_of_commits_is_one_ring_for_one_worker(crew: Crew) -> None:
    for _ in range(50):
        crew.ask("north")

    first, second = rings(crew)
    assert 1 <= first <= 5
    assert second == 0


def test_a_busy_worker_is_passed_over_for_an_idle_one(crew: Crew) -> None:
    crew.runtime.doorbell.begin_answer(WORKER_QUEUES[0])

    crew.ask("north")
    assert rings(crew) == [0, 1]

    crew.runtime.doorbell.end_answer(WORKER_QUEUES[0])
    crew.ask("north")
    assert rings(crew) == [1, 1]


def test_a_worker_that_has_just_answered_is_rung_without_a_job(crew: Crew) -> None:
    doorbell = crew.runtime.doorbell
    doorbell.begin_answer(WORKER_QUEUES[1])
    assert not doorbell.hears_another(WORKER_QUEUES[1])

    crew.ask("north")

    assert rings(crew) == [0, 0]
    assert doorbell.hears_another(WORKER_QUEUES[1])


def test_a_ring_at_the_last_moment_of_an_answer_is_rung_anew(crew: Crew) -> None:
    doorbell = crew.runtime.doorbell
    doorbell.begin_answer(WORKER_QUEUES[0])
    assert doorbell.ring_for(WORKER_QUEUES[0])
    assert rings(crew) == [0, 0]

    doorbell.end_answer(WORKER_QUEUES[0])

    assert rings(crew) == [1, 0]


def test_rings_are_answered_when_no_worker_works_any_more(crew: Crew) -> None:
    doorbell = crew.runtime.doorbell
    assert doorbell.is_answered()

    doorbell.ring_for(WORKER_QUEUES[0])
    assert not doorbell.is_answered()

    doorbell.begin_answer(WORKER_QUEUES[0])
    assert not doorbell.is_answered()

    assert not doorbell.hears_another(WORKER_QUEUES[0])
    assert doorbell.is_answered()


def test_what_is_still_due_at_the_next_tick_is_rung_for_everybody(crew: Crew) -> None:
    crew.ask("north")
    crew.redis.flushall()

    assert tick(crew.runtime)

    assert rings(crew) == [1, 1]


def test_a_ring_is_json_and_says_nothing_of_the_work(crew: Crew) -> None:
    """SEC-06: no pickle, which would run whatever Redis holds; no tenant, no id, no payload."""
    crew.runtime.doorbell.ring_all()

    rung = [told(crew, key) for key in crew.redis.keys("rq:job:*")]

    assert sorted(rung) == [["kernel.doorbell.answer", None, [name], {}] for name in WORKER_QUEUES]


def told(crew: Crew, key: bytes) -> Any:
    """Return what a job of RQ holds: the call, as its serializer wrote it."""
    packed = crew.redis.hget(key, "data")
    assert isinstance(packed, bytes)
    try:
        return json.loads(zlib.decompress(packed))
    except ValueError:
        return ["this is no JSON"]


def test_each_worker_listens_on_a_queue_of_its_own(crew: Crew) -> None:
    """RQ loses the job of a worker that dies after the pop when it listens on two."""
    crew.worker(1)
    crew.worker(2)

    assert sorted(queues for queues, _state in crew.listeners()) == sorted(WORKER_QUEUES)


def test_redis_that_does_not_answer_is_no_reason_to_refuse_a_commit(crew: Crew) -> None:
    crew.bell.stop()

    crew.ask("north")
    assert not crew.runtime.doorbell.ring()
    assert not crew.runtime.doorbell.is_connected()

    crew.runtime.drain_all()
    assert crew.counted("north") == 1


def test_a_worker_hears_again_after_redis_was_away(crew: Crew) -> None:
    """REL-04: it waits for Redis, or ends for its supervisor to start it: it never sits there."""
    worker = crew.worker()
    crew.bell.stop()
    crew.ask("north")
    crew.bell.start()

    def is_heard() -> bool:
        nonlocal worker
        if worker.poll() is not None:
            worker = crew.start("worker", WORKER_QUEUES[0])
        tick(crew.runtime)
        return crew.counted("north") == 1

    until(is_heard)
    crew.ask("south")
    until(lambda: crew.counted("south") == 1)
