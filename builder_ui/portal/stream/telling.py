"""Tells one stream what happens, until its time is over, it is ended, or nobody listens."""

import select
import socket
import struct
from collections.abc import Callable, Iterator

from builder_ui.portal.stream.reading import CatchUp, heard_by
from builder_ui.portal.stream.wire import News, Seat, Terms
from builder_ui.portal.stream.words import heartbeat, notice, opening
from kernel.access import Permission
from kernel.clock import monotonic_seconds

READ_WORKFLOWS = Permission("workflows:read")
COME_BACK_MILLISECONDS = 2000
# So often it is looked whether the browser has gone: then its thread is free again.
LOOK_SECONDS = 1.0
# A browser that takes nothing for so long is cut off.
STALLED_SECONDS_MAX = 20


def tell(
    seat: Seat, caught_up: CatchUp, terms: Terms, is_gone: Callable[[], bool]
) -> Iterator[bytes]:
    """Yield the stream: what was missed first, then what happens, each event once and in order."""
    now = monotonic_seconds()
    ends_at, beats_at = now + terms.lifetime_seconds, now + terms.heartbeat_seconds
    place, moves = caught_up.at, seat.wire.moves
    yield opening(COME_BACK_MILLISECONDS, None if caught_up.events else place)
    if caught_up.is_reset:
        yield notice("reset", place)
    for each in heard_by(seat.actor, caught_up.events):
        yield each.frame()
    while (now := monotonic_seconds()) < ends_at and not is_gone():
        pause = min(LOOK_SECONDS, ends_at - now, max(0.0, beats_at - now))
        news = seat.wire.wait(seat, place, moves, pause)
        told = b"".join(_told(seat, news, moves))
        if news.events:
            place = news.events[-1].place
        moves = news.moves
        if not told and monotonic_seconds() >= beats_at:
            told = heartbeat(place)
        if told:
            beats_at = monotonic_seconds() + terms.heartbeat_seconds
            yield told
        if news.ended:
            return


def _told(seat: Seat, news: News, moves: int) -> Iterator[bytes]:
    if news.ended:
        yield notice("bye", why=news.ended)
        return
    if news.lags:
        # It took too long to take what was told: some of it is gone.
        yield notice("reset", news.events[-1].place if news.events else None)
        return
    for each in heard_by(seat.actor, news.events):
        yield each.frame()
    if news.moves != moves and seat.actor.may(READ_WORKFLOWS):
        yield notice("moved")


def watch(connection: socket.socket | None) -> Callable[[], bool]:
    """Return what tells whether the other end has gone; never, where no connection is known.

    From then on nobody waits long for an end that takes nothing either.
    """
    if connection is None:
        return lambda: False
    patience = struct.pack("ll", STALLED_SECONDS_MAX, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
    looked_at = select.poll()
    looked_at.register(connection, select.POLLIN | select.POLLHUP | select.POLLERR)

    def is_gone() -> bool:
        if not looked_at.poll(0):
            return False
        try:
            return connection.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    return is_gone
