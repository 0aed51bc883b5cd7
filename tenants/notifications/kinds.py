"""The kinds of notification, and who is told of which where they did not choose."""

from collections.abc import Mapping
from dataclasses import dataclass

from kernel.access import Permission

PORTAL = "portal"
CHANNELS = (PORTAL,)
"""Mail is none: the post office writes invitations and to customers, and has no digest yet."""


@dataclass(frozen=True)
class Kind:
    """What a member may be told of.

    Only who holds `needs` is told at all. `usual` is the permission of those who are told unless
    they say otherwise; the others are told when they ask for it.
    """

    name: str
    title: str
    explained: str
    needs: Permission | None = None
    usual: Permission | None = None


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "asked",
            "Something is asked of me",
            "An approval or a question is put to you or one of your roles.",
            Permission("tasks:read"),
        ),
        Kind(
            "decided",
            "My request was decided",
            "What you requested was approved or rejected by others.",
        ),
        Kind(
            "standing_in",
            "Work is handed on",
            "Somebody answered for you, or you may now answer for somebody.",
        ),
        Kind(
            "problem",
            "A problem needs somebody",
            "An exception was opened. Those who resolve exceptions are told unless they say not.",
            Permission("exceptions:read"),
            Permission("exceptions:write"),
        ),
        Kind(
            "held",
            "An order of mine is held",
            "An order that you placed was held back.",
            Permission("orders:read"),
        ),
    )
}
