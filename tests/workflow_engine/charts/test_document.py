"""What is drawn of a definition: every state and way once, in words, in the order of storage."""

from tests.workflow_engine.charts.charting import a_chart, a_document, the_example
from workflow_engine.charts.document import ChartEdge, ChartNode, Work
from workflow_engine.charts.population import innermost, rolled_up
from workflow_engine.runtime.standing import Standing

PACKING = {
    "id": "packing",
    "label": "Packing",
    "invoke": {"id": "send", "kind": "step", "action": "mugs.send", "input": []},
    "transitions": [
        {"id": "t_sent", "event": "done.invoke.send", "target": "sent"},
        {"id": "t_broken", "event": "error.invoke.send", "target": "packing"},
        {"id": "t_note", "event": "mugs.counted"},
    ],
    "after": [{"id": "a_late", "delay": "P1DT2H", "target": "lost"}],
}
SENT = {"id": "sent", "type": "final", "label": "Sent", "outcome": "success"}
LOST = {"id": "lost", "type": "final", "label": "Lost", "outcome": "failure"}


def test_states_and_ways_are_told_in_words() -> None:
    chart = a_chart(a_document(PACKING, SENT, LOST))

    assert chart.nodes == (
        ChartNode("initial:", None, "initial", "Start"),
        ChartNode(
            "packing",
            None,
            "atomic",
            "Packing",
            (Work("step", "Send the mugs"),),
            is_initial=True,
            has_timer=True,
        ),
        ChartNode("sent", None, "final", "Sent", outcome="success"),
        ChartNode("lost", None, "final", "Lost", outcome="failure"),
    )
    assert chart.edges == (
        ChartEdge("initial::0", "", "initial:", "packing", "initial"),
        ChartEdge("t_sent", "t_sent", "packing", "sent", "work", "Done", "", 1),
        ChartEdge("t_broken", "t_broken", "packing", "packing", "failure", "Failed", "", 2),
        ChartEdge("t_note", "t_note", "packing", None, "event", "Mugs counted", "", 3),
        ChartEdge("a_late", "a_late", "packing", "lost", "timer", "After 1 day 2 hours", "", 4),
    )
    assert [edge.id for edge in chart.drawn_edges()] == [
        "initial::0", "t_sent", "t_broken", "a_late",
    ]  # fmt: skip


def test_everything_of_the_example_is_drawn_and_parents_come_first() -> None:
    chart = the_example()

    kinds = {node.id: node.kind for node in chart.nodes}
    assert (kinds["resolving"], kinds["supply"], kinds["resolving_history"]) == (
        "parallel", "region", "history",
    )  # fmt: skip
    met: set[str | None] = {None}
    for node in chart.nodes:
        assert node.parent in met
        met.add(node.id)
    ids = [edge.id for edge in chart.edges]
    assert len(set(ids)) == len(ids)
    assert "t_history_default:1" in ids  # A way into two regions is two edges.


def test_a_layout_fits_one_drawing_alone() -> None:
    """Another word, another order, another definition: another fingerprint."""
    one = a_chart(a_document(PACKING, SENT, LOST))
    renamed = a_chart(a_document({**PACKING, "label": "Packing it"}, SENT, LOST))
    again = a_chart(a_document(PACKING, SENT, LOST))

    assert one.fingerprint() == again.fingerprint() != renamed.fingerprint()


def test_who_is_in_a_state_is_in_what_holds_it_and_counts_once_in_parallel() -> None:
    chart = the_example()
    inside = {"approving": Standing(2), "waiting_supply": Standing(3), "listening": Standing(5)}

    found = rolled_up(chart, inside)

    assert {state: standing.runs for state, standing in found.items()} == {
        "approving": 2, "escalating": 2, "waiting_supply": 3, "supply": 5,
        "listening": 5, "customer": 5, "resolving": 5, "active": 5,
    }  # fmt: skip


def test_the_innermost_states_of_a_state_are_found() -> None:
    chart = the_example()

    assert innermost(chart, "escalating") == ["drafting", "approving", "approved"]
    assert innermost(chart, "drafting") == ["drafting"]
    assert innermost(chart, "nowhere") == []
