"""The long forms of the random tests: in pieces that can be resumed, with every fault kept.

Run by `make soak`, or as python -m tests.soak [NAME …] [--anew]. Each finished piece is a line of
var/soak/NAME.jsonl; a second call goes on behind it, unless the engine or a generator changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from tests.conformance import differential
from tests.simulation.judging import meet
from tests.simulation.laboratory import a_laboratory
from tests.simulation.regressions import keep_as_regression
from tests.workflow_engine.decisions.test_random_tables import try_tables
from tests.workflow_engine.definition import hostile as definitions
from tests.workflow_engine.expressions.hostile import hostile
from tests.workflow_engine.expressions.trial import SECONDS_MAX, seconds_of

ROOT = Path(__file__).parents[1]
HOME = ROOT / "var" / "soak"
SOURCES = (
    *(f"workflow_engine/{room}" for room in ("expressions", "decisions", "definition")),
    "workflow_engine/interpreter",
    "tests/workflow_engine/expressions",
    "tests/workflow_engine/decisions",
    "tests/workflow_engine/definition",
    "tests/conformance",
    "tests/oracles",
)
SOURCES_OF_HISTORIES = (
    "workflow_engine/runtime",
    "workflow_engine/interpreter",
    "platform/kernel",
    "migrations",
    "tests/simulation",
)
# What the process may grow by after its first pieces, however many follow.
GROWTH_BYTES_MAX = 48 * 2**20
WARM_PIECES = 3
Facts = dict[str, Any]


@dataclass(frozen=True)
class Soak:
    """A long form: `meet` takes the seeds of one piece and gives its faults and some facts.

    A piece that was met with other `sources` does not count.
    """

    meet: Callable[[range], tuple[list[Facts], Facts]]
    seeds: range
    sources: tuple[str, ...] = SOURCES


def charts(seeds: range) -> tuple[list[Facts], Facts]:
    """Random charts against an independent interpreter."""
    found = differential.compare(seeds)
    faults: list[Facts] = [{"seed": seed, "different": True} for seed in found.different]
    return faults, {
        "played": found.played,
        "halted": found.halted,
        "explained": found.explained,
    }


def expressions(seeds: range) -> tuple[list[Facts], Facts]:
    """Hostile expressions: ExpressionError or a value, within 50 ms of thread time."""
    random, slowest = Random(seeds.start), 0.0
    faults: list[Facts] = []
    for _ in seeds:
        source, checking = hostile(random), random.choice(["static", "dynamic"])
        try:
            taken = seconds_of(source, checking)
        except Exception as error:  # Any other exception is what is looked for.
            faults.append({"source": source, "checking": checking, "raised": repr(error)[:500]})
            continue
        slowest = max(slowest, taken)
        if taken > SECONDS_MAX:
            faults.append({"source": source, "checking": checking, "seconds": taken})
    return faults, {"slowest_ms": round(1000 * slowest, 1)}


def spoiled(seeds: range) -> tuple[list[Facts], Facts]:
    """Definitions broken on purpose: faults of theirs, or a run within its budget."""
    faults: list[Facts] = []
    slowest, run = 0.0, 0
    for seed in seeds:
        try:
            met = definitions.meet_fairly(seed)
        except Exception as error:  # Any exception is what is looked for.
            faults.append({"seed": seed, "raised": repr(error)[:500]})
            continue
        run += not met.refused
        slowest = max(slowest, met.seconds)
        if met.seconds > definitions.THREAD_SECONDS_MAX:
            faults.append({"seed": seed, "seconds": met.seconds})
    return faults, {"run": run, "slowest_ms": round(1000 * slowest, 1)}


def tables(seeds: range) -> tuple[list[Facts], Facts]:
    """Random decision tables against brute force."""
    faults: list[Facts] = []
    for seed in seeds:
        try:
            try_tables(1, seed)
        except Exception as error:  # A difference is an AssertionError; anything else is worse.
            faults.append({"seed": seed, "raised": repr(error)[:2000]})
    return faults, {}


def histories(seeds: range) -> tuple[list[Facts], Facts]:
    """Simulated histories of the durable engine, and what the audit log proves of them."""
    faults: list[Facts] = []
    disturbed = 0
    with TemporaryDirectory() as folder, a_laboratory(Path(folder)) as laboratory:
        for seed in seeds:
            history = meet(laboratory, seed)
            disturbed += history.disturbances
            if history.faults:
                keep_as_regression(seed, history)
                faults.append({"seed": seed, "faults": history.faults})
        faults += [{"seed": seeds.start, "audit": fault} for fault in laboratory.audit_faults()]
    return faults, {"disturbances": disturbed}


SOAKS = {
    "charts": (Soak(charts, range(1_000, 21_000)), 250),
    "expressions": (Soak(expressions, range(1_000_000)), 10_000),
    "definitions": (Soak(spoiled, range(100_000)), 1_000),
    "tables": (Soak(tables, range(2_000)), 100),
    "histories": (Soak(histories, range(10_000), SOURCES_OF_HISTORIES), 250),
}


def main() -> int:
    """Run what is left of each soak; 0 where none has a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*SOAKS, []], metavar="NAME")
    parser.add_argument("--anew", action="store_true", help="forget what is done already")
    chosen = parser.parse_args()
    names = chosen.names or list(SOAKS)
    if chosen.anew:
        for name in names:
            (HOME / f"{name}.jsonl").unlink(missing_ok=True)
    sound = [
        soak(name, what, piece, HOME, fingerprint(what.sources))
        for name, (what, piece) in ((name, SOAKS[name]) for name in names)
    ]
    return 0 if all(sound) else 1


def soak(name: str, what: Soak, piece: int, home: Path, mark: str) -> bool:
    """Meet every piece that is not done under this mark; print one line for the whole."""
    home.mkdir(parents=True, exist_ok=True)
    kept = home / f"{name}.jsonl"
    done = {line["first"]: line for line in _lines(kept) if line["fingerprint"] == mark}
    base = 0
    for position, first in enumerate(range(what.seeds.start, what.seeds.stop, piece)):
        seeds = range(first, min(first + piece, what.seeds.stop))
        if first not in done:
            done[first] = _meet(what, seeds) | {"fingerprint": mark}
            with kept.open("a") as file:
                file.write(json.dumps(done[first]) + "\n")
            if position == WARM_PIECES:
                base = done[first]["resident_bytes"]
    lines = list(done.values())
    faults = [fault for line in lines for fault in line["faults"]]
    grown = max((line["resident_bytes"] - base for line in lines), default=0) if base else 0
    if grown > GROWTH_BYTES_MAX:
        faults.append({"grown_bytes": grown})
    print(f"{'ok  ' if not faults else 'FAIL'} {name}: {_summary(what, lines, grown)}")
    for fault in faults[:20]:
        print(f"    {json.dumps(fault)[:300]}")
    return not faults


def _meet(what: Soak, seeds: range) -> Facts:
    wall, cpu = time.perf_counter(), time.process_time()
    faults, facts = what.meet(seeds)
    return {
        "first": seeds.start,
        "count": len(seeds),
        "seconds": round(time.perf_counter() - wall, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "load": round(os.getloadavg()[0], 2),
        "resident_bytes": resident_bytes(),
        "facts": facts,
        "faults": faults,
    }


def _summary(what: Soak, lines: list[Facts], grown: int) -> str:
    count = sum(line["count"] for line in lines)
    seconds = sum(line["seconds"] for line in lines)
    loads = [line["load"] for line in lines]
    facts: Facts = {}
    for line in lines:
        for fact, value in line["facts"].items():
            combine = max if fact.endswith("_ms") else int.__add__
            facts[fact] = combine(facts.get(fact, 0), value)
    told = ", ".join(f"{fact} {value}" for fact, value in facts.items())
    return (
        f"{count} of seeds {what.seeds.start} to {what.seeds.stop - 1} in {seconds:.0f} s, "
        f"load {min(loads)} to {max(loads)}, grown {grown / 2**20:.1f} MB"
        + (f"; {told}" if told else "")
    )


def resident_bytes() -> int:
    """The memory of this process that is in use; 0 where the system does not say."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if status.exists() else 0


def fingerprint(sources: Sequence[str]) -> str:
    """A digest of the engine and the generators: what was met with others does not count."""
    digest = hashlib.sha256()
    for path in _files(sources):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _files(sources: Sequence[str]) -> Iterator[Path]:
    for folder in sources:
        for pattern in ("*.py", "*.cjs", "package-lock.json"):
            found = (ROOT / folder).rglob(pattern)
            yield from sorted(path for path in found if "node_modules" not in path.parts)


def _lines(path: Path) -> list[Facts]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


if __name__ == "__main__":
    sys.exit(main())
