"""Finds what a program left running, however it split itself up: by a mark in the environment.

A process group is not enough: a queue worker runs each job in a session of its own, which
survives the worker. The environment is inherited by every descendant.
"""

import contextlib
import os
import signal
import time
from pathlib import Path

MARK = "WAREFLOW_PROGRAM"


def prefix_of(var_dir: Path) -> str:
    """Return how the marks of all programs of one installation begin."""
    return f"{var_dir}:"


def mark_of(var_dir: Path, name: str) -> str:
    """Return the mark of one program of one installation."""
    return f"{prefix_of(var_dir)}{name};"


def survivors(prefix: str) -> list[int]:
    """Return the processes of this user whose mark begins so; empty where /proc is missing."""
    wanted = f"{MARK}={prefix}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            marked = any(word.startswith(wanted) for word in entry.read_bytes().split(b"\0"))
            if marked and entry.stat().st_uid == os.geteuid():
                found.append(int(entry.parent.name))
    return [pid for pid in found if pid != os.getpid()]


def end_survivors(prefix: str, *, patience_seconds: float) -> int:
    """End them, politely first; return how many there were. They are gone when this returns."""
    found = survivors(prefix)
    _send(found, signal.SIGTERM)
    give_up_at = time.monotonic() + patience_seconds
    while left := survivors(prefix):
        if time.monotonic() >= give_up_at:
            _send(left, signal.SIGKILL)
        time.sleep(0.02)
    return len(found)


def _send(pids: list[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
