"""How events are spelled on the wire: places that sort, and the frames of an event stream."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kernel.feed import Place

BEGINNING = Place(0, "")

_PLACE = re.compile(r"([0-9a-f]{16})\.([a-z0-9_]{0,40})")


@dataclass(frozen=True)
class Told:
    """One event as a browser hears of it: what happened, when, and to which things."""

    place: Place
    name: str
    at: datetime
    ids: Mapping[str, str] = field(default_factory=dict)
    only_for: frozenset[str] | None = None
    """The members whom it is told to; None where rights decide that."""

    def document(self) -> dict[str, object]:
        """Return what a browser gets, but for the place."""
        return {"type": self.name, "at": self.at.isoformat(), "ids": dict(self.ids)}

    def frame(self) -> bytes:
        """Return the event as a message of `text/event-stream`."""
        spelled = json.dumps(self.document(), separators=(",", ":"))
        return f"id: {spell(self.place)}\ndata: {spelled}\n\n".encode()


def spell(place: Place) -> str:
    """Return a place as text; of two places of a tenant, the later one sorts behind."""
    return f"{place.written_in:016x}.{place.event_id}"


def read_place(word: str) -> Place | None:
    """Return the place that a word spells; None where it spells none."""
    found = _PLACE.fullmatch(word)
    if found is None or int(found[1], 16) >= 2**63:
        return None
    return Place(int(found[1], 16), found[2])


def is_behind(place: Place, other: Place) -> bool:
    """Tell whether a place comes later in the stream than another."""
    return (place.written_in, place.event_id) > (other.written_in, other.event_id)


def opening(pause_milliseconds: int, place: Place | None) -> bytes:
    """Return how a stream begins: when to come back after it broke, and where it stands.

    Where something was missed it does not stand there yet: each event says so for itself.
    """
    where = f"id: {spell(place)}\n" if place is not None else ""
    return f"retry: {pause_milliseconds}\n{where}: open\n\n".encode()


def heartbeat(place: Place) -> bytes:
    """Return a sign of life. It is no message, but what was passed over is not asked for again."""
    return f"id: {spell(place)}\n: beat\n\n".encode()


def notice(kind: str, place: Place | None = None, why: str = "") -> bytes:
    """Return a message about the stream itself: `reset`, `moved` or `bye`."""
    where = f"id: {spell(place)}\n" if place is not None else ""
    return f"{where}event: {kind}\ndata: {json.dumps({'why': why})}\n\n".encode()
