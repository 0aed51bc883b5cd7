"""A directory belongs to one process at a time: the lock ends with its holder, however it ends."""

import fcntl
import os
from pathlib import Path


class Claimed(Exception):
    """Another live process holds the directory."""


class Claim:
    """Holds a directory until closed or until this process dies; raises Claimed if taken."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._descriptor, 20).decode().strip() or "another"
            os.close(self._descriptor)
            raise Claimed(f"Process {holder} already runs here ({path}).") from error
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, f"{os.getpid()}\n".encode())

    def close(self) -> None:
        os.close(self._descriptor)
