"""Random charts and events, played by us and by SCION: the same configurations or a reason."""

from __future__ import annotations

import json
import random
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.node import node_of_the_machine, node_of_the_wheel
from tests.conformance.scion import ORACLES, suite
from tests.conformance.scxml_adapter import rewrite
from workflow_engine.definition import DefinitionFaults, parse_definition
from workflow_engine.interpreter import Event, compile_definition, start, step
from workflow_engine.interpreter import read_snapshot as read
from workflow_engine.interpreter import write_snapshot as write

EVENTS = ("e1", "e2", "e3", "e1.x")
DESCRIPTORS = ("e1", "e2", "e3", "e1.x", "e1 e2", "*", "r1", "r2", "e1", "e2", "e3")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_XMLNS = 'xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="ecmascript"'


@dataclass
class Node:
    """A state of a random chart."""

    id: str
    kind: str
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def below(self) -> Iterator[Node]:
        for child in self.children:
            yield child
            yield from child.below()

    def line(self) -> list[Node]:
        return [self, *(self.parent.line() if self.parent else [])]


@dataclass(frozen=True)
class Case:
    """A chart as SCXML and the events it is given."""

    seed: int
    text: str
    events: tuple[str, ...]


def a_case(seed: int) -> Case:
    """A chart of up to 25 states: nested, parallel, history, internal, eventless, raising."""
    chance = random.Random(seed)
    root = Node("", "scxml")
    # SCION's deep histories forget final states, so a chart has one or the other.
    finals = chance.random() < 0.5
    _grow(chance, root, [0], finals=finals)
    nodes = [node for node in root.below() if node.kind != "history"]
    for node in nodes:
        if node.kind != "final":
            _add_transitions(chance, node, list(root.below()))
    # One state alone raises on entry: SCION enters by depth where the standard says document
    # order, and with two the order of the internal queue would tell. A final state in another
    # region raises its parent's done.state, which is a second one.
    raising, raised = chance.choice(nodes), _raised(chance, 0.8)
    if not (finals and any(node.kind == "parallel" for node in nodes)):
        raising.parts.append(f"<onentry>{raised}</onentry>")
    events = tuple(chance.choice(EVENTS) for _ in range(chance.randint(4, 12)))
    return Case(seed, _written(root), events)


def _grow(chance: random.Random, parent: Node, count: list[int], *, finals: bool) -> None:
    least = 2 if parent.kind in ("scxml", "parallel") else 1
    for _ in range(chance.randint(least, 4)):
        count[0] += 1
        small = len(parent.line()) > 3 or count[0] > 22
        kinds = ["state"] if small else ["state", "state", "compound", "parallel"]
        if parent.kind == "compound" and finals:
            kinds.append("final")
        node = Node(f"s{count[0]}", chance.choice(kinds), parent)
        parent.children.append(node)
        if node.kind in ("compound", "parallel"):
            _grow(chance, node, count, finals=finals)
    if all(child.kind == "final" for child in parent.children):
        parent.children[0].kind = "state"
    if parent.kind in ("compound", "parallel") and not finals and chance.random() < 0.3:
        _add_history(chance, parent, count)


def _add_history(chance: random.Random, parent: Node, count: list[int]) -> None:
    count[0] += 1
    kind = chance.choice(("shallow", "deep"))
    target = chance.choice([child for child in parent.children if child.kind != "history"])
    history = Node(f"h{count[0]}", "history", parent)
    history.parts.append(f'<transition target="{target.id}"/>')
    history.parts.insert(0, kind)
    parent.children.append(history)


def _add_transitions(chance: random.Random, node: Node, everything: list[Node]) -> None:
    for _ in range(chance.choice((0, 1, 1, 2))):
        attributes = []
        if chance.random() < 0.95:
            attributes.append(f'event="{chance.choice(DESCRIPTORS)}"')
        guarded = chance.random() < 0.35 or not attributes
        if guarded:
            asked = chance.choice([each for each in everything if each.kind != "history"])
            attributes.append(f"cond=\"{chance.choice(('', '!'))}In('{asked.id}')\"")
        if chance.random() < 0.85:
            attributes.append(f'target="{_target(chance, node, everything).id}"')
            if chance.random() < 0.25:
                attributes.append('type="internal"')
        raised = _raised(chance, 0.2)
        node.parts.append(f"<transition {' '.join(attributes)}>{raised}</transition>")


def _target(chance: random.Random, node: Node, everything: list[Node]) -> Node:
    """Any state, but no history of a state that is being left: the standard's algorithm records
    a history before it is entered again, SCION enters by the one before."""
    found = chance.choice(everything)
    while found.kind == "history" and found.parent in node.line():
        found = chance.choice(everything)
    return found


def _raised(chance: random.Random, share: float) -> str:
    name = chance.choice(("r1", "r2", "r3"))
    return f'<raise event="{name}"/>' if chance.random() < share else ""


def _written(node: Node) -> str:
    inner = "".join(_written(child) for child in node.children)
    if node.kind == "scxml":
        return f"<scxml {_XMLNS}>{inner}</scxml>"
    tag = "state" if node.kind == "compound" else node.kind
    if node.kind == "history":
        return f'<history id="{node.id}" type="{node.parts[0]}">{"".join(node.parts[1:])}</history>'
    return f'<{tag} id="{node.id}">{"".join(node.parts)}{inner}</{tag}>'


def ours(case: Case) -> list[list[str]] | str:
    """The configurations our interpreter goes through; the snapshot travels as JSON."""
    try:
        [document] = rewrite(case.text, "chart").values()
        compiled = compile_definition(parse_definition(document))
    except DefinitionFaults as refused:
        return "refused: " + refused.faults[0].code
    outcome = start(compiled, {}, NOW)
    found = [sorted(compiled.leaves(outcome.snapshot.configuration))]
    for name in case.events:
        if outcome.snapshot.halted:
            return "halted"
        snapshot = read(compiled, json.loads(json.dumps(write(compiled, outcome.snapshot))))
        outcome = step(compiled, snapshot, Event(name), NOW)
        found.append(sorted(compiled.leaves(outcome.snapshot.configuration)))
    return "halted" if outcome.snapshot.halted else found


def theirs(cases: list[Case]) -> list[Any]:
    """SCION's answers, in order; a chart that never rests costs it only its own answer."""
    suite()
    site_packages = Path(sysconfig.get_paths()["purelib"])
    node = node_of_the_machine() or node_of_the_wheel(site_packages)
    requests = "".join(
        json.dumps({"scxml": case.text, "events": case.events}) + "\n" for case in cases
    )
    done = subprocess.run(
        [str(node.node), str(ORACLES / "scion_runner.cjs")],
        input=requests,
        capture_output=True,
        text=True,
        timeout=120 + len(cases),
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@dataclass(frozen=True)
class Comparison:
    """How a batch of charts went; `different` holds the seeds that nothing explains."""

    played: int
    halted: int
    explained: int
    different: tuple[int, ...]


def compare(seeds: range) -> Comparison:
    """Play the charts of these seeds on both; those that never rest are counted, not compared."""
    cases = [(case, ours(case)) for case in map(a_case, seeds)]
    resting = [(case, found) for case, found in cases if not isinstance(found, str)]
    explained, different = 0, []
    answers = theirs([case for case, _ in resting])
    for (case, found), answer in zip(resting, answers, strict=True):
        if answer.get("configurations") == found:
            continue
        if _explained(answer):
            explained += 1
        else:
            different.append(case.seed)
    return Comparison(len(resting), len(cases) - len(resting), explained, tuple(different))


def _explained(answer: dict[str, Any]) -> bool:
    """Re-entering nested histories, SCION can be left with no active state at all, which is no
    configuration of any chart; what follows cannot be compared."""
    return any(not configuration for configuration in answer.get("configurations", ()))
