"""What the streams of one tenant share in a process: the newest events, and whoever listens."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from threading import Condition

from builder_ui.portal.stream.words import Told, is_behind
from kernel.access import Actor, Permission
from kernel.feed import Place
from kernel.ids import TenantId


@dataclass(frozen=True)
class Terms:
    """How long streams last, how many there are, and how much is kept for them."""

    lifetime_seconds: float = 300
    heartbeat_seconds: float = 15
    look_every_seconds: float = 0.5
    streams_max: int = 60
    streams_per_person_max: int = 4
    kept_max: int = 2000
    replayed_max: int = 500


class Seat:
    """One open stream: who listens to which tenant, and why it ends once it does."""

    def __init__(self, tenant_id: TenantId, actor: Actor, wire: "Wire") -> None:
        """Take who listens, with the rights held when the stream began."""
        assert actor.session_id is not None, "streams are for people who are signed in"
        self.tenant_id = tenant_id
        self.actor = actor
        self.session_id = actor.session_id
        self.wire = wire
        self.ended: str | None = None


@dataclass(frozen=True)
class News:
    """What came since a listener last looked; `lags` where some of it is no longer kept."""

    events: Sequence[Told]
    moves: int
    ended: str | None
    lags: bool = False


class Wire:
    """The newest events of a tenant, read once for all who listen."""

    def __init__(self, kept_max: int) -> None:
        """Begin empty: ready once `begin` said where the stream stands."""
        # Replaced and never changed, so that it can be read without the lock.
        self.seats: frozenset[Seat] = frozenset()
        self._changed = Condition()
        self._kept: deque[Told] = deque(maxlen=kept_max)
        self._begins: Place | None = None
        self._ends: Place | None = None
        self._moves = 0

    @property
    def ends(self) -> Place | None:
        """Behind which event is to be read next; None before the beginning."""
        return self._ends

    @property
    def moves(self) -> int:
        """How often anything was done in the tenant, as far as was seen."""
        return self._moves

    def begin(self, place: Place) -> None:
        """Say where the stream stands: what comes behind this place will be kept."""
        with self._changed:
            self._begins = self._ends = place
            self._changed.notify_all()

    def wait_until_begun(self, seconds: float) -> bool:
        """Wait for the beginning; tell whether it came."""
        with self._changed:
            return self._changed.wait_for(lambda: self._ends is not None, seconds)

    def tell(
        self,
        events: Sequence[Told],
        judged: Collection[Seat],
        rights: Mapping[str, frozenset[Permission]],
        *,
        has_moved: bool,
    ) -> None:
        """Add what was read, and end those of the judged streams whose rights are others by now.

        Both at once: an event that happened after somebody lost a right is never told to them.
        """
        with self._changed:
            for seat in judged:
                if rights.get(seat.session_id) != seat.actor.permissions:
                    seat.ended = seat.ended or "rights"
            for each in events:
                if len(self._kept) == self._kept.maxlen:
                    self._begins = self._kept[0].place
                self._kept.append(each)
                self._ends = each.place
            self._moves += has_moved
            self._changed.notify_all()

    def end(self, seats: Sequence[Seat], why: str) -> None:
        """End some streams; each stops when it next looks, which is at once."""
        with self._changed:
            for seat in seats:
                seat.ended = seat.ended or why
            self._changed.notify_all()

    def wait(self, seat: Seat, place: Place, moves: int, seconds: float) -> News:
        """Return what came behind a place, waiting for it so long at most."""
        with self._changed:
            self._changed.wait_for(
                lambda: seat.ended or self._moves != moves or self._is_ahead_of(place), seconds
            )
            if seat.ended:
                return News((), self._moves, seat.ended)
            lags = self._begins is not None and is_behind(self._begins, place)
            fresh = [each for each in self._kept if is_behind(each.place, place)]
            return News(fresh, self._moves, None, lags)

    def _is_ahead_of(self, place: Place) -> bool:
        return self._ends is not None and is_behind(self._ends, place)
