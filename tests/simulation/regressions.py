"""Seeds that once broke a promise: kept in regressions.txt, and played first from then on.

    python -m tests.simulation.regressions SEED      tells what happens in one history

A seed names a history only as long as the dice of `history` are thrown in the same order.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from tests.simulation.history import History
from tests.simulation.judging import meet
from tests.simulation.laboratory import a_laboratory

FILE = Path(__file__).with_suffix(".txt")


def kept_seeds(file: Path = FILE) -> list[int]:
    """Return the seeds that broke something once, oldest first."""
    lines = file.read_text().splitlines() if file.exists() else []
    return [int(line.split()[0]) for line in lines if line and not line.startswith("#")]


def keep_as_regression(seed: int, history: History, file: Path = FILE) -> str:
    """Keep a seed that broke something, and return all that is known about it."""
    if seed not in kept_seeds(file):
        with file.open("a") as lines:
            lines.write(f"{seed} {'; '.join(history.faults)}\n")
    told = "\n".join(history.told)
    return f"seed {seed}: {history.faults}\n{told}"


def main(seed: int) -> int:
    """Play one seed, tell what happened; 1 where a promise was broken."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with TemporaryDirectory() as folder, a_laboratory(Path(folder)) as laboratory:
        history = meet(laboratory, seed)
    print("\n".join([*history.told, *(f"BROKEN: {fault}" for fault in history.faults)]))
    return 1 if history.faults else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
