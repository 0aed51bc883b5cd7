"""`wareflow workflow …`, as somebody at a terminal meets it."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import pytest

from tests.workflow_engine.definition.the_example import PATH, the_example
from workflow_engine.commands import add_commands


def run(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers(required=True))
    chosen = parser.parse_args(["workflow", *map(str, words)])
    code: int = chosen.run(None, chosen)
    return code


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    document = the_example()
    document["states"][0]["transitions"][1]["target"] = "canceling"
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(document, default=str))
    return path


def test_a_sound_definition_is_told_its_size_and_hash(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", PATH) == 0

    said = capsys.readouterr().out
    assert "'Backorder recovery' is sound: 31 states" in said
    assert "SHA-256 74e5b790b54c36662432188be3d2c6020ffb37f4c29d443323672c891970d75c" in said


def test_a_broken_one_is_told_where_and_how_to_mend_it(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", broken) == 1

    assert (
        "/states/0/transitions/1/target: There is no state 'canceling'. "
        "Did you mean 'cancelling'? [reference.state]" in capsys.readouterr().out
    )


def test_faults_can_be_read_by_programs(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", broken, "--json") == 1

    [fault] = json.loads(capsys.readouterr().out)["faults"]
    assert fault["code"] == "reference.state"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{", "This is not JSON", id="cut off"),
        pytest.param('{"key": 1, "key": 2}', "stands twice", id="a field named twice"),
        pytest.param('{"key": NaN}', "is no number", id="not a number"),
    ],
)
def test_what_is_no_json_is_said_to_be_none(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "definition.json"
    path.write_text(text)

    assert run("check", path) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "nowhere.json") == 2
    assert capsys.readouterr().err == "nowhere.json: No such file or directory\n"


def test_one_test_can_be_run_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("test", PATH, "--only", "void_fails") == 0
    assert capsys.readouterr().out.endswith("1 of 1 tests passed.\n")


def test_a_definition_without_such_a_test_is_not_called_tested() -> None:
    assert run("test", PATH, "--only", "nothing") == 1


def test_differences_are_told_and_set_the_exit_code(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("diff", PATH, PATH) == 0
    assert run("diff", PATH, broken) == 1
    assert "the target is now “canceling” (it was “cancelling”)" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["mermaid", "svg", "scxml", "json"])
def test_a_definition_is_exported_to_a_file(form: str, tmp_path: Path) -> None:
    path = tmp_path / "exported"

    assert run("export", PATH, "--to", form, "--output", path) == 0
    assert len(path.read_text()) > 1000


def test_a_run_is_played_forwards_and_back(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        "vote buyer_lead approve u-buyer",
        "vote buyer_lead approve u-lead",
        'event order.line_cancelled {"order_line_id": "L1"}',
        "done compensate:draft {}",
        "back",
        "nonsense",
        "quit",
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))

    assert run("simulate", PATH, "--test", "gold_two_finance") == 0

    said = capsys.readouterr().out
    assert "It was refused: approval.requester." in said
    assert "ended: cancelled" in said
    assert said.index("ended: cancelled") < said.rindex("cancelling")
    assert "'nonsense' is no command; try help." in said
