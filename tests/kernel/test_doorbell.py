"""Whoever answers the doorbell can be told to stop."""

import os
import signal
import subprocess
import sys
from pathlib import Path


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
