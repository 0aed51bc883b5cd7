"""A column cut into pieces: within one piece every cell of the column says the same.

A set of pieces is an int, one bit a piece, so that all set algebra is exact and cheap. The last
piece of every axis is null.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from kernel.money import Money
from workflow_engine.decisions.cells import Cell, Exactly, Not, Range, Test
from workflow_engine.decisions.columns import ORDERED, Column

Pieces = int


class Axis(ABC):
    """The pieces of one column, found from its domain and all of its cells."""

    def __init__(self, column: Column, cells: Iterable[Cell]) -> None:
        self.column = column
        self.cut([*_leaves(cells), *_domain_tests(column)])
        self.null_piece = self.count - 1
        self.everything: Pieces = (1 << self.count) - 1
        self.domain: Pieces = self._domain()

    count: int

    @abstractmethod
    def cut(self, tests: list[Exactly | Range]) -> None:
        """Choose the pieces; sets `count`, null's piece included."""

    @abstractmethod
    def of_value(self, value: Any) -> Pieces:
        """Return the pieces of one value that is not null."""

    @abstractmethod
    def of_range(self, test: Range) -> Pieces:
        """Return the pieces of a range."""

    @abstractmethod
    def locate(self, value: Any) -> int:
        """Return the piece that a value falls into; LookupError where it has none."""

    @abstractmethod
    def example(self, piece: int) -> Any:
        """Return a value that falls into a piece."""

    def by_value(self) -> dict[Any, int]:
        """Return the pieces of the domain's values where these are all it can meet."""
        return {}

    def by_start(self) -> list[int] | None:
        """Return the first values of the pieces where those are whole numbers."""
        return None

    def accepted(self, cell: Cell) -> Pieces:
        """Return the pieces of the domain that a cell accepts."""
        if not cell:
            return self.domain
        pieces = 0
        for test in cell:
            pieces |= self._of_test(test)
        return pieces & self.domain

    def _of_test(self, test: Test) -> Pieces:
        match test:
            case Exactly(value):
                return 1 << self.null_piece if value is None else self.of_value(value)
            case Range():
                return self.of_range(test)
        pieces = 0
        for each in test.tests:
            pieces |= self._of_test(each)
        return self.everything & ~pieces

    def _domain(self) -> Pieces:
        domain = self.column.domain
        null = 1 << self.null_piece
        pieces = self.everything & ~null
        if domain.values is not None:
            pieces = 0
            for value in domain.values:
                pieces |= self.of_value(value)
        elif domain.minimum is not None or domain.maximum is not None:
            pieces = self.of_range(Range(domain.minimum, domain.maximum))
        return pieces | null if self.column.nullable else pieces


class DiscreteAxis(Axis):
    """Texts, enums and bools: a piece for every value that is named, one for all others."""

    def cut(self, tests: list[Exactly | Range]) -> None:
        named = [test.value for test in tests if isinstance(test, Exactly)]
        self.values = sorted({value for value in named if value is not None}, key=str)
        if self.column.kind == "bool":
            self.values = [False, True]
        self.pieces = {value: piece for piece, value in enumerate(self.values)}
        self.other = len(self.values)
        self.count = len(self.values) + 2

    def of_value(self, value: Any) -> Pieces:
        return 1 << self.pieces[value]

    def of_range(self, test: Range) -> Pieces:
        raise AssertionError(test)

    def locate(self, value: Any) -> int:
        return self.null_piece if value is None else self.pieces.get(value, self.other)

    def example(self, piece: int) -> Any:
        if piece == self.null_piece:
            return None
        if piece < self.other:
            return self.values[piece]
        text = "other"
        while text in self.pieces:
            text += "_"
        return text

    def by_value(self) -> dict[Any, int]:
        found = {**self.pieces, None: self.null_piece}
        return {value: piece for value, piece in found.items() if self.domain >> piece & 1}

    def _domain(self) -> Pieces:
        pieces = super()._domain()
        closed = self.column.kind in ("bool", "enum")
        return pieces & ~(1 << self.other) if closed else pieces


class WholeAxis(Axis):
    """Whole numbers and money in minor units: `starts` are the first values of pieces."""

    def cut(self, tests: list[Exactly | Range]) -> None:
        starts: set[int] = set()
        for test in tests:
            low, high = self._bounds(test)
            if low is not None:
                starts.add(low)
            if high is not None:
                starts.add(high + 1)
        self.starts = sorted(starts)
        self.count = len(self.starts) + 2

    def _bounds(self, test: Exactly | Range) -> tuple[int | None, int | None]:
        if isinstance(test, Exactly):
            return self._key(test.value), self._key(test.value)
        low, high = self._key(test.low), self._key(test.high)
        if low is not None and not test.low_included:
            low += 1
        if high is not None and not test.high_included:
            high -= 1
        return low, high

    def _key(self, value: Any) -> int | None:
        return value.minor if isinstance(value, Money) else value

    def by_start(self) -> list[int] | None:
        return self.starts if self.column.currency is None else None

    def of_value(self, value: Any) -> Pieces:
        return self.of_range(Range(value, value))

    def of_range(self, test: Range) -> Pieces:
        low, high = self._bounds(test)
        first = 0 if low is None else bisect_right(self.starts, low)
        last = len(self.starts) if high is None else bisect_right(self.starts, high)
        return _run(first, last)

    def locate(self, value: Any) -> int:
        if value is None:
            return self.null_piece
        if isinstance(value, Money):
            if value.currency != self.column.currency:
                raise LookupError
            value = value.minor
        return bisect_right(self.starts, value)

    def example(self, piece: int) -> Any:
        if piece == self.null_piece:
            return None
        starts = self.starts or [1]
        whole = starts[piece - 1] if piece else starts[0] - 1
        currency = self.column.currency
        return Money(whole, currency) if currency else whole


class DenseAxis(Axis):
    """Decimals, instants and durations: every end is a piece, and so is what lies between."""

    def cut(self, tests: list[Exactly | Range]) -> None:
        ends: set[Any] = set()
        for test in tests:
            ends.update([test.value] if isinstance(test, Exactly) else [test.low, test.high])
        self.ends = sorted(ends - {None})
        self.count = 2 * len(self.ends) + 2

    def of_value(self, value: Any) -> Pieces:
        return 1 << self.locate(value)

    def of_range(self, test: Range) -> Pieces:
        first, last = 0, 2 * len(self.ends)
        if test.low is not None:
            first = self.locate(test.low) + (not test.low_included)
        if test.high is not None:
            last = self.locate(test.high) - (not test.high_included)
        return _run(first, last)

    def locate(self, value: Any) -> int:
        if value is None:
            return self.null_piece
        # An end counts on the left and not on the right, so it gives an odd piece.
        return bisect_left(self.ends, value) + bisect_right(self.ends, value)

    def example(self, piece: int) -> Any:
        if piece == self.null_piece:
            return None
        if piece % 2:
            return self.ends[piece // 2]
        if not self.ends:
            return Decimal(0)
        step: Any = Decimal(1) if self.column.kind == "decimal" else timedelta(days=1)
        try:
            if piece == 0:
                return self.ends[0] - step
            below = self.ends[piece // 2 - 1]
            if piece == 2 * len(self.ends):
                return below + step
            return below + (self.ends[piece // 2] - below) / 2
        except OverflowError:  # At the very end of the calendar nothing lies beyond.
            return self.ends[0]


def axis_of(column: Column, cells: Iterable[Cell]) -> Axis:
    """Cut a column into pieces by the cells that it has."""
    whole = column.kind == "int" or (column.kind == "money" and column.currency is not None)
    kind: Callable[[Column, Iterable[Cell]], Axis] = DiscreteAxis
    if whole:
        kind = WholeAxis
    elif column.kind in ORDERED:
        kind = DenseAxis
    return kind(column, cells)


def _run(first: int, last: int) -> Pieces:
    return ((1 << (last - first + 1)) - 1) << first if last >= first else 0


def _leaves(cells: Iterable[Cell]) -> Iterable[Exactly | Range]:
    for cell in cells:
        for test in cell:
            if isinstance(test, Not):
                yield from _leaves([test.tests])
            else:
                yield test


def _domain_tests(column: Column) -> list[Exactly | Range]:
    domain = column.domain
    tests: list[Exactly | Range] = [Exactly(value) for value in domain.values or ()]
    if domain.minimum is not None or domain.maximum is not None:
        tests.append(Range(domain.minimum, domain.maximum))
    return tests
