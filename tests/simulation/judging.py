"""What must hold after any history, once everything has come to rest."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from kernel.errors import Conflict
from tests.simulation.definition import CLASS_OF, is_refused, kind_of
from tests.simulation.history import LEASE_ENDS, History
from tests.simulation.laboratory import COUNTED, Laboratory, Seams
from workflow_engine.runtime.retrying import Verdict, retry
from workflow_engine.runtime.tables import RunStep

ROUNDS_MAX = 40


def meet(laboratory: Laboratory, seed: int, seams: Seams | None = None) -> History:
    """Play a seed, let it come to rest, and judge it."""
    history = History(laboratory, seed, seams)
    history.play()
    history.lay_down()
    _come_to_rest(history)
    history.faults.extend(judge(history))
    if history.faults:
        laboratory.sweep()
    return history


def judge(history: History) -> list[str]:
    """Return every promise that was broken."""
    return [
        *_of_the_run(history),
        *_of_local_effects(history),
        *_of_calls(history),
        *_of_counts(history),
        *_of_the_stream(history),
        *_of_what_is_left(history),
    ]


def _come_to_rest(history: History) -> None:
    laboratory = history.laboratory
    for number in range(ROUNDS_MAX):
        # A timer that was set by a clock an hour ahead is due in an hour and a bit.
        laboratory.pass_time(LEASE_ENDS if number < 3 else timedelta(minutes=10))
        history.work_off()
        history.emit_goods()
        history.work_off()
        _mend(history)
        if [run[1] for run in history.runs()] == ["finished"] and not _left(history):
            break
    history.read_feed(limit=100)


def _mend(history: History) -> None:
    """Do what a person would: look into the ledger, say what happened, have the rest retried."""
    laboratory = history.laboratory
    for run_id, _, _, incident in history.runs():
        if incident is None:
            continue
        with laboratory.unit() as uow:
            doubtful = uow.session.scalars(
                select(RunStep).filter_by(run_id=run_id, state="doubtful")
            ).first()
        if (
            doubtful is not None
            and doubtful.call_ends_at
            and (laboratory.now < doubtful.call_ends_at)
        ):
            laboratory.pass_time(timedelta(seconds=5))
            continue
        verdict = None
        if doubtful is not None:
            found = history.look_into_ledger(doubtful.id)
            verdict = Verdict(found is not None, found or {}, doubtful.id)
        try:
            with laboratory.unit() as uow:
                retry(uow, laboratory.engine, run_id, "The ledger says so.", verdict)
        except Conflict as refusal:
            history.say(f"a person is told: {refusal}")


def _of_the_run(history: History) -> list[str]:
    expected = "given_up" if is_refused(history.line) else "delivered"
    runs = [(state, outcome) for _, state, outcome, _ in history.runs()]
    return [] if runs == [("finished", expected)] else [f"the line's runs: {history.runs()}"]


def _of_local_effects(history: History) -> list[str]:
    delivered = not is_refused(history.line)
    expected = {"reserve": int(delivered)} | ({"allocate": 1} if delivered else {})
    found = {
        what: value
        for what in ("reserve", "allocate")
        for (value,) in history.laboratory.admin.execute(
            "SELECT value FROM setting WHERE scope_id = %s", [f"{what}-{history.line}"]
        )
    }
    return [] if found == expected else [f"local effects: {found}"]


def _of_calls(history: History) -> list[str]:
    effects = Counter(kind for kind, _, what in history.calls() if what == "effect")
    expected = Counter() if is_refused(history.line) else Counter([CLASS_OF[kind_of(history.line)]])
    return [] if effects == expected else [f"effects outside: {dict(effects)}"]


def _of_counts(history: History) -> list[str]:
    rows = history.laboratory.admin.execute(
        "SELECT scope_id, value FROM setting WHERE key = %s AND scope_id = ANY(%s)",
        [COUNTED, history.emitted],
    ).fetchall()
    expected = dict.fromkeys(history.emitted, 1)
    found: dict[str, int] = dict(rows)
    return [] if found == expected else [f"times counted: {sorted(found.values())}"]


def _of_the_stream(history: History) -> list[str]:
    written = Counter(history.emitted)
    seen = Counter(event_id for event_id in history.read if event_id in written)
    missed, again = written - seen, seen - written
    return [
        *(f"the reader never saw {history.name(event_id)}" for event_id in missed),
        *(f"the reader saw {history.name(event_id)} twice" for event_id in again),
    ]


def _of_what_is_left(history: History) -> list[str]:
    left = _left(history)
    return [f"left undone: {left}"] if left else []


def _left(history: History) -> dict[str, int]:
    counts = history.laboratory.admin.execute(
        "SELECT (SELECT count(*) FROM outbox WHERE settled_at IS NULL),"
        " (SELECT count(*) FROM job WHERE state = 'waiting'),"
        " (SELECT count(*) FROM run_step WHERE state IN ('waiting','abandoned','doubtful')),"
        " (SELECT count(*) FROM run_timer WHERE state = 'waiting'),"
        " (SELECT count(*) FROM run WHERE state <> 'finished')"
    ).fetchone()
    assert counts is not None
    names = ("events", "jobs", "steps", "timers", "runs")
    return {name: count for name, count in zip(names, counts, strict=True) if count}
