"""Lets so many requests in at once: what is told for minutes waits outside and keeps nobody out.

A web process has more threads than it works on requests, so that streams can wait in theirs.
"""

from collections.abc import Callable, Iterable, Iterator
from threading import Lock, Semaphore
from typing import Any

from flask import Flask

LEAVES = "wareflow.leaves_turnstile"
"""Set in the environment by a view whose answer is told for minutes: its place is free at once."""

_ENDINGS = "wareflow_endings"


class Turnstile:
    """A WSGI application of which so many requests are worked on at a time; others wait."""

    def __init__(self, app: Callable[..., Iterable[bytes]], places: int) -> None:
        """Take the application and how many it may work on."""
        self._app = app
        self._free = Semaphore(places)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request, once there is a place for it."""
        place = _Place(self._free)
        try:
            body = self._app(environ, start_response)
        except BaseException:
            place.leave()
            raise
        if environ.get(LEAVES):
            place.leave()
        return _Body(body, place)


def when_ending(app: Flask, end: Callable[[], None]) -> None:
    """Have `end` called when this web process is told to stop; it must not wait for anything."""
    app.extensions.setdefault(_ENDINGS, []).append(end)


def begin_ending(app: object) -> None:
    """Call whatever wants to know that this web process ends."""
    endings: list[Callable[[], None]] = getattr(app, "extensions", {}).get(_ENDINGS, [])
    for end in endings:
        end()


class _Place:
    def __init__(self, free: Semaphore) -> None:
        free.acquire()
        self._free = free
        self._lock = Lock()
        self._is_left = False

    def leave(self) -> None:
        with self._lock:
            was_left, self._is_left = self._is_left, True
        if not was_left:
            self._free.release()


class _Body:
    def __init__(self, body: Iterable[bytes], place: _Place) -> None:
        self._body = body
        self._place = place

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._place.leave()
