"""Secrets and ports that are chosen once, kept in a file, and the same ever after."""

import os
import secrets
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path


def kept_secret(path: Path) -> str:
    """Return the secret of this file; the first to ask creates it, readable by its owner only.

    Two processes that ask at the same moment get the same secret.
    """
    return _kept(path, lambda: secrets.token_urlsafe(32))


def kept_port(path: Path) -> int:
    """Return the port of this file; the first to ask keeps one that is free at that moment."""
    return int(_kept(path, lambda: str(free_port())))


def change_port(path: Path) -> int:
    """Keep another port, because a stranger took the old one."""
    path.unlink(missing_ok=True)
    return kept_port(path)


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port nobody listens on. It may be taken the next moment: callers retry."""
    with socket.socket() as listener:
        listener.bind((host, 0))
        port: int = listener.getsockname()[1]
        return port


def is_port_free(port: int, host: str = "127.0.0.1") -> bool:
    """Say whether a server could listen there now; a port in TIME_WAIT counts as free."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
        return True


def _kept(path: Path, choose: Callable[[], str]) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written aside and linked: nobody ever reads half a value, and of two writers one wins.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(choose() + "\n")
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
    return path.read_text().strip()
