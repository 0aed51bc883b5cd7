"""Backorders over five tenants, while processes are killed: each effect class keeps its word."""

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from kernel.audit import AuditEntry
from kernel.exceptions import ExceptionCase
from kernel.ids import TenantId
from kernel.settings import Setting
from kernel.verification import verify
from tests.chaos.backorders import KEY, GoodsArrived, LineShort
from tests.chaos.storm import PERSON, Storm, a_storm, patience
from workflow_engine.runtime.stuck import find_stuck_runs

TENANTS = [TenantId(f"ten_storm{number}") for number in range(1, 6)]
CALM = TenantId("ten_calm")
SEED = int(os.environ.get("CHAOS_SEED", "7"))


def test_thirty_backorders_survive_a_squall(tmp_path: Path) -> None:
    """REL-05, REL-11, REL-12: the short form, a dozen kills."""
    weather(tmp_path, lines=6, kill_every=1.0, within=300, kills_max=12)


@pytest.mark.chaos
def test_two_hundred_backorders_survive_a_storm(tmp_path: Path) -> None:
    """REL-05, REL-10, REL-11, REL-12: the long form, `make chaos`."""
    weather(tmp_path, lines=40, kill_every=2.0, within=600)


def weather(
    folder: Path, *, lines: int, kill_every: float, within: float, kills_max: int = 1000
) -> None:
    with a_storm(folder, SEED) as storm:
        for tenant_id in TENANTS:
            storm.found(tenant_id)
        for line in range(1, lines + 1):
            for tenant_id in TENANTS:
                storm.tell(tenant_id, LineShort(line))

        doubts = blow(storm, lines, kill_every=kill_every, within=within, kills_max=kills_max)

        outcomes = {tenant_id: storm.stand(tenant_id) for tenant_id in TENANTS}
        paths = {tenant_id: all_paths(storm, tenant_id, lines) for tenant_id in TENANTS}
        judge_the_ledger(storm, lines)
        judge_the_database(storm, lines, doubts)
        stay_calm(storm, lines)
        assert outcomes == dict.fromkeys(TENANTS, storm.stand(CALM))
        assert paths == dict.fromkeys(TENANTS, all_paths(storm, CALM, lines))
        print(f"seed {SEED}: {storm.kills} kills, {doubts} doubts, {lines * 5} runs")


def blow(storm: Storm, lines: int, *, kill_every: float, within: float, kills_max: int) -> int:
    """Kill until every run has ended; people settle doubts, and the goods arrive once."""
    doubts, killed_at, flushed, arrived = 0, 0.0, False, False
    for passed in patience(within, lambda: told(storm)):
        storm.keep_all_running()
        if passed - killed_at >= kill_every and storm.kills < kills_max:
            storm.kill_one()
            killed_at = passed
        if not flushed and passed > 3 * kill_every:
            storm.forget_the_doorbell()
            flushed = True
        doubts += sum(storm.settle_doubts(tenant_id) for tenant_id in TENANTS)
        stands = [each for tenant in TENANTS for each in storm.stand(tenant).values()]
        if not arrived and len(stands) == 5 * lines:
            # Some runs are waiting by now, others not yet: those keep the event.
            for line in range(1, lines + 1):
                for tenant_id in TENANTS:
                    storm.tell(tenant_id, GoodsArrived(line))
            arrived = True
        if len(stands) == 5 * lines and {state for state, _ in stands} == {"finished"}:
            break
    assert flushed
    assert storm.kills >= 3
    return doubts


def stay_calm(storm: Storm, lines: int) -> None:
    """The same lines, undisturbed."""
    storm.found(CALM)
    for line in range(1, lines + 1):
        storm.tell(CALM, LineShort(line))
    for _ in patience(120, str):
        storm.runtime.drain_all()
        # The storm's own processes may hold an event while we look: its run is not there yet.
        if all(set(storm.path(CALM, line)[-1:]) & RESTS for line in range(1, lines + 1)):
            break
    for line in range(1, lines + 1):
        storm.tell(CALM, GoodsArrived(line))
    for _ in patience(120, str):
        storm.runtime.drain_all()
        if {state for state, _ in storm.stand(CALM).values()} == {"finished"}:
            return


def told(storm: Storm) -> str:
    """Where the runs stand, for whoever wonders why they have not ended."""
    stands = Counter(
        (run.state, run.incident, run.ready) for tenant in TENANTS for run in storm.runs(tenant)
    )
    return f"{storm.kills} kills; {dict(stands)}"


RESTS = {"waiting", "given_up"}


def all_paths(storm: Storm, tenant_id: TenantId, lines: int) -> list[Sequence[str]]:
    """Where each run rested on its way, without the places that depend on who was killed when."""
    return [
        [place for place in storm.path(tenant_id, line) if place != "waiting"]
        for line in range(1, lines + 1)
    ]


def judge_the_ledger(storm: Storm, lines: int) -> None:
    """Count what arrived outside, by effect class."""
    rows = [json.loads(row) for row in storm.book.read_text().splitlines()]
    refused, delivered = 5 * (lines // 5), 5 * (lines - lines // 5)
    calls = {kind: Counter[str]() for kind in ("idempotent", "reconcile", "at_most_once")}
    effects = {kind: Counter[str]() for kind in calls}
    for kind, key, what in rows:
        calls[kind][key] += 1
        effects[kind][key] += what == "effect"

    assert len(calls["idempotent"]) == refused + delivered
    assert sorted(effects["idempotent"].values()) == [0] * refused + [1] * delivered
    assert list(effects["reconcile"].values()) == [1] * delivered
    assert list(calls["at_most_once"].values()) == [1] * delivered


def judge_the_database(storm: Storm, lines: int, doubts: int) -> None:
    """Count local effects, incidents, and what the audit log proves."""
    halts = 0
    for tenant_id in TENANTS:
        with storm.runtime.unit_of_work(tenant_id, PERSON, work_class="batch") as uow:
            counted = {
                row.scope_id: row.value
                for row in uow.session.scalars(select(Setting).filter_by(key=KEY))
            }
            cases = uow.session.scalars(select(ExceptionCase)).all()
            entries = uow.session.scalars(select(AuditEntry).filter_by(action="run.halt")).all()
            faults = verify(uow, storm.runtime.seal).faults
        halts += len(entries)
        expected = {f"reserve-{line}": int(line % 5 != 0) for line in range(1, lines + 1)}
        expected |= {f"allocate-{line}": 1 for line in range(1, lines + 1) if line % 5}
        assert counted == expected
        assert {(case.kind, case.state) for case in cases} <= {("run.incident", "resolved")}
        assert faults == []
    assert halts == doubts
    assert find_stuck_runs(storm.runtime) == 0
