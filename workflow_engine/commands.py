"""`wareflow workflow …`: definitions checked, tested, simulated, compared and exported."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from workflow_engine.checking import Verdict, check, read_document
from workflow_engine.definition import DefinitionFaults, Fault, canonical_text, definition_hash
from workflow_engine.definition.diff import diff
from workflow_engine.definition.export_mermaid import export_mermaid
from workflow_engine.definition.export_scxml import export_scxml
from workflow_engine.definition.export_svg import export_svg
from workflow_engine.definition.import_scxml import import_scxml
from workflow_engine.definition.import_xstate import import_xstate
from workflow_engine.definition.model import Definition
from workflow_engine.interpreter import ContentFault, InputRefused
from workflow_engine.simulation import run_example
from workflow_engine.simulation.session import HELP, Misunderstood, Session, View
from workflow_engine.table_commands import add_table_commands
from workflow_engine.terminal import (
    FAILED,
    UNREADABLE,
    Subparsers,
    may_write,
    standard_error,
    standard_output,
    verb,
    written,
)

EXPORTS: dict[str, Callable[[Definition], str]] = {
    "mermaid": export_mermaid,
    "svg": export_svg,
    "scxml": export_scxml,
    "json": lambda definition: canonical_text(definition.document) + "\n",
}


def add_commands(commands: Subparsers) -> None:
    """Add `workflow` and its verbs; each sets `run`, which takes (anything, arguments)."""
    workflow = commands.add_parser(
        "workflow", help="work on workflow definitions, without a server"
    )
    verbs = workflow.add_subparsers(metavar="VERB", required=True)
    one = verb(verbs, "check", "say everything that is wrong with a definition", _check)
    one.add_argument("--json", action="store_true", help="print faults and findings as JSON")
    verb(verbs, "test", "run a definition's own tests", _test).add_argument(
        "--only", metavar="ID", help="run this test alone"
    )
    verb(verbs, "simulate", "play a definition, step by step and back", _simulate).add_argument(
        "--test", metavar="ID", help="begin as this test does (default: the first)"
    )
    two = verb(verbs, "diff", "say what changed between two definitions", _diff)
    two.add_argument("other", metavar="OTHER", type=Path)
    two.add_argument("--json", action="store_true", help="print the changes as JSON")
    out = verb(verbs, "export", "write a definition in another form", _export)
    out.add_argument("--to", choices=sorted(EXPORTS), default="mermaid")
    may_write(out)
    into = verb(verbs, "import", "read SCXML or XState as a draft", _import)
    may_write(into)
    add_table_commands(verbs)


def _verdict(path: Path) -> Verdict:
    return check(read_document(path.read_text(encoding="utf-8-sig")))


def _check(_: Any, chosen: argparse.Namespace) -> int:
    verdict = _verdict(chosen.file)
    if chosen.json:
        faults = [_as_json(fault) for fault in verdict.faults]
        findings = [_as_json(finding) for finding in verdict.findings]
        print(json.dumps({"faults": faults, "findings": findings}, indent=2))  # noqa: T201 -- the answer
        return FAILED if verdict.faults else 0
    console = standard_output()
    if verdict.faults:
        _list(console, "Faults", verdict.faults)
    if verdict.findings:
        _list(console, "Findings", verdict.findings)
    if verdict.compiled is None:
        console.print(f"{len(verdict.faults)} faults: this definition cannot run.")
        return FAILED
    definition = verdict.compiled.definition
    states = len(verdict.compiled.states) - 1
    console.print(
        f"'{escape(definition.name)}' is sound: {states} states, "
        f"{len(verdict.compiled.transitions)} transitions, {len(definition.tables)} tables.\n"
        f"SHA-256 {definition.hash}"
    )
    return 0


def _as_json(fault: Fault) -> dict[str, str]:
    return {
        "pointer": fault.pointer,
        "code": fault.code,
        "message": fault.message,
        "mend": fault.mend,
    }


def _list(console: Console, title: str, faults: tuple[Fault, ...]) -> None:
    console.print(f"[bold]{title}[/]")
    for fault in faults:
        console.print(escape(str(fault)))


def _sound(path: Path) -> Any:
    """The compiled definition, or DefinitionFaults."""
    verdict = _verdict(path)
    if verdict.compiled is None:
        raise DefinitionFaults(verdict.faults)
    return verdict.compiled


def _test(_: Any, chosen: argparse.Namespace) -> int:
    compiled, console = _sound(chosen.file), standard_output()
    chosen_tests = [
        (position, test)
        for position, test in enumerate(compiled.definition.tests)
        if chosen.only in (None, test["id"])
    ]
    failed = 0
    for position, test in chosen_tests:
        report = run_example(compiled, test, f"/tests/{position}")
        failed += not report.passed
        mark = "[green]ok  [/]" if report.passed else "[red]FAIL[/]"
        console.print(f"{mark} {escape(report.id)}: {escape(report.name)}")
        for failure in report.failures:
            console.print(f"       {failure.pointer}: {escape(failure.message)}")
    console.print(f"{len(chosen_tests) - failed} of {len(chosen_tests)} tests passed.")
    return FAILED if failed or not chosen_tests else 0


def _diff(_: Any, chosen: argparse.Namespace) -> int:
    """Exit code 1 where they differ, as `diff` has it."""
    before = read_document(chosen.file.read_text(encoding="utf-8-sig"))
    after = read_document(chosen.other.read_text(encoding="utf-8-sig"))
    if not isinstance(before, dict) or not isinstance(after, dict):
        raise DefinitionFaults([Fault("", "shape.type", "A definition is an object.")])
    changes = diff(before, after)
    if chosen.json:
        found = [
            {name: getattr(change, name) for name in change.__dataclass_fields__}
            for change in changes
        ]
        print(json.dumps(found, indent=2, default=str))  # noqa: T201 -- the answer
    else:
        console = standard_output()
        for change in changes:
            console.print(("[dim]" if change.cosmetic else "") + escape(change.sentence))
        console.print(f"{definition_hash(before)[:12]} → {definition_hash(after)[:12]}")
    return FAILED if changes else 0


def _export(_: Any, chosen: argparse.Namespace) -> int:
    return written(EXPORTS[chosen.to](_sound(chosen.file).definition), chosen.output)


def _import(_: Any, chosen: argparse.Namespace) -> int:
    text = chosen.file.read_text(encoding="utf-8-sig")
    is_xml = text.lstrip().startswith("<")
    imported = import_scxml(text) if is_xml else import_xstate(read_document(text))
    for loss in imported.losses:
        standard_error().print(f"{escape(loss.place)}: {escape(loss.message)}")
    document = json.dumps(imported.document, indent=1, ensure_ascii=False) + "\n"
    return written(document, chosen.output)


def _simulate(_: Any, chosen: argparse.Namespace) -> int:
    compiled, console = _sound(chosen.file), standard_output()
    tests = {test["id"]: test for test in compiled.definition.tests}
    test = tests.get(chosen.test) if chosen.test else next(iter(tests.values()), None)
    if test is None:
        standard_error().print(
            "There is no such test to begin with; see the tests of the definition."
        )
        return UNREADABLE
    try:
        session = Session(compiled, test)
    except (LookupError, ContentFault, InputRefused) as error:
        standard_error().print(escape(str(error)))
        return FAILED
    _show(console, session.view(), whole=True)
    while True:
        try:
            line = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            return 0
        if line in ("quit", "exit"):
            return 0
        if line:
            _answer(console, session, line)


def _answer(console: Console, session: Session, line: str) -> None:
    if line == "help":
        console.print(HELP, markup=False)
        return
    try:
        view = session.view() if line == "show" else session.give(line)
    except Misunderstood as error:
        console.print(f"[red]{escape(str(error))}[/]")
        return
    _show(console, view, whole=line == "show")


def _show(console: Console, view: View, *, whole: bool) -> None:
    for told in view.happened:
        console.print(f"[dim]{escape(told)}[/]")
    status = f" · {view.status[0]} ({view.status[1]})" if view.status else ""
    ended = f" · ended: {view.outcome}" if view.outcome else ""
    console.print(f"[bold]{view.now}[/] {', '.join(view.states)}{status}{ended}")
    console.print(
        f"possible: {', '.join(view.possible) or '–'}; open: {', '.join(view.open) or '–'}"
    )
    if whole:
        console.print(json.dumps(view.context, indent=1, ensure_ascii=False), markup=False)
