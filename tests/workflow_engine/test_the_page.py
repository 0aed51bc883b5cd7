"""docs/workflows.md: every definition, fragment, command and program on it works."""

from __future__ import annotations

import argparse
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from workflow_engine.checking import check
from workflow_engine.commands import add_commands
from workflow_engine.definition import parse_definition
from workflow_engine.definition.fields import KINDS
from workflow_engine.definition.parse import PHASES
from workflow_engine.definition.parse_invokes import ON_EXPIRE, SEPARATIONS
from workflow_engine.definition.tests_shape import DOES, EXPECTS
from workflow_engine.interpreter import Compiled, Event, compile_definition
from workflow_engine.simulation import World, run_examples
from workflow_engine.simulation.services import read_mocks

PAGE = Path(__file__).parents[2] / "docs" / "workflows.md"
BLOCKS = re.findall(r"^```(\w+)(?: (\w+))?\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
FRAGMENTS = [
    pytest.param(kind, text, id=f"{kind}-{position}")
    for position, (language, kind, text) in enumerate(BLOCKS)
    if language == "json" and kind != "definition"
]


def the_definition() -> str:
    [text] = [text for _, kind, text in BLOCKS if kind == "definition"]
    return str(text)


def around(kind: str, fragment: Any) -> dict[str, Any]:
    """A definition that the fragment belongs into."""
    states: Any = fragment if kind == "states" else [{"id": "idle"}]
    if kind == "transition":
        states[0]["transitions"] = [fragment]
    if kind == "actions":
        states[0]["entry"] = fragment
    context = [
        {"id": "count", "type": "int", "default": 3},
        {"id": "last", "type": "string", "default": ""},
    ]
    return {
        "format": "wareflow.definition/1",
        "key": "fragment",
        "name": "Fragment",
        "context": fragment if kind == "fields" else context,
        "states": [*states, {"id": "end", "type": "final", "outcome": "success"}],
    }


def test_the_approval_on_the_page_is_sound_and_its_tests_pass() -> None:
    document = json.loads(the_definition(), parse_float=Decimal)

    reports = run_examples(compile_definition(parse_definition(document)))

    assert [(report.id, report.failures) for report in reports] == [
        ("the_lead_agrees", ()),
        ("nobody_answers", ()),
    ]


@pytest.mark.parametrize(("kind", "text"), FRAGMENTS)
def test_a_fragment_of_the_page_belongs_into_a_sound_definition(kind: str, text: str) -> None:
    assert check(around(kind, json.loads(text))).faults == ()


def test_the_commands_of_the_page_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("builtins.input", lambda _: "quit")
    (tmp_path / "discount.json").write_text(the_definition())
    [commands] = [text for language, _, text in BLOCKS if language == "sh"]
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers(required=True))

    for line in commands.splitlines():
        chosen = parser.parse_args(line.split()[1:])
        assert chosen.run(None, chosen) == 0, line

    assert "2 of 2 tests passed." in capsys.readouterr().out


def test_the_program_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "discount.json").write_text(the_definition())
    monkeypatch.chdir(tmp_path)
    [program] = [text for language, _, text in BLOCKS if language == "python"]

    exec(compile(program, PAGE, "exec"), {})


def test_the_page_names_every_word_that_a_definition_chooses_from() -> None:
    words = {*KINDS, *PHASES, *ON_EXPIRE, *SEPARATIONS, *DOES, *EXPECTS}

    assert {word for word in words if f"`{word}`" not in PAGE.read_text()} == set()


def flow(key: str, states: Any) -> Compiled:
    document = around("states", states)
    document["key"] = key
    return compile_definition(parse_definition(document))


def test_the_child_of_the_page_undoes_its_steps_when_its_parent_asks() -> None:
    pair = [
        json.loads(text) for _, kind, text in BLOCKS if kind == "states" and "please.undo" in text
    ]
    parent, child = flow("order", pair[0]), flow("wrap-gift", pair[1])
    answers = [
        {"action": "inventory.reserve", "answers": [{"result": {"reservation_id": "R1"}}]},
        {"action": "inventory.release", "answers": [{"result": {}}]},
    ]
    world = World(
        datetime(2026, 11, 11, 9, tzinfo=UTC),
        mocks=read_mocks(answers),
        library={"wrap-gift": child}.get,
    )
    live = world.begin(parent, {})
    world.settle()

    world.give(live.id, Event("gift.unwanted"))
    world.settle()

    assert live.snapshot.outcome == "success"
    assert [(call.name, call.input) for call in world.record.calls][-1] == (
        "inventory.release",
        {"reservation_id": "R1"},
    )


def test_every_link_of_the_page_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", PAGE.read_text())

    assert links
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
