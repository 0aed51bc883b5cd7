"""Who exists, what they are, whom they answer to, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

REPORTING_DEPTH_MAX = 50
CHAINS_AT_ONCE_MAX = 1000
"""Of the chains of one length that lead on, so many are followed: no web of them is too wide."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member as approvals see them."""

    id: str
    roles: frozenset[str] = frozenset()
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class Delegation:
    """Until `ends_at`, `to` may answer for `of`; `absence` marks an out-of-office stand-in."""

    of: str
    to: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    absence: bool = False

    def holds(self, now: datetime) -> bool:
        began = self.starts_at is None or self.starts_at <= now
        return began and (self.ends_at is None or now < self.ends_at)


@dataclass(frozen=True, slots=True)
class People:
    """The people of a tenant and their delegations, as they are at one moment."""

    members: Mapping[str, Person]
    delegations: tuple[Delegation, ...] = ()
    now: datetime | None = None
    _roles: dict[str, frozenset[str]] = field(default_factory=dict, init=False, compare=False)
    _leading: dict[bool, Mapping[str, Sequence[str]]] = field(
        default_factory=dict, init=False, compare=False
    )

    def with_role(self, role: str) -> frozenset[str]:
        """The ids of those who have a role."""
        if role not in self._roles:
            self._roles[role] = frozenset(
                person.id for person in self.members.values() if role in person.roles
            )
        return self._roles[role]

    def manager_of(self, person_id: str) -> str | None:
        person = self.members.get(person_id)
        return person.manager if person and person.manager in self.members else None

    def reports_to(self, person_id: str, boss: str) -> bool:
        """Whether the chain of managers leads to `boss`; a ring of managers ends the search."""
        current: str | None = person_id
        for _ in range(REPORTING_DEPTH_MAX):
            current = self.manager_of(current) if current else None
            if current is None or current == person_id:
                return False
            if current == boss:
                return True
        return False

    def chains(self, of: str, to: str, depth_max: int, *, absence: bool) -> Iterator[list[str]]:
        """The chains of delegation from `of` to `to`, shortest first, each naming everybody on it.

        An absence counts only where `absence` lets it, and nobody who is no member stands on one.
        """
        waiting = [[of]]
        for _ in range(depth_max):
            longer: list[list[str]] = []
            if not waiting:
                return
            for chain in waiting:
                for stand_in in self._stand_ins(chain[-1], absence=absence):
                    if stand_in == to:
                        yield [*chain, to]
                    elif stand_in not in chain:
                        longer.append([*chain, stand_in])
            waiting = longer[:CHAINS_AT_ONCE_MAX]

    def _stand_ins(self, of: str, *, absence: bool) -> Sequence[str]:
        if absence not in self._leading:
            leading: dict[str, list[str]] = {}
            for each in self.delegations:
                counts = absence or not each.absence
                holds = self.now is None or each.holds(self.now)
                if counts and holds and each.to in self.members:
                    leading.setdefault(each.of, []).append(each.to)
            self._leading[absence] = leading
        return self._leading[absence].get(of, ())
