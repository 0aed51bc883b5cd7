"""A program that the supervisor runs is asked once, then made to end, with all it split off."""

import io
import sys
import time
from pathlib import Path

import pytest

from kernel.embedded.child import ServerFailed
from kernel.supervision.console import Console
from kernel.supervision.program import Program, RunningProgram
from kernel.supervision.survivors import mark_of, survivors


def running(var_dir: Path, source: str, out: io.StringIO) -> RunningProgram:
    said = out.getvalue
    program = Program("web", [sys.executable, "-c", source], is_ready=lambda: "ready" in said())
    return RunningProgram(program, var_dir, Console(out))


def test_its_lines_appear_under_its_name(tmp_path: Path) -> None:
    out = io.StringIO()
    program = running(tmp_path, "print('ready'); import time; time.sleep(60)", out)

    program.start()
    program.wait_until_ready()
    program.stop(timeout_seconds=5)

    assert out.getvalue() == "web     | ready\n"


def test_one_that_does_not_listen_is_killed_when_the_time_is_up(tmp_path: Path) -> None:
    """REL-16: nobody can make a shutdown take longer than it may."""
    out = io.StringIO()
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready'); time.sleep(60)"
    program = running(tmp_path, deaf, out)
    program.start()
    program.wait_until_ready()

    began = time.monotonic()
    program.stop(timeout_seconds=0.3)

    assert time.monotonic() - began < 3
    assert not program.is_alive()
    assert out.getvalue().endswith("did not end in time and is killed\n")


def test_it_is_asked_only_once(tmp_path: Path) -> None:
    """A queue worker drops what it holds when it is asked twice."""
    out = io.StringIO()
    counting = (
        "import signal, time; asked = []; signal.signal(15, lambda *_: asked.append(1))\n"
        "print('ready')\n"
        "while not asked: time.sleep(0.01)\n"
        "time.sleep(0.3); print('asked', len(asked))"
    )
    program = running(tmp_path, counting, out)
    program.start()
    program.wait_until_ready()

    program.ask_to_stop()
    program.ask_to_stop()
    program.stop(timeout_seconds=5)
    time.sleep(0.1)

    assert out.getvalue() == "web     | ready\nweb     | asked 1\n"


def test_what_it_split_off_ends_with_it(tmp_path: Path) -> None:
    """REL-06: even a grandchild in a session of its own."""
    out = io.StringIO()
    splitting = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
        " start_new_session=True)\n"
        "print('ready'); time.sleep(60)"
    )
    program = running(tmp_path, splitting, out)
    program.start()
    program.wait_until_ready()
    assert len(survivors(mark_of(tmp_path, "web"))) == 2

    program.stop(timeout_seconds=5)

    assert survivors(mark_of(tmp_path, "web")) == []


def test_one_that_ends_at_once_is_a_fault_with_its_code(tmp_path: Path) -> None:
    program = running(tmp_path, "raise SystemExit(7)", io.StringIO())

    program.start()
    with pytest.raises(ServerFailed, match=r"web ended at once, with code 7\."):
        program.wait_until_ready()
