"""One server process of ours: spawned, awaited, stopped; it never outlives us."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from kernel.embedded.identity import Identity, launch_command

LOG_BYTES_MAX = 10_000_000
LOG_LINES_SHOWN = 15


class ServerFailed(Exception):
    """An embedded server is missing, does not start or does not stop; the text says why."""


class Child:
    """A spawned server that dies with the thread that spawned it: spawn from the main one."""

    def __init__(
        self, command: Sequence[str], log: Path, *, stop_signal: int, identity: Identity = "self"
    ) -> None:
        self.log = log
        self._stop_signal = stop_signal
        _turn_over(log)
        with log.open("ab") as output:
            self._program = subprocess.Popen(  # noqa: S603 -- commands are built in this package
                launch_command(list(command), identity, stop_signal),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Its own session: Ctrl-C in a terminal reaches us, and we stop it in order.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._program.pid

    def is_alive(self) -> bool:
        """Say whether it runs; a dead one is buried by the question."""
        return self._program.poll() is None

    def wait_until(self, is_ready: Callable[[], bool], *, timeout_seconds: float) -> None:
        """Return once it is ready; raise ServerFailed when it dies or takes too long."""
        give_up_at = time.monotonic() + timeout_seconds
        while not is_ready():
            if not self.is_alive():
                raise ServerFailed(f"{self._says('ended at once')}")
            if time.monotonic() > give_up_at:
                self.stop(timeout_seconds=5)
                raise ServerFailed(self._says(f"was not ready after {timeout_seconds:g} s"))
            time.sleep(0.02)

    def stop(self, *, timeout_seconds: float = 20) -> None:
        """Ask it to end, insist with SIGKILL; return when it is gone. Stopping twice is fine."""
        if self.is_alive():
            self._program.send_signal(self._stop_signal)
            try:
                self._program.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                self._program.kill()
        self._program.wait()

    def _says(self, what: str) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        return "\n  ".join([f"{self.log.parent.name} {what}; the end of {self.log}:", *lines])


def occupants(directory: Path) -> list[int]:
    """Return the processes that work inside a directory, zombies left out.

    Both servers change into their directory. Empty where the system has no /proc.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if Path(os.readlink(entry)) == directory:
                found.append(int(entry.parent.name))
    return found


def clear_leftovers(directory: Path, stop_signal: int, *, timeout_seconds: float = 15) -> None:
    """End whatever a predecessor that was killed has left running in a directory."""
    give_up_at = time.monotonic() + timeout_seconds
    asked: set[int] = set()
    while left := occupants(directory):
        is_late = time.monotonic() > give_up_at
        if time.monotonic() > give_up_at + 5:
            raise ServerFailed(f"Processes {left} still use {directory} and cannot be ended.")
        for pid in left:
            if is_late or pid not in asked:
                asked.add(pid)
                _send(pid, signal.SIGKILL if is_late else stop_signal)
        time.sleep(0.05)


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise ServerFailed(
            f"Process {pid} of another user still runs here; stop it as that user."
        ) from error


def _turn_over(log: Path) -> None:
    """Keep one older log, so that a server that complains for a year does not fill the disk."""
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".old.log"))
