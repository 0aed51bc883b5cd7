"""`wareflow runs …`: a tenant's runs listed, shown, explained, tried again and cancelled."""

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any

from kernel.access import operator_actor
from kernel.audit import Subject
from kernel.errors import Fault, Invalid, NotFound
from kernel.ids import TenantId
from kernel.runtime import Runtime
from kernel.tenancy import tenant_id_of
from workflow_engine.runtime import queries
from workflow_engine.runtime.cancelling import cancel
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.explaining import explain
from workflow_engine.runtime.queries import RUNS_MAX, RunFilter
from workflow_engine.runtime.retrying import Verdict, retry
from workflow_engine.runtime.tables import Run

OPERATOR = operator_actor("command")
STATES = ("active", "incident", "undoing", "finished")
LINES_MAX = 200

Command = Callable[[Runtime, argparse.Namespace], Sequence[str]]


def add_commands(commands: Any, set_command: Callable[[Any, Command], None]) -> None:
    """Add `runs list|show|explain|retry|cancel` to the front door's commands."""
    runs = commands.add_parser("runs", help="list, show, explain, retry and cancel runs")
    verbs = runs.add_subparsers(metavar="VERB", required=True)
    listing = _verb(verbs, "list", "a tenant's runs, the newest first", set_command, list_runs)
    listing.add_argument("--state", choices=STATES)
    listing.add_argument("--definition", metavar="KEY")
    listing.add_argument("--subject", metavar="ID")
    listing.add_argument("--incident", action="store_true", help="only what needs a person")
    listing.add_argument("--limit", type=int, default=50, metavar="N")
    listing.add_argument("--before", metavar="RUN", help="go on before this run")
    for name, sentence, command in (
        ("show", "what a run did, event by event", show_run),
        ("explain", "why a run stands where it stands, in words", explain_run),
    ):
        _verb(verbs, name, sentence, set_command, command).add_argument("run_id", metavar="RUN")
    for name, sentence, command in (
        ("retry", "try again what failed for good", retry_run),
        ("cancel", "end a run, and undo what it did", cancel_run),
    ):
        parser = _verb(verbs, name, sentence, set_command, command)
        parser.add_argument("run_id", metavar="RUN")
        parser.add_argument("--reason", required=True, help="kept in the audit log")
        if name == "retry":
            parser.add_argument(
                "--happened", choices=("yes", "no"), help="whether a doubtful effect happened"
            )
            parser.add_argument(
                "--answer", metavar="JSON", default="{}", help="what the other side answered"
            )
            parser.add_argument("--step", metavar="STEP", help="where several are in doubt")


def list_runs(runtime: Runtime, chosen: argparse.Namespace) -> Sequence[str]:
    """Return one line for each run."""
    only = RunFilter(chosen.state, chosen.definition, chosen.subject, chosen.incident)
    if not 1 <= chosen.limit <= RUNS_MAX:
        detail = f"--limit must be from 1 to {RUNS_MAX}."
        raise Invalid((Fault("/limit", "runs.limit", detail),))
    with runtime.unit_of_work(_tenant(runtime, chosen), OPERATOR, standing="any") as uow:
        found = queries.runs(uow, only, limit=chosen.limit, before=chosen.before)
    lines = [_line(run) for run in found]
    if len(found) == chosen.limit:
        lines.append(f"More: --before {found[-1].id}")
    return lines or ["No run is like that."]


def show_run(runtime: Runtime, chosen: argparse.Namespace) -> Sequence[str]:
    """Return a run's head and the first lines of its history."""
    with runtime.unit_of_work(_tenant(runtime, chosen), OPERATOR, standing="any") as uow:
        run = queries.run(uow, chosen.run_id)
        lines = queries.timeline(uow, run.id, limit=LINES_MAX)
    told = [
        f"{line.number:4} {line.at:%Y-%m-%d %H:%M:%S} {line.event:40} {line.disposition:9}"
        f" {', '.join(line.states)}"
        for line in lines
    ]
    return [_line(run), *told]


def explain_run(runtime: Runtime, chosen: argparse.Namespace) -> Sequence[str]:
    """Return sentences about a run."""
    with runtime.unit_of_work(_tenant(runtime, chosen), OPERATOR, standing="any") as uow:
        return explain(uow, engine_of(uow), queries.run(uow, chosen.run_id))


def retry_run(runtime: Runtime, chosen: argparse.Namespace) -> Sequence[str]:
    """Let a run go on that is an incident."""
    verdict = None
    if chosen.happened is not None:
        verdict = Verdict(chosen.happened == "yes", _answer(chosen.answer), chosen.step)
    with runtime.unit_of_work(_tenant(runtime, chosen), OPERATOR) as uow:
        run = retry(uow, engine_of(uow), chosen.run_id, chosen.reason, verdict)
    return [f"{run.id} goes on: `wareflow runs explain` tells how it then stands."]


def cancel_run(runtime: Runtime, chosen: argparse.Namespace) -> Sequence[str]:
    """Cancel a run."""
    with runtime.unit_of_work(_tenant(runtime, chosen), OPERATOR) as uow:
        run = cancel(uow, engine_of(uow), chosen.run_id, chosen.reason)
    if run.state == "finished":
        return [f"{run.id} is cancelled."]
    return [f"{run.id} is cancelled; what it did is being undone."]


def _verb(
    verbs: Any, name: str, sentence: str, set_command: Callable[[Any, Command], None], run: Command
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=sentence)
    parser.add_argument("--tenant", required=True, metavar="SLUG")
    set_command(parser, run)
    return parser


def _tenant(runtime: Runtime, chosen: argparse.Namespace) -> TenantId:
    found = tenant_id_of(runtime.database, chosen.tenant)
    if found is None:
        raise NotFound("tenant", chosen.tenant)
    with runtime.unit_of_work(found, OPERATOR, standing="any") as uow:
        # Whoever reads a tenant's business leaves a trace, too.
        subject = Subject("run", getattr(chosen, "run_id", "") or "all")
        uow.record("run.read", subject, facts={"by": "command"})
    return found


def _answer(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text, parse_float=str)
    except ValueError as error:
        detail = f"--answer is not JSON: {error}"
        raise Invalid((Fault("/answer", "runs.answer", detail),)) from error
    if not isinstance(found, dict):
        raise Invalid((Fault("/answer", "runs.answer", "--answer must be a JSON object."),))
    return found


def _line(run: Run) -> str:
    ending = run.incident or run.outcome or run.status or ""
    return (
        f"{run.id}  {run.started_at:%Y-%m-%d %H:%M}  {run.state:9} {run.key:24}"
        f" {run.subject_kind} {run.subject_id}  {ending}"
    ).rstrip()
