"""The streams of a process: one reader asks the database for all of them, none of them waits in it.

A stream holds neither a connection nor a transaction while it waits. However many listen to a
tenant, its events are read once in each process.
"""

from threading import Event, Lock, Thread

import structlog

from builder_ui.portal.stream.reading import Pulse, newest_place, pulse, told_of
from builder_ui.portal.stream.wire import Seat, Terms, Wire
from kernel.access import Actor, system_actor
from kernel.errors import Unavailable
from kernel.feed import read_feed
from kernel.ids import TenantId
from kernel.runtime import Runtime
from tenants.identity.sessions import rights_of_sessions

log = structlog.get_logger(__name__)

BATCH_MAX = 500
FULL_RETRY_SECONDS = 30
JOIN_SECONDS_MAX = 5.0
FAILING_PAUSE_SECONDS = 2.0


class Hub:
    """Seats for streams, and the reader that serves them while any is taken."""

    def __init__(self, runtime: Runtime, terms: Terms | None = None) -> None:
        """Take what to read from; nothing is started before the first stream."""
        self.terms = terms or Terms()
        self._runtime = runtime
        self._lock = Lock()
        self._wires: dict[TenantId, Wire] = {}
        self._pulses: dict[TenantId, Pulse] = {}
        self._seats: list[Seat] = []
        self._reader: Thread | None = None
        self._wanted = Event()
        self._is_closing = False

    def join(self, tenant_id: TenantId, actor: Actor) -> Seat:
        """Take a seat, or raise Unavailable where this process has none left.

        Of one person's seats the oldest is given up for the newest: it is most likely that of a
        page that was left.
        """
        with self._lock:
            if self._is_closing or len(self._seats) >= self.terms.streams_max:
                raise Unavailable(retry_after_seconds=FULL_RETRY_SECONDS)
            own = [
                each
                for each in self._seats
                if (each.tenant_id, each.actor.id) == (tenant_id, actor.id) and not each.ended
            ]
            wire = self._wires.setdefault(tenant_id, Wire(self.terms.kept_max))
            if len(own) >= self.terms.streams_per_person_max:
                wire.end(own[:1], "replaced")
            seat = Seat(tenant_id, actor, wire)
            self._seats.append(seat)
            wire.seats |= {seat}
            self._start_reader()
        if not wire.wait_until_begun(JOIN_SECONDS_MAX):
            self.leave(seat)
            raise Unavailable(retry_after_seconds=FULL_RETRY_SECONDS)
        return seat

    def leave(self, seat: Seat) -> None:
        """Give a seat back; repeating it changes nothing."""
        with self._lock:
            if seat not in self._seats:
                return
            self._seats.remove(seat)
            seat.wire.seats -= {seat}
            if not seat.wire.seats:
                self._wires.pop(seat.tenant_id, None)
                self._pulses.pop(seat.tenant_id, None)
            if not self._seats:
                self._wanted.set()

    def end_all(self) -> None:
        """End every stream and admit no other: the process is about to end. Does not wait."""
        self._is_closing = True
        for wire in list(self._wires.values()):
            wire.end(list(wire.seats), "restart")
        self._wanted.set()

    def close(self) -> None:
        """Read nothing any more, and wait until that is so; streams that are open stay silent."""
        with self._lock:
            self._is_closing = True
            reader = self._reader
        self._wanted.set()
        if reader is not None:
            reader.join(timeout=JOIN_SECONDS_MAX)

    @property
    def taken(self) -> int:
        """How many seats are taken."""
        return len(self._seats)

    def _start_reader(self) -> None:
        self._wanted.set()
        if self._reader is None:
            self._reader = Thread(target=self._read, name="stream-reader", daemon=True)
            self._reader.start()

    def _read(self) -> None:
        while True:
            pause = self.terms.look_every_seconds
            for tenant_id, wire in list(self._wires.items()):
                try:
                    self._look(tenant_id, wire)
                except Exception as error:
                    # The database restarts, say: the streams stay, and are told afterwards.
                    log.warning("stream.unread", tenant_id=tenant_id, error=type(error).__name__)
                    pause = FAILING_PAUSE_SECONDS
            self._wanted.wait(pause)
            with self._lock:
                if self._is_closing or not self._seats:
                    self._reader = None
                    return
                self._wanted.clear()

    def _look(self, tenant_id: TenantId, wire: Wire) -> None:
        """Read what is new. Rights are read last: they are those that held after the events."""
        with self._runtime.unit_of_work(tenant_id, system_actor("stream"), standing="any") as uow:
            if wire.ends is None:
                wire.begin(newest_place(uow))
            rows = read_feed(uow, wire.ends, BATCH_MAX)
            self._pulses[tenant_id], has_moved = pulse(uow, self._pulses.get(tenant_id))
            judged = wire.seats
            rights = rights_of_sessions(uow, {seat.session_id for seat in judged})
        wire.tell(told_of(rows), judged, rights, has_moved=has_moved)
