"""Steps of setting up: told on the terminal, their output in a log, never done twice in vain."""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOG = ROOT / "var" / "bootstrap.log"
LOG_LINES_SHOWN = 25


class SetupFailed(Exception):
    """A step went wrong; the text says what, where and how to mend it."""


def say(line: str, *, end: str = "\n") -> None:
    sys.stdout.write(line + end)
    sys.stdout.flush()


@contextmanager
def step(title: str) -> Iterator[None]:
    """Tell that a step begins and, on the same line, how long it took."""
    say(f"  {title} ... ", end="")
    started = time.monotonic()
    try:
        yield
    except BaseException:
        say("failed")
        raise
    say(f"done ({time.monotonic() - started:.1f} s)")


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> None:
    """Run a command with its output in the log; a failure shows the end of that output."""
    words = [str(word) for word in command]
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(words)}\n".encode())
        log.flush()
        said_before = log.tell()
        done = subprocess.run(  # noqa: S603 -- commands are spelled out in this package
            words, cwd=ROOT, env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        said = LOG.read_bytes()[said_before:].decode(errors="replace")
        end = said.splitlines()[-LOG_LINES_SHOWN:]
        shown = "\n    ".join(end)
        raise SetupFailed(f"`{' '.join(words[:6])} ...` failed. The end of {LOG}:\n    {shown}")


def fingerprint(*parts: Path | str) -> str:
    """Return a digest of files, of whole folders, and of plain words."""
    digest = hashlib.sha256()
    for part in parts:
        for path in _files(part) if isinstance(part, Path) else ():
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
        if isinstance(part, str):
            digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def is_stamped(stamp: Path, mark: str) -> bool:
    """Say whether this very work was finished before."""
    return stamp.is_file() and stamp.read_text() == mark


@contextmanager
def alone() -> Iterator[None]:
    """Let one process at a time set this clone up; the others say so and wait."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with (LOG.parent / "bootstrap.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("  another process sets this clone up; waiting for it ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [p for p in sorted(path.rglob("*")) if p.is_file() and "node_modules" not in p.parts]
