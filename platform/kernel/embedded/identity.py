"""Under whose name PostgreSQL runs: it refuses root, and wants a name the machine knows."""

import functools
import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path
from typing import Literal

Identity = Literal["self", "namespace", "nobody"]
LAUNCHER = Path(__file__).with_name("launch.py")


def launch_command(command: list[str], identity: Identity, death_signal: int) -> list[str]:
    """Return the command that becomes `command`, dies with this process and is not root.

    To be spawned from the main thread: Linux counts the death of the spawning thread.
    """
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER)]
    return [*launcher, str(os.getpid()), str(int(death_signal)), identity, *command]


@functools.cache
def postgres_identity() -> Identity:
    """Return the least intrusive identity under which PostgreSQL starts on this machine."""
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return "self"
    if _works("namespace"):
        return "namespace"
    return "nobody" if os.geteuid() == 0 else "self"


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _works(identity: Identity) -> bool:
    command = launch_command([sys.executable, "-I", "-S", "-c", ""], identity, signal.SIGKILL)
    done = subprocess.run(command, capture_output=True, check=False, timeout=30)  # noqa: S603 -- our own launcher
    return done.returncode == 0
