"""The peers of E1 and E2, each in an environment of its own under var/bench."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.dialects import as_scxml, as_xstate
from bench.saying import say

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
HOME = ROOT / "var" / "bench"
# The scripts that measured these libraries lie beside the clone, not in it.
YARDSTICKS = ROOT.parent / "shared" / "bench-peers"
MEASURED_THERE = ("transitions", "sismic", "python-statemachine")
NODE_PACKAGES = ("xstate@5", "@scion-scxml/scxml@4.3.27")
TITLES = {"flat": "E1 flat", "hierarchical": "E1 order of 21 states"}
CYCLES, REPEATS = 300, 5


def run_peers(machines: dict[str, Any]) -> None:
    """Run every peer and print its cases; one that cannot be had is named with the reason.

    `machines` holds the definitions `flat` and `order` and the events of one cycle of each.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    written = HOME / "machines.json"
    dialects: dict[str, Any] = {name: as_xstate(machines[name]) for name in ("flat", "order")}
    dialects |= {f"{name}Scxml": as_scxml(machines[name]) for name in ("flat", "order")}
    written.write_text(json.dumps({**machines, **dialects}))
    for peer in MEASURED_THERE:
        _guarded(peer, _measured_there(peer))
    _guarded("xstate-statemachine", _xstate_statemachine(written))
    _guarded("XState", _on_node("xstate.mjs", written))
    _guarded("SCION", _on_node("scion.mjs", written))


def _guarded(peer: str, lines: Iterator[dict[str, Any]]) -> None:
    try:
        for line in lines:
            say({**line, "load": round(os.getloadavg()[0], 2)})
    except (OSError, subprocess.SubprocessError) as error:
        say({"benchmark": "E1", "library": peer, "errors": 1, "error": str(error)[:200]})


def _measured_there(library: str) -> Iterator[dict[str, Any]]:
    python = environment(library, library, "setuptools", "psycopg[binary]")
    script = YARDSTICKS / "sm_bench.py"
    if not script.exists():
        raise FileNotFoundError(f"{script} is not there")
    for found in _said([str(python), str(script), library, "--cycles", str(CYCLES)], YARDSTICKS):
        for name, title in TITLES.items():
            yield {
                "benchmark": "E1",
                "case": title,
                "library": library,
                "version": found["version"],
                "per_s": found[name]["events_s"],
                "per_cpu_s": found[name]["events_cpu_s"],
                "errors": 0,
            }


def _xstate_statemachine(machines: Path) -> Iterator[dict[str, Any]]:
    python = environment("xstate-statemachine", "xstate-statemachine")
    script = HERE / "xstate_statemachine_peer.py"
    yield from _said([str(python), str(script), str(machines), str(CYCLES), str(REPEATS)], HOME)


def _on_node(script: str, machines: Path) -> Iterator[dict[str, Any]]:
    home = HOME / "node"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise FileNotFoundError("node and npm are not on the PATH")
    home.mkdir(parents=True, exist_ok=True)
    for each in HERE.glob("*.mjs"):
        shutil.copyfile(each, home / each.name)
    if not (home / "node_modules" / "xstate").is_dir():
        _output([npm, "install", "--no-audit", "--no-fund", "--prefix", str(home), *NODE_PACKAGES])
    yield from _said([node, script, str(machines), str(10 * CYCLES), str(REPEATS)], home)


def environment(name: str, *packages: str) -> Path:
    """The Python of an environment that holds these packages."""
    python = HOME / name / "bin" / "python"
    if not python.exists():
        _output([sys.executable, "-m", "venv", str(HOME / name)])
        _output([str(python), "-m", "pip", "install", "-q", *packages])
    return python


def _said(command: list[str], folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _output(command, folder).splitlines()]


def _output(command: list[str], folder: Path | None = None) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=600, check=True
    )
    return done.stdout
