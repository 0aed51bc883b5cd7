"""The W3C implementation report for SCXML, run by our interpreter on a virtual clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from tests.conformance.scxml_adapter import rewrite
from tests.conformance.suites import Outcome, folder, judge
from workflow_engine.definition import DefinitionFaults, parse_definition
from workflow_engine.interpreter import Compiled, compile_definition
from workflow_engine.simulation import World

SUITE = "w3c-scxml-irp"
OPTIONAL = ("test193.txml", "test278.txml")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
LONGEST = timedelta(minutes=2)


def tests() -> list[str]:
    """The start documents: mandatory and automatic, and the optional ones that fit any
    expression language."""
    manifest = json.loads((folder(SUITE) / "conf_vocabulary.json").read_text())["manifest"]
    mandatory = [
        name
        for name, facts in manifest.items()
        if facts["conformance"] == "mandatory" and facts["manual"] == "false"
    ]
    return sorted([*mandatory, *OPTIONAL])


def run(name: str) -> str | None:
    """Run one document; what went wrong, None where it ended in `pass`."""
    here = folder(SUITE)
    try:
        library = _Library(here, name.removesuffix(".txml"))
        world = World(BEGIN, library=library.find)
        live = world.begin(library.find(library.key), {})
        world.advance(LONGEST)
    except DefinitionFaults as refused:
        return str(refused).replace("\n", "; ")
    if live.snapshot.outcome == "pass":
        return None
    return f"ended in {live.compiled.leaves(live.snapshot.configuration)}"


class _Library:
    """The definitions a test consists of, rewritten and compiled when they are asked for."""

    def __init__(self, here: Path, key: str) -> None:
        self.here = here
        self.key = key
        self.known: dict[str, Compiled] = {}

    def find(self, key: str) -> Compiled:
        if key not in self.known:
            path = self.here / f"{key}.txml"
            if not path.exists():
                raise LookupError(key)
            for name, document in rewrite(path.read_text(), key, self.read).items():
                self.known[name] = compile_definition(parse_definition(document))
        return self.known[key]

    def read(self, source: str) -> str:
        return (self.here / source.removeprefix("file:")).read_text()


@cache
def w3c() -> Outcome:
    """All of them, judged."""
    return judge("W3C SCXML", {name: run(name) for name in tests()}, "w3c_scxml", 100.0)
