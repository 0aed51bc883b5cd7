"""A program that the supervisor runs: web, a worker, the ticker."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kernel.embedded.child import ServerFailed
from kernel.embedded.identity import launch_command
from kernel.supervision.console import Console
from kernel.supervision.survivors import MARK, end_survivors, mark_of

READY_SECONDS_MAX = 60


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Program:
    """What to run. SIGTERM must end it within seconds; its lines appear under its name."""

    name: str
    command: Sequence[str]
    # Asked until it says yes, before the address is told. It must not depend on the others.
    is_ready: Callable[[], bool] = _always


class RunningProgram:
    """A program that is started, watched and ended; nothing of it is left when it is stopped."""

    def __init__(self, program: Program, var_dir: Path, console: Console) -> None:
        self.name = program.name
        self._program = program
        self._console = console
        self._mark = mark_of(var_dir, program.name)
        self._running: subprocess.Popen[bytes] | None = None
        self._is_asked = False

    def start(self) -> None:
        """Start it, without waiting for it; end first what a killed one left behind."""
        end_survivors(self._mark, patience_seconds=0)
        self._is_asked = False
        self._running = subprocess.Popen(  # noqa: S603 -- the command is the front door's own
            launch_command(list(self._program.command), "self", signal.SIGTERM),
            env={**os.environ, MARK: self._mark, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self._running.stdout is not None
        reader = threading.Thread(target=self._forward, args=[self._running.stdout], daemon=True)
        reader.start()

    def wait_until_ready(self) -> None:
        """Return once it is ready; raise ServerFailed when it ends or takes too long."""
        give_up_at = time.monotonic() + READY_SECONDS_MAX
        while not self._program.is_ready():
            if self._running is not None and not self.is_alive():
                code = self._running.returncode
                raise ServerFailed(f"{self.name} ended at once, with code {code}.")
            if time.monotonic() > give_up_at:
                raise ServerFailed(f"{self.name} was not ready after {READY_SECONDS_MAX} s.")
            time.sleep(0.05)

    def is_alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    @property
    def pid(self) -> int | None:
        return self._running.pid if self._running else None

    def ask_to_stop(self) -> None:
        """Send SIGTERM, once: a queue worker takes a second one for "drop what you hold"."""
        if self.is_alive() and not self._is_asked and self._running is not None:
            self._is_asked = True
            self._running.terminate()

    def stop(self, *, timeout_seconds: float) -> None:
        """End it: politely until the time is up, and whatever it left behind in any case."""
        self.ask_to_stop()
        if self._running is not None:
            try:
                self._running.wait(max(timeout_seconds, 0))
            except subprocess.TimeoutExpired:
                self._console.line(self.name, "did not end in time and is killed")
                self._running.kill()
                self._running.wait()
        end_survivors(self._mark, patience_seconds=0)

    def _forward(self, output: IO[bytes]) -> None:
        with output:
            for line in output:
                self._console.line(self.name, line.decode(errors="replace").rstrip())
