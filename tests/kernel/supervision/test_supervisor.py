"""Whatever is killed, the installation serves again; whenever it is asked, it ends cleanly."""

import contextlib
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

PROGRAM = Path(__file__).with_name("small_installation.py")


class Installation:
    """The small installation in a folder, as its operator sees it."""

    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir
        self.port = free_port()
        self._supervisors: list[subprocess.Popen[str]] = []

    def up(self, part: str = "up", **env: str) -> "subprocess.Popen[str]":
        supervisor = subprocess.Popen(
            [sys.executable, str(PROGRAM), part],
            env={
                **os.environ,
                "WAREFLOW_VAR": str(self.var_dir),
                "WAREFLOW_PORT": str(self.port),
                "PYTHONPATH": os.pathsep.join(sys.path),
                **env,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._supervisors.append(supervisor)
        return supervisor

    def up_and_serving(self) -> "subprocess.Popen[str]":
        supervisor = self.up()
        self.wait_until_it_says(supervisor, "Serving at")
        return supervisor

    def wait_until_it_says(self, supervisor: "subprocess.Popen[str]", words: str) -> str:
        assert supervisor.stdout is not None
        said = ""
        for line in supervisor.stdout:
            said += line
            if words in line:
                return said
        raise AssertionError(f"never said {words!r} but:\n{said}")

    def answer(self) -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as response:
                return str(response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return f"{error.code}"
        except OSError:
            return "nothing"

    def wait_for_an_answer(self, *, seconds: float = 15) -> str:
        give_up_at = time.monotonic() + seconds
        while (answer := self.answer()) != "('MUG',)" and time.monotonic() < give_up_at:
            time.sleep(0.05)
        return answer

    def programs(self, name: str) -> list[int]:
        return sorted(survivors(mark_of(self.var_dir, name)))

    def postmaster(self) -> int:
        return int((self.var_dir / "postgres/data/postmaster.pid").read_text().split()[0])

    def valkey(self) -> int:
        return occupants(self.var_dir / "valkey/rows")[0]

    def everything_left(self) -> list[int]:
        return [
            *survivors(prefix_of(self.var_dir)),
            *occupants(self.var_dir / "postgres" / "data"),
            *occupants(self.var_dir / "valkey" / "rows"),
        ]

    def close(self) -> None:
        for supervisor in self._supervisors:
            supervisor.terminate()
            supervisor.communicate(timeout=25)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path / "var")
    yield installation
    installation.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_asked_to_end_it_ends_everything_in_time(
    installation: Installation, number: signal.Signals
) -> None:
    """REL-16, REL-06: within 25 s, and not even a job in a session of its own is left."""
    supervisor = installation.up_and_serving()
    assert len(installation.programs("worker")) == 2

    supervisor.send_signal(number)
    output, _ = supervisor.communicate(timeout=25)

    assert (supervisor.returncode, output.splitlines()[-1]) == (0, "Stopped.")
    assert installation.everything_left() == []


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_killed_program_is_started_again(installation: Installation, name: str) -> None:
    """REL-06: what a killed program had split off is gone before its successor starts."""
    installation.up_and_serving()
    before = installation.programs(name)

    os.kill(before[0], signal.SIGKILL)

    give_up_at = time.monotonic() + 15
    while len(after := installation.programs(name)) != len(before) or set(after) & set(before):
        assert time.monotonic() < give_up_at, f"before {before}, after {after}"
        time.sleep(0.05)
    assert installation.wait_for_an_answer() == "('MUG',)"


def test_a_killed_postgresql_is_started_again(installation: Installation) -> None:
    installation.up_and_serving()
    killed = installation.postmaster()

    os.kill(killed, signal.SIGKILL)
    while killed in occupants(installation.var_dir / "postgres/data"):
        time.sleep(0.01)

    assert installation.wait_for_an_answer() == "('MUG',)"
    assert installation.postmaster() != killed


def test_a_killed_valkey_is_started_again(installation: Installation) -> None:
    installation.up_and_serving()
    killed = installation.valkey()

    os.kill(killed, signal.SIGKILL)
    while killed in occupants(installation.var_dir / "valkey/rows"):
        time.sleep(0.01)

    assert installation.wait_for_an_answer() == "('MUG',)"
    assert installation.valkey() != killed


def test_after_a_killed_supervisor_the_next_one_serves_in_seconds(
    installation: Installation,
) -> None:
    """REL-06: nothing the dead one left blocks the next start."""
    first = installation.up_and_serving()
    orphans = installation.everything_left()
    first.kill()
    first.wait()

    began = time.monotonic()
    installation.up_and_serving()

    assert time.monotonic() - began < 15
    assert installation.answer() == "('MUG',)"
    assert set(orphans).isdisjoint(installation.everything_left())


def test_when_all_are_killed_at_once_the_next_start_serves(installation: Installation) -> None:
    """REL-06: as after a crash of the machine, but for the disk."""
    first = installation.up_and_serving()
    first.kill()
    for pid in installation.everything_left():
        # One may have died of the other's death already.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    first.wait()

    installation.up_and_serving()

    assert installation.answer() == "('MUG',)"


def test_a_second_supervisor_says_that_one_runs_already(installation: Installation) -> None:
    first = installation.up_and_serving()

    second = installation.up()
    output, _ = second.communicate(timeout=20)

    assert second.returncode == 1
    assert output.startswith(f"Wareflow already runs here. Process {first.pid}")
    assert installation.answer() == "('MUG',)"


def test_what_does_not_start_the_first_time_ends_all(installation: Installation) -> None:
    supervisor = installation.up("up-broken")

    output, _ = supervisor.communicate(timeout=25)

    assert supervisor.returncode == 1
    assert "broken ended at once, with code 3." in output
    assert installation.everything_left() == []


def test_it_can_be_stopped_while_it_still_starts(installation: Installation) -> None:
    """REL-16: a migration that takes long does not keep the operator waiting."""
    supervisor = installation.up(PAUSE_SECONDS="600")
    installation.wait_until_it_says(supervisor, "Valkey ... done")

    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=25)

    assert supervisor.returncode == 0
    assert installation.everything_left() == []
