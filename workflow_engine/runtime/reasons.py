"""The reason that a person gives for stepping in: it must be there, and it is kept."""

from kernel.errors import Fault, Invalid

REASON_LENGTH_MAX = 2000


def reason_given(reason: str) -> str:
    """Return a reason without the blanks around it; Invalid where nothing is left."""
    given = reason.strip()[:REASON_LENGTH_MAX]
    if not given:
        detail = "Write in a sentence why: it is kept in the audit log."
        raise Invalid((Fault("/reason", "run.reason_missing", detail),))
    return given
