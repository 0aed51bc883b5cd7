"""What docs/decision-tables.md says of its tables is so."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.workflow_engine.test_commands import run
from workflow_engine.decisions import DecisionError, analyse, compile_table, read_table
from workflow_engine.expressions import DYN, Scope, to_json

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "decision-tables.md").read_text()
SCOPE = Scope({"context": DYN, "input": DYN})
ESCALATION, BROKEN = (
    json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
)


def late(days: int, tier: str = "gold") -> dict[str, Any]:
    return {"context": {"days_late": days}, "input": {"tier": tier}}


def test_the_first_table_decides_as_the_page_says() -> None:
    table = compile_table(ESCALATION, SCOPE)
    decision = table.decide(late(5))
    [promised] = re.findall(r"gives `(\{.*?\})`", PAGE)
    assert (to_json(decision.outputs), decision.rules) == (json.loads(promised), ("better",))
    assert analyse(table) == []
    with pytest.raises(DecisionError) as caught:
        table.decide(late(400))
    assert caught.value.code == "table.outside_domain"


def test_the_broken_table_is_broken_as_the_page_says() -> None:
    findings = analyse(compile_table(BROKEN, SCOPE))
    assert [(each.code, each.rules, each.example) for each in findings] == [
        ("table.overlap", ("early", "late"), {"late": 3}),
        ("table.gap", (), {"late": 8}),
        ("table.unreachable", ("never",), {}),
    ]


def test_the_commands_of_the_page_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "escalation.json").write_text(json.dumps(ESCALATION))
    [commands] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)

    for line in commands.splitlines():
        assert run(*line.split()[2:]) == 0, line

    assert read_table(json.loads(capsys.readouterr().out)) == read_table(ESCALATION)


def test_the_page_names_every_code_of_a_decision_and_a_finding() -> None:
    room = ROOT / "workflow_engine" / "decisions"
    codes = {
        code
        for path in room.glob("*.py")
        for code in re.findall(r'"(table\.[a-z_]+)"', path.read_text())
    }
    told_by_pointer = {
        "table.refused",
        "table.invalid",
        "table.cell",
        "table.output",
        "table.limit",
    }
    assert {code for code in codes if f"`{code}`" not in PAGE} <= told_by_pointer
