"""How long a benchmark measures: what its command line says."""

import argparse
from dataclasses import dataclass
from typing import TypedDict


class Time(TypedDict):
    """Seconds of one repeat, and how many repeats."""

    seconds: float
    repeats: int


@dataclass(frozen=True)
class Wishes:
    """Seconds of one repeat, and how many repeats."""

    seconds: float
    repeats: int

    @property
    def of_time(self) -> Time:
        """As `throughput` takes them."""
        return {"seconds": self.seconds, "repeats": self.repeats}

    @property
    def of_floor(self) -> list[str]:
        """As the yardsticks take them."""
        return ["--seconds", str(self.seconds), "--repeat", str(self.repeats)]


def wishes(described: str | None) -> Wishes:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=described.splitlines()[0] if described else None)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    return Wishes(chosen.seconds, chosen.repeats)
