"""Judges recorded transactions: finds every cycle that no order of them could explain.

Each key holds a list to which transactions append values of their own; a read gives the whole
list. So every read tells which versions came before it, and the order of versions is known without
asking the database. The anomalies are Adya's: G0, G1a, G1b, G1c, G-single (lost update, read
skew) and G2 (write skew).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

Key = Hashable
Kind = Literal["ww", "wr", "rw", "before"]
Edge = tuple[str, str, Kind]


@dataclass(frozen=True)
class Transaction:
    """What one transaction read and appended, in its order of doing, and whether it committed.

    `began` and `ended` are moments of one clock; without them nothing is known of the order.
    """

    name: str
    reads: Mapping[Any, Sequence[Any]] = field(default_factory=dict)
    appends: Sequence[tuple[Key, Any]] = ()
    is_committed: bool = True
    began: float | None = None
    ended: float | None = None


@dataclass(frozen=True)
class Anomaly:
    """What is wrong, and with whom: a cycle in its order, or the two that disagree."""

    kind: str
    names: tuple[str, ...]


def anomalies(history: Sequence[Transaction], *, in_real_time: bool = False) -> list[Anomaly]:
    """Return what no serial order of the committed transactions explains.

    `in_real_time`: nor may a transaction that ended before another began come after it.
    """
    committed = [each for each in history if each.is_committed]
    found = [*_aborted_reads(history), *_intermediate_reads(history)]
    versions, disagreeing = _versions(committed)
    found += disagreeing
    found += _lost_appends(committed, versions)
    edges = _edges(committed, versions)
    if in_real_time:
        edges |= _real_time(committed)
    return found + _cycles(edges)


def _aborted_reads(history: Sequence[Transaction]) -> list[Anomaly]:
    undone = {
        (k, v): each.name for each in history if not each.is_committed for k, v in each.appends
    }
    return [
        Anomaly("G1a", (undone[key, value], each.name))
        for each in history
        if each.is_committed
        for key, values in each.reads.items()
        for value in values
        if (key, value) in undone and undone[key, value] != each.name
    ]


def _intermediate_reads(history: Sequence[Transaction]) -> list[Anomaly]:
    """A read that ends in the middle of what another transaction appended."""
    after: dict[tuple[Key, Any], str] = {}
    for each in history:
        by_key: dict[Key, list[Any]] = defaultdict(list)
        for key, value in each.appends:
            by_key[key].append(value)
        for key, values in by_key.items():
            after |= {(key, value): each.name for value in values[:-1]}
    return [
        Anomaly("G1b", (after[key, values[-1]], each.name))
        for each in history
        for key, values in each.reads.items()
        if values and after.get((key, values[-1]), each.name) != each.name
    ]


def _versions(
    committed: Sequence[Transaction],
) -> tuple[dict[Key, list[Any]], list[Anomaly]]:
    """The order of each key's values: the longest read, of which all others are beginnings."""
    longest: dict[Key, tuple[str, Sequence[Any]]] = {}
    for each in committed:
        for key, values in each.reads.items():
            if key not in longest or len(values) > len(longest[key][1]):
                longest[key] = (each.name, values)
    disagreeing = [
        Anomaly("incompatible order", (longest[key][0], each.name))
        for each in committed
        for key, values in each.reads.items()
        if list(longest[key][1][: len(values)]) != list(values)
    ]
    return {key: list(values) for key, (_, values) in longest.items()}, disagreeing


def _lost_appends(
    committed: Sequence[Transaction], versions: Mapping[Key, Sequence[Any]]
) -> list[Anomaly]:
    """Appends that somebody must have seen: a later read of the key does not have them."""
    found = []
    for each in committed:
        for key, value in each.appends:
            later = [
                other.name
                for other in committed
                if key in other.reads and each.ended is not None and other.began is not None
                and each.ended < other.began and value not in other.reads[key]
            ]  # fmt: skip
            if later and value not in versions.get(key, ()):
                found.append(Anomaly("lost append", (each.name, later[0])))
    return found


def _edges(committed: Sequence[Transaction], versions: Mapping[Key, Sequence[Any]]) -> set[Edge]:
    writer = {(key, value): each.name for each in committed for key, value in each.appends}
    edges: set[Edge] = set()
    for key, values in versions.items():
        names = [writer.get((key, value)) for value in values]
        for earlier, later in pairwise(names):
            if earlier and later:
                edges.add((earlier, later, "ww"))
    for each in committed:
        for key, read in each.reads.items():
            known = versions[key]
            if read and (source := writer.get((key, read[-1]))):
                edges.add((source, each.name, "wr"))
            if len(read) < len(known) and (next_ := writer.get((key, known[len(read)]))):
                edges.add((each.name, next_, "rw"))
            # What was appended and is in no list at all came after every list that was read.
            for (other, value), name in writer.items():
                if other == key and value not in known and len(read) == len(known):
                    edges.add((each.name, name, "rw"))
    return {edge for edge in edges if edge[0] != edge[1]}


def _real_time(committed: Sequence[Transaction]) -> set[Edge]:
    return {
        (first.name, second.name, "before")
        for first in committed
        for second in committed
        if first.ended is not None and second.began is not None and first.ended < second.began
    }


def _cycles(edges: set[Edge]) -> list[Anomaly]:
    """Return one cycle of each kind, the worst kinds first."""
    rw = [(source, target) for source, target, kind in sorted(edges) if kind == "rw"]
    for kind, kinds in (("G0", {"ww", "before"}), ("G1c", {"ww", "wr", "before"})):
        found = _cycle_within(_graph(edges, kinds))
        if found:
            return [Anomaly(kind, found)]
    forward = _graph(edges, {"ww", "wr", "before"})
    for source, target in rw:
        path = _path(forward, target, source)
        if path:
            return [Anomaly("G-single", (source, *path[:-1]))]
    found = _cycle_within(_graph(edges, {"ww", "wr", "rw", "before"}))
    return [Anomaly("G2", found)] if found else []


def _graph(edges: Iterable[Edge], kinds: set[str]) -> dict[str, list[str]]:
    graph: dict[str, list[str]] = defaultdict(list)
    for source, target, kind in sorted(edges):
        if kind in kinds:
            graph[source].append(target)
    return graph


def _cycle_within(graph: Mapping[str, Sequence[str]]) -> tuple[str, ...] | None:
    for start in list(graph):
        for target in graph[start]:
            path = _path(graph, target, start)
            if path:
                return (start, *path[:-1])
    return None


def _path(graph: Mapping[str, Sequence[str]], start: str, end: str) -> tuple[str, ...] | None:
    """Return the shortest way from one to the other, both included."""
    came_from: dict[str, str | None] = {start: None}
    ahead = [start]
    while ahead:
        here = ahead.pop(0)
        if here == end:
            way: list[str] = []
            at: str | None = here
            while at is not None:
                way.append(at)
                at = came_from[at]
            return tuple(reversed(way))
        for target in graph.get(here, ()):
            if target not in came_from:
                came_from[target] = here
                ahead.append(target)
    return None


@dataclass(frozen=True)
class Taking:
    """A number that somebody took from a series; None where the transaction was undone."""

    number: int | None
    began: float
    ended: float


def out_of_turn(takings: Sequence[Taking], *, first: int = 1) -> list[str]:
    """Return why a series of numbers is not one counter that counts up by one.

    Each number once, none left out, and none below a number whose taker had ended before.
    """
    taken = sorted((each for each in takings if each.number is not None), key=_number)
    numbers = [_number(each) for each in taken]
    expected = list(range(first, first + len(numbers)))
    found = [] if numbers == expected else [f"taken were {numbers}"]
    latest_begin = float("-inf")
    for each in taken:
        # Everybody with a smaller number must not have begun after this one ended.
        if each.ended < latest_begin:
            found.append(f"{each.number} was taken before a smaller number was asked for")
        latest_begin = max(latest_begin, each.began)
    return found


def _number(taking: Taking) -> int:
    assert taking.number is not None
    return taking.number
