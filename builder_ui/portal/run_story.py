"""Tells the history of a run in words: what happened, which rules applied, where it then stood."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from builder_ui.portal.delegation_views import cast_vote
from builder_ui.portal.names import Names
from builder_ui.portal.wording import TASK_OUTCOMES, spoken
from builder_ui.shell.page import Tone
from builder_ui.shell.words import _, said
from kernel.uow import UnitOfWork
from workflow_engine.interpreter import Compiled
from workflow_engine.runtime import queries
from workflow_engine.runtime.engine import Engine, engine_of
from workflow_engine.runtime.snapshots import snapshot_of
from workflow_engine.runtime.tables import Run, RunHistory
from workflow_engine.runtime.task_tables import Task

MomentKind = Literal["state", "step", "approval", "timer", "event", "exception", "comment"]

_DONE, _FAILED = "done.invoke.", "error.invoke."
_UNMOVED: Mapping[str, str] = {
    "ignored": _("Nothing waited for it."),
    "deferred": _("Kept until the run can take it."),
    "rejected": _("Refused: not possible in this state."),
    "stale": _("Came too late: the run had moved on."),
    "finished": _("Came after the run had ended."),
    "halted": _("The run stopped here."),
}


@dataclass(frozen=True)
class Moment:
    """One line of a run's story, as the component `run_timeline` shows it.

    `states` are the labels of where the run stood afterwards, empty where that did not change;
    `rules` say in words what decided.
    """

    at: datetime
    kind: MomentKind
    what: str
    who: str | None
    tone: Tone = "neutral"
    why: str | None = None
    took: timedelta | None = None
    states: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


class Storyteller:
    """Tells the runs of one definition: it knows its labels, rules and actions."""

    def __init__(self, uow: UnitOfWork, definition_id: str, names: Names) -> None:
        """Take the definition as it was published."""
        self._uow = uow
        self._names = names
        self._engine: Engine = engine_of(uow)
        self.compiled: Compiled = self._engine.compiled(uow, definition_id)
        self._rules = {each.id: each for each in self.compiled.transitions}

    def label(self, state_id: str) -> str:
        """Return what the definition calls a state; without a label, its name in words."""
        number = self.compiled.numbers.get(state_id)
        label = self.compiled.states[number].model.label if number is not None else ""
        return label or spoken(state_id)

    def asked_in(self, invoke_id: str) -> str:
        """Return the label of the state that asks for a step or an approval."""
        invoke = self.compiled.invokes.get(invoke_id)
        return spoken(invoke_id) if invoke is None else self._label_at(invoke.state)

    def stands_at(self, run: Run) -> tuple[str, ...]:
        """Return the innermost states that a run is in now; none before it begins."""
        snapshot = snapshot_of(self.compiled, run)
        return () if snapshot is None else self.compiled.leaves(snapshot.configuration)

    def story(self, run: Run, lines: Sequence[RunHistory]) -> list[Moment]:
        """Tell lines of a run's history, which follow each other."""
        before: Sequence[str] = ()
        tasks = _Decided(self._uow, run, self._names)
        moments = []
        for line in lines:
            moved = list(line.states) != list(before)
            before = line.states
            moments.append(self._moment(line, tasks, moved=moved))
        return moments

    def rules(self, trace: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        """Say which rules and tables decided, and which could not be evaluated."""
        return tuple(dict.fromkeys(self._sentences(trace)))

    def why_asked(self, lines: Sequence[RunHistory], task: Task) -> tuple[str, ...]:
        """Return the rules that applied when a task was asked for."""
        for line in lines:
            if any(_asks(effect, task) for effect in line.effects):
                return self.rules(line.trace)
        return ()

    def guards_asked(self, lines: Sequence[RunHistory], task: Task) -> tuple[str, ...]:
        """Return the conditions that held when a task was asked for, as the definition has them."""
        for line in lines:
            if any(_asks(effect, task) for effect in line.effects):
                chosen = [name for record in line.trace for name in record.get("chosen", ())]
                rules = (self._rules.get(name) for name in dict.fromkeys(chosen))
                return tuple(each.guard_text for each in rules if each and each.guard_text)
        return ()

    def sentence_of(self, action: str) -> str:
        """Return what an action does, as the catalogue says it."""
        catalogue = self._engine.catalogue
        return said(catalogue[action].sentence) if action in catalogue else spoken(action)

    def _label_at(self, number: int) -> str:
        return self.label(self.compiled.states[number].id)

    def _moment(self, line: RunHistory, tasks: "_Decided", *, moved: bool) -> Moment:
        kind, what, tone = self._told(line.event)
        who: str | None = self._names.of(line.actor_id)
        why = _UNMOVED.get(line.disposition)
        if kind == "approval" and line.event.startswith(_DONE):
            decided = tasks.take(line.event.removeprefix(_DONE), line.at)
            if decided is not None:
                what, tone, who, why = decided
        incident = next((each for each in line.effects if each["effect"] == "Incident"), None)
        if incident is not None:
            kind, tone, why = "exception", "bad", str(incident.get("message") or incident["code"])
        states = tuple(map(self.label, line.states)) if moved else ()
        return Moment(line.at, kind, what, who, tone, why, None, states, self.rules(line.trace))

    def _told(self, event: str) -> tuple[MomentKind, str, Tone]:
        if event == "run.started":
            return "state", _("Started"), "accent"
        if event == "timer":
            return "timer", _("The time was up"), "warn"
        if event.startswith(_FAILED):
            kind, what = self._invoked(event.removeprefix(_FAILED))
            return kind, what, "bad"
        if event.startswith(_DONE):
            kind, what = self._invoked(event.removeprefix(_DONE))
            return kind, what, "ok"
        return "event", spoken(event), "neutral"

    def _invoked(self, invoke_id: str) -> tuple[MomentKind, str]:
        invoke = self.compiled.invokes.get(invoke_id)
        if invoke is None:
            return "step", spoken(invoke_id)
        if invoke.model.kind == "step":
            return "step", self.sentence_of(invoke.model.action)
        return "approval", self._label_at(invoke.state)

    def _sentences(self, trace: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        for record in trace:
            if "table" in record:
                rules = ", ".join(map(str, record.get("rules", ()))) or _("no rule")
                yield _(
                    "Table %(table)s decided by %(rules)s.",
                    table=self._table(str(record["table"])),
                    rules=rules,
                )
            if "error" in record:
                message = record.get("message") or record["error"]
                yield _(
                    "Rule %(get)s could not be evaluated: %(message)s",
                    get=record.get("guard", ""),
                    message=message,
                )
            for name in record.get("chosen", ()):
                rule = self._rules.get(name)
                if rule is not None and rule.guard_text:
                    yield _(
                        "Rule %(name)s applied: %(guard_text)s",
                        name=name,
                        guard_text=rule.guard_text,
                    )

    def _table(self, table_id: str) -> str:
        tables = {each.id: each.document for each in self.compiled.definition.tables}
        return f"“{tables.get(table_id, {}).get('name', table_id)}”"


def stories(uow: UnitOfWork, runs: Sequence[Run], names: Names) -> list[tuple[Run, list[Moment]]]:
    """Tell several runs from their beginning, the first two hundred lines of each."""
    tellers: dict[str, Storyteller] = {}
    told = []
    for run in runs:
        teller = tellers.get(run.definition_id)
        if teller is None:
            teller = tellers[run.definition_id] = Storyteller(uow, run.definition_id, names)
        told.append((run, teller.story(run, queries.timeline(uow, run.id))))
    return told


class _Decided:
    """The decided approvals of a run, each for the line of history that took its decision in."""

    def __init__(self, uow: UnitOfWork, run: Run, names: Names) -> None:
        self._uow = uow
        self._names = names
        self._left = [each for each in queries.tasks_of_run(uow, run.id) if each.state == "done"]

    def take(self, invoke_id: str, at: datetime) -> tuple[str, Tone, str | None, str | None] | None:
        """Return what was decided last by then, its tone, by whom, and the reasons given."""
        closed = [
            (each.closed_at, each.id, each)
            for each in self._left
            if each.invoke_id == invoke_id and each.closed_at is not None and each.closed_at <= at
        ]
        if not closed:
            return None
        task = max(closed)[2]
        self._left.remove(task)
        what, tone = TASK_OUTCOMES.get(task.outcome or "", (spoken(task.outcome or ""), "neutral"))
        # Somebody's no is an answer; only what broke is told as a failure.
        tone = "warn" if tone == "bad" else tone
        votes = queries.votes(self._uow, task.id)
        voters = ", ".join(dict.fromkeys(cast_vote(vote, self._names).told for vote in votes))
        reasons = " ".join(vote.reason for vote in votes if vote.reason)
        return f"{task.title}: {str(what).lower()}", tone, voters or None, reasons or None


def _asks(effect: Mapping[str, Any], task: Task) -> bool:
    return (
        effect.get("effect") in ("InvokeApproval", "InvokeHuman")
        and effect.get("invoke_id") == task.invoke_id
        and effect.get("epoch") == task.epoch
    )
