"""The engine's core is a function of values: it has no clock, no chance, and no way out."""

import subprocess
import sys

import pytest

from tests.architecture import rules
from tests.architecture.rules import ROOT, python_files

ROOM = ROOT / "workflow_engine/interpreter/x.py"
OUTWARD = {"sqlalchemy", "psycopg", "flask", "redis", "rq", "random", "secrets", "uuid", "socket"}


def test_nothing_below_the_pure_rooms_asks_for_time_chance_or_a_database() -> None:
    """REL-08"""
    faults = [
        fault
        for path in python_files(*rules.PURE_ROOMS)
        for fault in rules.faults_of_purity(path.read_text(), path)
    ]

    assert faults == []


@pytest.mark.parametrize("room", rules.PURE_ROOMS)
def test_a_pure_room_brings_no_way_out_with_it(room: str) -> None:
    """REL-08: whatever it imports in turn."""
    # A fresh process, because pytest itself has imported all of these.
    program = f"import sys, {room.replace('/', '.')}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True,
        timeout=60, env={"PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
    )  # fmt: skip

    assert OUTWARD & {name.split(".")[0] for name in done.stdout.split()} == set()


@pytest.mark.parametrize(
    "line",
    [
        "import random",
        "from uuid import uuid4",
        "import time",
        "from secrets import token_hex",
        "from kernel.clock import SystemClock",
        "from kernel.uow import UnitOfWork",
        "from workflow_engine.runtime import runs",
        "from sqlalchemy import select",
        "x = datetime.now(UTC)",
    ],
)
def test_a_way_out_is_found(line: str) -> None:
    assert len(rules.faults_of_purity(f"def f():\n    {line}\n", ROOM)) == 1


def test_values_may_be_imported() -> None:
    lines = "from datetime import datetime\nfrom kernel.money import Money\nimport re\n"

    assert rules.faults_of_purity(lines, ROOM) == []
