"""What the audit log says of one row: a trail of versions, from its creation to where it stands."""

from collections import Counter
from collections.abc import Mapping
from typing import Any


class Trail:
    """Follows the recorded changes of one row, in whatever order their entries come.

    Entries carry the time at which their transaction began, so two of one row may come in the
    wrong order; and a row may be deleted and made again under its key. Each change says which
    version it replaces: from nothing through every change there is one way, and it ends at the
    version that must be there now, or at nothing.
    """

    __slots__ = ("_loose", "digest", "version")

    def __init__(self) -> None:
        """Start where the row does not exist yet."""
        self.version: int | None = None
        self.digest: str | None = None
        self._loose: list[Mapping[str, Any]] = []

    def follow(self, change: Mapping[str, Any]) -> None:
        """Take one more change: go along it now, or once what it replaces was reached."""
        self._loose.append(change)
        while (following := self._next()) is not None:
            self._loose.remove(following)
            self.digest = following["digest"]
            self.version = following["version"] if self.digest is not None else None

    @property
    def has_gap(self) -> bool:
        """Tell whether some change cannot be reached: the entry before it is gone.

        Changes left aside that lead round in a circle are no gap: an earlier life of the row.
        """
        ends: Counter[int | None] = Counter()
        for change in self._loose:
            ends[change["replaces"]] -= 1
            ends[change["version"] if change["digest"] is not None else None] += 1
        return any(ends.values())

    def _next(self) -> Mapping[str, Any] | None:
        return next((each for each in self._loose if each["replaces"] == self.version), None)
