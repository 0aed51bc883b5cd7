"""How every benchmark says what it found: one JSON line a case."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from typing import Any


def say(line: Mapping[str, Any]) -> None:
    """Print one case."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def spread(values: Sequence[float]) -> dict[str, int]:
    """The least, the middle and the most, as whole numbers."""
    found = (min(values), statistics.median(values), max(values))
    return dict(zip(("min", "med", "max"), (round(value) for value in found), strict=True))
