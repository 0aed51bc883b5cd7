"""A wire between application and database that can be cut at the moment of a commit."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

_COMMITTED = b"COMMIT\0"


class CutWire:
    """Passes bytes on to PostgreSQL until the chosen commit, whose answer it swallows.

    The commit that is cut is the first after a statement that names `marker`: PostgreSQL has
    done it, and the application never hears of it.
    """

    def __init__(self, database_url: str, marker: bytes) -> None:
        parts = urlsplit(database_url)
        where = parse_qs(parts.query)
        self._socket_path = f"{where['host'][0]}/.s.PGSQL.{where['port'][0]}"
        self._marker = marker
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._saw_marker = threading.Event()
        self.was_cut = threading.Event()
        port = self._listener.getsockname()[1]
        who = parts.netloc.split("@")[0]
        self.url = f"postgresql://{who}@127.0.0.1:{port}{parts.path}?sslmode=disable"
        self._ends: list[socket.socket] = [self._listener]
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def close(self) -> None:
        """Hang up everywhere."""
        _hang_up(*self._ends)
        for thread in list(self._threads):
            thread.join(5)
        for end in self._ends:
            end.close()

    def _start(self, what: Callable[..., None], *ends: socket.socket) -> None:
        thread = threading.Thread(target=what, args=ends, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.socket(socket.AF_UNIX)
                self._ends += [near, far]
                far.connect(self._socket_path)
                self._start(self._questions, near, far)
                self._start(self._answers, near, far)

    def _questions(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while sent := near.recv(65_536):
                if self._marker in sent:
                    self._saw_marker.set()
                far.sendall(sent)
        _hang_up(near, far)

    def _answers(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while sent := far.recv(65_536):
                cuts = self._saw_marker.is_set() and not self.was_cut.is_set()
                if cuts and _COMMITTED in sent:
                    self.was_cut.set()
                    break
                near.sendall(sent)
        _hang_up(near, far)


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def cut_wire(database_url: str, marker: bytes) -> Iterator[CutWire]:
    """Lay a wire to the database for as long as the block lasts."""
    wire = CutWire(database_url, marker)
    try:
        yield wire
    finally:
        wire.close()
