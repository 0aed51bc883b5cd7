"""Tables travel as CSV and DMN, and come back as they were."""

import re
from random import Random

import pytest

from tests.workflow_engine.decisions.random_tables import random_table
from tests.workflow_engine.decisions.tables import STAGES
from workflow_engine.decisions import TableRefused, compile_table, read_table
from workflow_engine.decisions.csv_exchange import export_csv, import_csv
from workflow_engine.decisions.dmn_export import export_dmn
from workflow_engine.decisions.dmn_import import import_dmn
from workflow_engine.expressions import DYN, Scope

LATE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/">
 <inputData name="Days late"/><inputData name="Limit"/>
 <decision name="Next step"><decisionTable hitPolicy="FIRST">
  <input><inputExpression typeRef="number"><text>Days late</text></inputExpression></input>
  <output/>
  <rule><inputEntry><text>&gt; Limit</text></inputEntry>
   <outputEntry><text>"reorder"</text></outputEntry></rule>
  <rule><inputEntry><text>-</text></inputEntry><outputEntry><text>"wait"</text></outputEntry></rule>
 </decisionTable></decision></definitions>"""


def test_a_table_comes_back_from_csv_as_it_was() -> None:
    table = read_table(STAGES)
    assert import_csv(export_csv(table)) == table
    random = Random(3)
    for _ in range(50):
        table = read_table(random_table(random).document)
        assert import_csv(export_csv(table)) == table


def test_no_cell_of_a_csv_is_a_formula() -> None:
    written = export_csv(read_table(STAGES))
    assert "'=lead" in written
    assert not re.search(r"(^|,)[=+@]", written, re.MULTILINE)


def test_a_broken_csv_is_refused() -> None:
    for source in ("", "UNIQUE\n", "UNIQUE,when a\nt,int\n,a\nr1,1,2\n", 'UNIQUE,"when a\n'):
        with pytest.raises(TableRefused):
            import_csv(source)


def test_a_random_table_decides_alike_after_a_journey_through_dmn() -> None:
    random = Random(4)
    scope = Scope({"c0": DYN, "c1": DYN, "c2": DYN})
    for _ in range(50):
        document = random_table(random).document
        original = read_table(document)
        [imported] = import_dmn(export_dmn(original))
        back = compile_table(imported.document, scope).table
        assert back.hit_policy == original.hit_policy
        assert [rule.id for rule in back.rules] == [rule.id for rule in original.rules]
        assert [rule.when for rule in back.rules] == [rule.when for rule in original.rules]
        assert [rule.then for rule in back.rules] == [rule.then for rule in original.rules]


def test_a_cell_that_compares_fields_becomes_a_column_of_its_own() -> None:
    [imported] = import_dmn(LATE)
    assert imported.report == ("the test '> Limit' became the column 'test1': Days_late > Limit",)
    table = compile_table(imported.document, Scope({"Days_late": DYN, "Limit": DYN}))
    assert table.decide({"Days_late": 5, "Limit": 3}).outputs == {"out1": "reorder"}
    assert table.decide({"Days_late": 3, "Limit": 3}).outputs == {"out1": "wait"}


def test_xml_that_means_harm_is_refused() -> None:
    bomb = b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><definitions>&b;</definitions>'
    outside = (
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><definitions>&x;</definitions>'
    )
    for source in (bomb, outside, b"<definitions>", b"", b"<html/>", b"\xff\xfe"):
        with pytest.raises(TableRefused):
            import_dmn(source)
