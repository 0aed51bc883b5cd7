"""Definitions compared, drawn, and carried to and from other formats."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from tests.workflow_engine.definition.the_example import at, the_example
from workflow_engine.checking import check
from workflow_engine.definition import (
    canonical_text,
    definition_hash,
    parse_definition,
)
from workflow_engine.definition.diff import diff, in_words
from workflow_engine.definition.export_mermaid import export_mermaid
from workflow_engine.definition.export_scxml import export_scxml
from workflow_engine.definition.export_svg import export_svg
from workflow_engine.definition.import_scxml import NotScxml, import_scxml
from workflow_engine.definition.import_xstate import import_xstate

ASK_AGAIN = "/states/0/states/0/states/0/states/1"
XSTATE = {
    "id": "mugOrder",
    "initial": "draft",
    "context": {"paid": False, "pieces": 3},
    "states": {
        "draft": {"on": {"SUBMIT": {"target": "active", "guard": "canSubmit"}}},
        "active": {
            "type": "parallel",
            "on": {"cancel": "#cancelled"},
            "states": {
                "payment": {
                    "initial": "open",
                    "states": {
                        "open": {"after": {"1500": "overdue"}, "on": {"pay": "done"}},
                        "overdue": {"entry": [{"type": "remind"}]},
                        "done": {"type": "final"},
                    },
                },
                "shipping": {
                    "initial": "packing",
                    "states": {
                        "packing": {
                            "invoke": {"src": "packMug", "id": "pack", "onDone": "shipped"}
                        },
                        "shipped": {"type": "final"},
                    },
                },
            },
            "onDone": "finished",
        },
        "finished": {"type": "final"},
        "cancelled": {"id": "cancelled", "type": "final"},
    },
}


def changed(pointer: str, value: Any) -> dict[str, Any]:
    document = the_example()
    above, _, name = pointer.rpartition("/")
    place = at(document, above)
    place[int(name) if isinstance(place, list) else name] = value
    return document


def test_nothing_has_changed_between_a_definition_and_itself() -> None:
    assert in_words(diff(the_example(), the_example())) == "Nothing has changed."


def test_a_changed_delay_is_told_with_both_values() -> None:
    after = changed(f"{ASK_AGAIN}/after/0/delay", "P3D")

    assert in_words(diff(the_example(), after)) == (
        "The timer 'a_ask_again': the delay is now “P3D” (it was “P2D”)."
    )


def test_a_new_label_is_cosmetic_and_orphans_nothing() -> None:
    [change] = diff(the_example(), changed("/states/0/label", "In work"))

    assert (change.kind, change.id, change.cosmetic) == ("changed", "active", True)


def test_a_state_that_moves_is_the_same_state() -> None:
    after = the_example()
    after["states"].append(after["states"][0]["states"].pop(2))

    moved = [change for change in diff(the_example(), after) if change.kind == "moved"]

    assert [(change.id, change.before, change.after) for change in moved] == [
        ("reallocating", "active", "backorder-recovery")
    ]


def test_a_new_order_of_transitions_is_a_change_because_order_is_priority() -> None:
    after = the_example()
    after["states"][0]["transitions"].reverse()

    [change] = diff(the_example(), after)

    assert (change.kind, change.field) == ("reordered", "transitions")


def test_added_and_removed_things_are_named() -> None:
    after = the_example()
    after["tables"][0]["rules"][1]["id"] = "r_silver"

    assert in_words(diff(the_example(), after)) == (
        "The rule 'r_silver' in 'escalation_policy' was added.\n"
        "The rule 'r_basic' in 'escalation_policy' was removed."
    )


@pytest.mark.parametrize(
    ("pointer", "value", "same"),
    [
        pytest.param("/layout", {"active": {"x": 3}}, True, id="where boxes stand"),
        pytest.param("/states/0/notes", "ask Lou", True, id="a comment"),
        pytest.param("/version", 7, True, id="what publishing adds"),
        pytest.param("/states/0/label", "In work", False, id="a label"),
        pytest.param("/tests", [], False, id="its tests"),
    ],
)
def test_the_hash_covers_everything_but(pointer: str, value: Any, same: bool) -> None:
    again = definition_hash(changed(pointer, value))

    assert (again == definition_hash(the_example())) is same


def test_the_hash_does_not_depend_on_the_order_of_fields() -> None:
    document = the_example()
    shuffled = dict(reversed(document.items()))

    assert definition_hash(shuffled) == definition_hash(document)


def test_notes_inside_literal_values_are_part_of_the_version() -> None:
    document = {"context": [{"id": "form", "default": {"notes": "x"}, "notes": "gone"}]}

    assert canonical_text(document) == '{"context":[{"default":{"notes":"x"},"id":"form"}]}'


def test_mermaid_names_every_state_and_arrow() -> None:
    definition = parse_definition(the_example())

    text = export_mermaid(definition)

    assert text.startswith("stateDiagram-v2\n")
    assert 'state "Purchase approval" as approving' in text
    assert "reallocating --> done_allocated : done.invoke.reserve" in text
    assert text.count("{") == text.count("}")


def test_the_picture_is_well_formed_and_says_what_it_shows() -> None:
    root = ET.fromstring(export_svg(parse_definition(the_example())))

    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert root.get("role") == "img"
    assert "Purchase approval" in texts
    assert "after P14D → (stays)" in texts


def test_scxml_goes_out_and_comes_back_with_its_states_and_transitions() -> None:
    definition = parse_definition(the_example())

    imported = import_scxml(export_scxml(definition))
    verdict = check(imported.document)

    assert [fault.code for fault in verdict.faults if fault.code.startswith("shape")] == []
    assert {loss.place for loss in imported.losses} >= {"<decide>", "data policy"}
    assert count(imported.document, "transitions") == 58


def count(document: Any, name: str) -> int:
    if isinstance(document, list):
        return sum(count(part, name) for part in document)
    if not isinstance(document, dict):
        return 0
    here = len(document.get(name, ()))
    return here + sum(count(part, name) for key, part in document.items() if key != "tests")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<html/>", id="another language"),
        pytest.param("<scxml", id="no XML"),
        pytest.param('<!DOCTYPE a [<!ENTITY b "c">]><scxml>&b;</scxml>', id="entities"),
    ],
)
def test_what_is_no_scxml_is_refused(text: str) -> None:
    with pytest.raises(NotScxml):
        import_scxml(text)


def test_a_machine_of_xstate_becomes_a_draft_that_is_sound() -> None:
    imported = import_xstate(XSTATE)

    verdict = check(imported.document)

    assert verdict.faults == ()
    assert [loss.place for loss in imported.losses] == [
        "guard canSubmit",
        "action remind in active.payment.overdue",
        "invoke packMug",
    ]


def test_the_imported_machine_keeps_its_timer_and_its_regions() -> None:
    document = import_xstate(XSTATE).document

    [open_state] = [s for s in states(document) if s["id"] == "open"]
    assert open_state["after"][0]["delay"] == "PT1.500S"
    assert [s["id"] for s in states(document) if s.get("type") == "parallel"] == ["active"]


def states(document: Any) -> list[dict[str, Any]]:
    found = document.get("states", [])
    return [*found, *(inner for state in found for inner in states(state))]
