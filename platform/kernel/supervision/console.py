"""What a person sees of the supervisor: progress, and every program's lines under its name."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import TextIO

NAME_WIDTH = 8
_COLOURS = {"web": 36, "worker": 35, "ticker": 33, "postgres": 34, "valkey": 32}


class Console:
    """Writes whole lines, from any thread; a terminal that went away is no reason to fail."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._lock = threading.Lock()
        self._is_terminal = self._out.isatty()

    def say(self, text: str) -> None:
        """Write a line of our own."""
        self._write(f"{text}\n")

    def line(self, name: str, text: str) -> None:
        """Write a line that one of the programs said."""
        tag = f"{name:<{NAME_WIDTH}}|"
        if self._is_terminal:
            tag = f"\x1b[{_COLOURS.get(name, 37)}m{tag}\x1b[0m"
        self._write(f"{tag} {text}\n")

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Tell that a step is done and how long it took, or that it failed."""
        began = time.monotonic()
        if self._is_terminal:
            self._write(f"  {title} ...\r")
        try:
            yield
        except BaseException:
            self.say(f"  {title} ... failed")
            raise
        self.say(f"  {title} ... done ({time.monotonic() - began:.1f} s)")

    def _write(self, text: str) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._out.write(text)
            self._out.flush()
