"""The real installation: whatever is killed with -9, it serves again.

The mechanics are tested one by one in tests/kernel/supervision; this is the whole, once.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.embedded.child import occupants
from kernel.embedded.kept import free_port
from kernel.supervision.survivors import mark_of, prefix_of, survivors

SERVES_AGAIN_SECONDS = 30
SECOND_START_SECONDS = 15


def second_start_seconds_max() -> float:
    """Return the promise, stretched where others want more processors than there are."""
    return SECOND_START_SECONDS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


class Wareflow:
    """`wareflow up` in a folder of its own."""

    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir
        self.port = free_port()
        self.log = var_dir.with_suffix(".log")
        self.supervisor = self._up()

    def _up(self) -> "subprocess.Popen[bytes]":
        self.log.write_bytes(b"")
        env = {"WAREFLOW_VAR": str(self.var_dir), "WAREFLOW_PORT": str(self.port)}
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "wareflow", "up"],
                env={**os.environ, **env}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def up_again(self) -> None:
        self.supervisor.wait()
        self.supervisor = self._up()

    def is_ready(self) -> bool:
        """Ask the page that needs the database and its schema."""
        # Said by this supervisor: right after a kill, the old web may still answer.
        if "Wareflow is at" not in self.log.read_text():
            return False
        try:
            address = f"http://127.0.0.1:{self.port}/readyz"
            with urllib.request.urlopen(address, timeout=5) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            error.close()
            return False
        except OSError:
            return False

    def seconds_until_ready(self, *, seconds_max: float) -> float:
        began = time.monotonic()
        while not self.is_ready():
            waited = time.monotonic() - began
            assert self.supervisor.poll() is None, self.log.read_text()
            assert waited < seconds_max, self.log.read_text()
            time.sleep(0.1)
        return time.monotonic() - began

    def victims(self, name: str) -> list[int]:
        if name in ("postgres/data", "valkey/rows"):
            return sorted(occupants(self.var_dir / name))
        return sorted(survivors(mark_of(self.var_dir, name)))

    def everything_left(self) -> list[int]:
        databases = [*self.victims("postgres/data"), *self.victims("valkey/rows")]
        return [*survivors(prefix_of(self.var_dir)), *databases]

    def close(self) -> None:
        self.supervisor.terminate()
        try:
            self.supervisor.wait(25)
        finally:
            self.supervisor.kill()
            self.supervisor.wait()


@pytest.fixture(scope="module")
def wareflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wareflow]:
    running = Wareflow(tmp_path_factory.mktemp("installation") / "var")
    running.seconds_until_ready(seconds_max=90)
    yield running
    running.close()


@pytest.mark.parametrize(
    "name", ["web", "worker-1", "worker-2", "ticker", "postgres/data", "valkey/rows"]
)
def test_a_killed_program_or_database_is_started_again(wareflow: Wareflow, name: str) -> None:
    """REL-06: the first of its processes is the one that holds the others together."""
    before = wareflow.victims(name)

    os.kill(before[0], signal.SIGKILL)

    give_up_at = time.monotonic() + SERVES_AGAIN_SECONDS
    while before[0] in wareflow.victims(name) or not wareflow.victims(name):
        assert time.monotonic() < give_up_at, wareflow.log.read_text()
        time.sleep(0.1)
    wareflow.seconds_until_ready(seconds_max=SERVES_AGAIN_SECONDS)


def test_a_killed_supervisor_leaves_nothing_that_blocks_the_next_start(wareflow: Wareflow) -> None:
    """REL-06: the second start serves within 15 s, and of the first nothing is left."""
    old = wareflow.everything_left()

    wareflow.supervisor.kill()
    wareflow.up_again()
    seconds = wareflow.seconds_until_ready(seconds_max=90)

    assert seconds < second_start_seconds_max()
    assert set(old).isdisjoint(wareflow.everything_left())


def test_asked_to_end_it_ends_in_time_with_all_its_children(wareflow: Wareflow) -> None:
    """REL-16: SIGTERM ends everything within 25 s, and the next start finds all as it was."""
    began = time.monotonic()
    wareflow.supervisor.terminate()
    code = wareflow.supervisor.wait(25)

    assert (code, time.monotonic() - began < 25) == (0, True)
    assert wareflow.everything_left() == []
    wareflow.up_again()
    assert wareflow.seconds_until_ready(seconds_max=90) < second_start_seconds_max()
