"""The same definition and the same events leave the same bytes, in whatever process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from kernel.canonical import canonical_bytes, to_json
from tests.conformance.differential import NOW, a_case
from tests.conformance.scxml_adapter import rewrite
from workflow_engine.definition import DefinitionFaults, parse_definition
from workflow_engine.interpreter import Event, Outcome, compile_definition, start, step
from workflow_engine.interpreter import write_snapshot as write

ROOT = Path(__file__).parents[3]
SEEDS = range(150)


def told(outcome: Outcome) -> bytes:
    effects = [{"effect": type(each).__name__, **to_json(each)} for each in outcome.effects]
    trace = [to_json(record) for record in outcome.trace]
    return canonical_bytes([outcome.disposition, effects, trace])


def history_of(seed: int) -> list[bytes]:
    """Everything that a random chart leaves behind: snapshots as they are stored, and traces."""
    case = a_case(seed)
    try:
        [document] = rewrite(case.text, "chart").values()
        compiled = compile_definition(parse_definition(document))
    except DefinitionFaults:
        return []
    outcome = start(compiled, {}, NOW, trace="full")
    found = []
    for name in (*case.events, ""):
        found += [told(outcome), json.dumps(write(compiled, outcome.snapshot)).encode()]
        if outcome.snapshot.halted:
            break
        outcome = step(compiled, outcome.snapshot, Event(name), NOW, trace="full")
    return found


def digest() -> str:
    return sha256(b"\n".join(each for seed in SEEDS for each in history_of(seed))).hexdigest()


def test_the_same_seed_leaves_the_same_bytes_in_every_process() -> None:
    """REL-08: whatever order a process keeps its sets in, histories do not show it."""
    program = (
        "from tests.workflow_engine.interpreter.test_the_same_bytes import digest; print(digest())"
    )
    digests = [
        subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True,
            timeout=120,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", "PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2", "77")
    ]  # fmt: skip

    assert len(set(digests)) == 1
    assert sum(len(history_of(seed)) for seed in SEEDS) > 500


def test_another_history_leaves_other_bytes() -> None:
    assert history_of(1) == history_of(1)
    assert history_of(1) != history_of(2)
