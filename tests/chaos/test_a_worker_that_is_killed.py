"""A worker is killed with -9, or stands still past its lease: the work is done once anyway."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.access import system_actor
from kernel.config import Config
from kernel.duties import tick
from kernel.runtime import WORKER_QUEUES
from kernel.verification import verify
from tests.conftest import ACME, Cluster
from tests.kernel.crew import PATIENCE_SECONDS, Crew, a_crew, processes_of, until


@pytest.fixture
def crew(database: Cluster, config: Config, tmp_path: Path) -> Iterator[Crew]:
    """ACME's shop; every process started for it ends with the test."""
    with a_crew(database, config, tmp_path) as crew:
        yield crew


def is_sound(crew: Crew) -> bool:
    with crew.runtime.unit_of_work(ACME, system_actor("shop"), work_class="batch") as uow:
        return verify(uow, crew.runtime.seal).faults == []


def test_a_killed_workers_job_is_done_once_by_another(crew: Crew) -> None:
    """REL-05, REL-06: the whole group is killed in the middle of a job; nobody is left behind."""
    began = crew.ask_slowly("north", PATIENCE_SECONDS)
    first = crew.start("worker", WORKER_QUEUES[0])
    until(lambda: began.exists() and began.read_text() != "")
    assert processes_of(first.pid) == [first.pid] == [int(began.read_text())]

    os.killpg(first.pid, signal.SIGKILL)
    first.communicate(timeout=PATIENCE_SECONDS)

    assert processes_of(first.pid) == []
    assert crew.counted("north") == 0
    second = crew.worker(2)
    until(lambda: tick(crew.runtime) and crew.counted("north") == 1)
    until(lambda: not crew.runtime.drain())
    assert crew.counted("north") == 1
    assert second.poll() is None
    assert is_sound(crew)


def test_a_worker_that_stood_still_past_its_lease_commits_nothing(crew: Crew) -> None:
    """REL-05: it holds two claims, one begun and one not; another worker does both meanwhile."""
    north, south = (crew.ask_slowly(shelf, 1, patience="3s") for shelf in ("north", "south"))
    zombie = crew.start("worker", WORKER_QUEUES[0])
    until(lambda: north.exists() or south.exists())
    zombie.send_signal(signal.SIGSTOP)

    until(lambda: not crew.runtime.drain() and crew.counted("north") == crew.counted("south") == 1)
    zombie.send_signal(signal.SIGCONT)
    crew.ask("west")

    # It has come to life, and through what it had claimed, when it does something new.
    until(lambda: tick(crew.runtime) and crew.counted("west") == 1)
    zombie.send_signal(signal.SIGTERM)
    zombie.communicate(timeout=PATIENCE_SECONDS)
    assert (crew.counted("north"), crew.counted("south")) == (1, 1)
    assert is_sound(crew)
