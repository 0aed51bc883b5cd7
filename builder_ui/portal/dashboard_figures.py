"""Figures of a dashboard as charts and tables show them: one set of words and numbers for both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from urllib.parse import urlencode

from builder_ui.portal.wording import ORDER_PHASES
from builder_ui.shell.formats import Formats
from builder_ui.shell.words import _
from commerce.intelligence.operations import Day, Operations

Shape = Literal["bar", "ranking", "line"]
# Scaled to whole numbers, which a chart draws without loss: per mille, minutes.
Unit = Literal["count", "per_mille", "minutes"]

SPARK_HEIGHT = 22
SPARK_WIDTH = 100


@dataclass(frozen=True)
class Point:
    """A value with its words, and where it leads; None where there is nothing to value."""

    label: str
    value: int | None
    told: str
    href: str | None = None


@dataclass(frozen=True)
class Chart:
    """A figure with caption; the same points stand in its table."""

    id: str
    caption: str
    shape: Shape
    unit: Unit
    heading: str
    measure: str
    points: Sequence[Point]

    @property
    def is_empty(self) -> bool:
        """Tell whether no point has a value."""
        return all(point.value is None for point in self.points)


@dataclass(frozen=True)
class Drill:
    """Where the figures of a span lead: lists narrowed to the same orders."""

    root: str
    first: date
    last: date
    channel: str | None

    def orders(self, **narrowed: str) -> str:
        """Return the list of the span's orders, narrowed further."""
        query = {"from": self.first.isoformat(), "until": self.last.isoformat(), **narrowed}
        if self.channel is not None:
            query["channel"] = self.channel
        return f"{self.root}/orders?{urlencode(query)}"

    def orders_on(self, day: date) -> str:
        """Return the list of one day's orders."""
        return self.orders(**{"from": day.isoformat(), "until": day.isoformat()})


def charts_of(figures: Operations, drill: Drill, formats: Formats) -> list[Chart]:
    """Return the four figures of how trade runs."""
    days = _every_day(drill)
    by_day = {day.on: day for day in figures.days}
    cycles = dict(figures.cycles)
    return [
        Chart(
            "orders",
            _("Orders placed, by day"),
            "bar",
            "count",
            _("Day"),
            _("Orders"),
            [_orders_on(day, by_day.get(day), drill, formats) for day in days],
        ),
        Chart(
            "phases",
            _("Orders, by where they stand"),
            "ranking",
            "count",
            _("Phase"),
            _("Orders"),
            _phases(figures.orders_by_phase, drill, formats),
        ),
        Chart(
            "fill",
            _("Lines that were whole at once, by day of the order"),
            "line",
            "per_mille",
            _("Day"),
            _("Fill rate"),
            [_fill_on(day, by_day.get(day), drill, formats) for day in days],
        ),
        Chart(
            "cycle",
            _("Time from order to parcel, median, by day it left"),
            "line",
            "minutes",
            _("Day"),
            _("Time"),
            [_cycle_on(day, cycles.get(day), formats) for day in days],
        ),
    ]


def spark(points: Sequence[Point]) -> str:
    """Return a line through the known values, lowest at the bottom; empty below two of them."""
    values = [point.value for point in points if point.value is not None]
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    reach = high - low or 1
    return " ".join(
        f"{place * SPARK_WIDTH // (len(values) - 1)},"
        f"{1 + SPARK_HEIGHT - (value - low) * SPARK_HEIGHT // reach}"
        for place, value in enumerate(values)
    )


def drawn(charts: Sequence[Chart], formats: Formats) -> Mapping[str, object]:
    """Return what the page's script draws, as plain values."""
    return {
        "language": formats.language,
        "charts": [
            {
                "id": chart.id,
                "shape": chart.shape,
                "unit": chart.unit,
                "measure": chart.measure,
                "labels": [point.label for point in chart.points],
                "values": [point.value for point in chart.points],
                "told": [point.told for point in chart.points],
                "hrefs": [point.href for point in chart.points],
            }
            for chart in charts
        ],
    }


def _every_day(drill: Drill) -> list[date]:
    count = (drill.last - drill.first).days + 1
    return [drill.first + timedelta(days=each) for each in range(count)]


def _orders_on(on: date, day: Day | None, drill: Drill, formats: Formats) -> Point:
    count = day.orders if day is not None else 0
    return Point(formats.day(on), count, formats.number(count), drill.orders_on(on))


def _fill_on(on: date, day: Day | None, drill: Drill, formats: Formats) -> Point:
    if day is None or not day.lines:
        return Point(formats.day(on), None, "–")
    per_mille = (day.lines - day.backordered) * 1000 // day.lines
    told = _(
        "%(lines)s of %(lines_2)s lines",
        lines=formats.number(day.lines - day.backordered),
        lines_2=formats.number(day.lines),
    )
    return Point(formats.day(on), per_mille, told, drill.orders_on(on))


def _cycle_on(on: date, took: timedelta | None, formats: Formats) -> Point:
    if took is None:
        return Point(formats.day(on), None, "–")
    return Point(formats.day(on), int(took.total_seconds()) // 60, formats.duration(took))


def _phases(counts: Mapping[str, int], drill: Drill, formats: Formats) -> list[Point]:
    return [
        Point(
            words[0],
            counts.get(phase, 0),
            formats.number(counts.get(phase, 0)),
            drill.orders(phase=phase),
        )
        for phase, words in ORDER_PHASES.items()
    ]
