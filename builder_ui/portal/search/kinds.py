"""A kind of thing that can be found: who may find it, how, and what is shown of it."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from builder_ui.shell.page import Tone
from commerce.closeness import Closeness, Match
from kernel.access import Permission
from kernel.uow import UnitOfWork

Row = TypeVar("Row")

LENGTH_MAX = 200
# As `kernel.ids` writes them: three letters and 26 signs.
_ID = re.compile(r"[a-z]{3}_[0-9a-z]{26}")


@dataclass(frozen=True)
class Hit:
    """What is shown of a thing: its name, what tells it apart, its state, and where it is."""

    id: str
    title: str
    href: str
    note: str = ""
    badge: tuple[str, Tone] | None = None


@dataclass(frozen=True)
class Kind(Generic[Row]):
    """One kind of thing. `name` is what people type before a colon to find only these.

    `find` returns the closest first; `by_ids` leaves out what is missing; `shown` keeps the order.
    """

    name: str
    one: str
    many: str
    icon: str
    permission: Permission
    id_begins: str
    find: Callable[[UnitOfWork, str, int], Sequence[Match[Row]]]
    by_ids: Callable[[UnitOfWork, Sequence[str]], Iterable[Row]]
    shown: Callable[[UnitOfWork, Sequence[Row]], Sequence[Hit]]


AnyKind = Kind[Any]


@dataclass(frozen=True)
class Asked:
    """What somebody looks for: words, and the one kind that they named, if any."""

    text: str
    kind: str | None = None
    is_too_long: bool = False

    @classmethod
    def read(cls, typed: str, kinds: Iterable[str]) -> "Asked":
        """Read `order: 1001` or plain words; spaces are single, and unwritable signs are nothing.

        A word before a colon that names no kind belongs to the words.
        """
        if len(typed) > LENGTH_MAX:
            return cls("", is_too_long=True)
        words = ("".join(filter(str.isprintable, word)) for word in typed.split())
        text = " ".join(word for word in words if word)
        before, colon, after = text.partition(":")
        if colon and before.lower() in set(kinds):
            return cls(after.strip(), before.lower())
        return cls(text)

    @property
    def is_id(self) -> bool:
        """Tell whether it is an id, which is exactly one thing."""
        return _ID.fullmatch(self.text) is not None


@dataclass(frozen=True)
class Group:
    """What was found of one kind, the closest first; `has_more` where there is more of it."""

    kind: AnyKind
    hits: Sequence[Hit]
    closeness: Sequence[Closeness]
    has_more: bool = False


def search(uow: UnitOfWork, kinds: Sequence[AnyKind], asked: Asked, *, limit: int) -> list[Group]:
    """Return what the actor may see of each kind, kinds with exact matches first.

    Kinds that the actor may not see are not looked through; up to `limit` of each are returned.
    """
    groups = []
    for kind in kinds:
        if asked.kind not in (None, kind.name) or not uow.actor.may(kind.permission):
            continue
        matches = _matches(uow, kind, asked, limit + 1)
        if matches:
            rows = [match.row for match in matches[:limit]]
            closeness = [match.closeness for match in matches[:limit]]
            hits = kind.shown(uow, rows)
            groups.append(Group(kind, hits, closeness, has_more=len(matches) > limit))
    return sorted(groups, key=lambda group: min(group.closeness))


def named(
    uow: UnitOfWork, kinds: Sequence[AnyKind], ids: Sequence[str]
) -> list[tuple[AnyKind, Hit]]:
    """Return what the actor may see of the things with these ids, in their order."""
    found: dict[str, tuple[AnyKind, Hit]] = {}
    for kind in kinds:
        theirs = [each for each in ids if each.startswith(kind.id_begins) and _ID.fullmatch(each)]
        if theirs and uow.actor.may(kind.permission):
            for hit in kind.shown(uow, list(kind.by_ids(uow, theirs))):
                found[hit.id] = (kind, hit)
    return [found[each] for each in ids if each in found]


def got(uow: UnitOfWork, table: type[Any], ids: Sequence[str]) -> list[Any]:
    """Return the rows of a table that have these ids, in their order."""
    rows = (uow.session.get(table, (uow.tenant_id, each)) for each in ids)
    return [row for row in rows if row is not None]


def _matches(uow: UnitOfWork, kind: AnyKind, asked: Asked, limit: int) -> Sequence[Match[Any]]:
    if asked.is_id:
        ids = [asked.text] if asked.text.startswith(kind.id_begins) else []
        return [Match(row, Closeness.EXACT) for row in kind.by_ids(uow, ids)]
    return kind.find(uow, asked.text, limit) if asked.text else []
