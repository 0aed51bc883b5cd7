"""The scripts of SCION: charts with the configurations they must go through."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.scxml_adapter import rewrite
from tests.conformance.suites import HERE, Outcome, judge
from workflow_engine.definition import DefinitionFaults, parse_definition
from workflow_engine.interpreter import Compiled, Event, compile_definition
from workflow_engine.simulation import LiveRun, World

ORACLES = HERE.parent / "oracles"
SUITE = ORACLES / "node_modules" / "@scion-scxml" / "test-framework" / "test"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
# With these a script is about JavaScript. A log's text and In() are the same in CEL.
_DATAMODEL = re.compile(r"<(?:\w+:)?(script|data|assign|foreach|if)\b|\bcond=\"(?!!?In\('\w+'\)\")")


def scripts() -> list[str]:
    """The scripts that need no data, as folder/name."""
    found = []
    for path in sorted(suite().glob("*/*.scxml")):
        text = re.sub(r"<!--.*?-->", "", path.read_text(), flags=re.DOTALL)
        if path.parent.name != "w3c-ecma" and not _DATAMODEL.search(text):
            found.append(f"{path.parent.name}/{path.stem}")
    return found


def suite() -> Path:
    """Where npm has put the scripts; skipped, or under CI_REQUIRE_SHARED=1 failed, where not."""
    if not SUITE.is_dir():
        reason = f"SCION's scripts are not there; run `npm ci` in {ORACLES}"
        if os.environ.get("CI_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return SUITE


def run(name: str) -> str | None:
    """Run one script; the first difference, None where there is none."""
    text = (suite() / f"{name}.scxml").read_text()
    script = json.loads((suite() / f"{name}.json").read_text())
    try:
        [document] = rewrite(text, "script").values()
        return _play(compile_definition(parse_definition(document)), script)
    except DefinitionFaults as refused:
        return str(refused).replace("\n", "; ")


def _play(compiled: Compiled, script: dict[str, Any]) -> str | None:
    world = World(BEGIN)
    live = world.begin(compiled, {})
    world.settle()
    difference = _difference(live, "at the start", script["initialConfiguration"])
    for position, step in enumerate(script["events"]):
        world.advance(timedelta(milliseconds=step.get("after", 0)))
        world.give(live.id, Event(step["event"]["name"], data=step["event"].get("data")))
        world.settle()
        difference = difference or _difference(
            live, f"after event {position}", step["nextConfiguration"]
        )
    return difference


def _difference(live: LiveRun, when: str, wanted: list[str]) -> str | None:
    found = sorted(live.compiled.leaves(live.snapshot.configuration))
    return None if found == sorted(wanted) else f"{when} in {found}, wanted {sorted(wanted)}"


@cache
def scion() -> Outcome:
    """All of them, judged."""
    return judge("SCION scripts", {name: run(name) for name in scripts()}, "scion", 100.0)
