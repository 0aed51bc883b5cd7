"""`wareflow workflow table …`, as somebody at a terminal meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.workflow_engine.definition.the_example import PATH, the_example
from tests.workflow_engine.test_commands import run
from workflow_engine.decisions import read_table
from workflow_engine.definition import parse_definition

TABLES = [table["id"] for table in the_example()["tables"]]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_the_example_comes_back_as_it_was(form: str, table: str, tmp_path: Path) -> None:
    sheet, back = tmp_path / f"table.{form}", tmp_path / "back.json"

    assert run("table", "export", PATH, table, "--to", form, "--output", sheet) == 0
    assert run("table", "import", sheet, "--output", back) == 0

    [original] = [each for each in the_example()["tables"] if each["id"] == table]
    assert read_table(json.loads(back.read_text())) == read_table(original)


def test_an_edited_table_goes_back_into_its_definition(tmp_path: Path) -> None:
    sheet, definition = tmp_path / "table.csv", tmp_path / "definition.json"
    run("table", "export", PATH, TABLES[0], "--output", sheet)

    assert run("table", "import", sheet, "--into", PATH, "--output", definition) == 0

    before, after = the_example(), json.loads(definition.read_text())
    assert [table["id"] for table in after["tables"]] == TABLES
    assert [key for key in before if before[key] != after[key]] in ([], ["tables"])
    assert parse_definition(after).key == before["key"]


@pytest.mark.parametrize(("form", "suffix"), [("dmn", "dmn"), ("jdm", "json")])
def test_what_was_changed_on_the_way_is_told(
    form: str, suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, written = tmp_path / "late.json", tmp_path / f"written.{suffix}"
    document = {
        "id": "late",
        "hit_policy": "FIRST",
        "inputs": [{"id": "days", "value": "order.days", "type": "int"}],
        "outputs": [{"id": "step", "type": "string"}],
        "rules": [{"id": "r1", "when": ["not(3,4)"], "then": ["wait"]}],
    }
    table.write_text(json.dumps(document))

    assert run("table", "export", table, "--to", form, "--output", written) == 0
    assert run("table", "import", written) == 0

    said = capsys.readouterr()
    [rule] = json.loads(said.out)["rules"]
    assert rule["then"] == ["wait"]
    assert ("became the column" in said.err) == (form == "jdm")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("export", PATH), "Which table is meant?", id="which table"),
        pytest.param(("export", PATH, "tiers"), "There is no table 'tiers'.", id="no such table"),
        pytest.param(("import", PATH.parent / "x.ods"), "is of no known kind", id="another kind"),
        pytest.param(("import", PATH.parent / "x.csv"), "No such file", id="no such file"),
        pytest.param(("import", PATH), "it has no nodes", id="JSON that is no JDM"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    words: tuple[str | Path, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("table", *words) == 2
    assert said in capsys.readouterr().err
