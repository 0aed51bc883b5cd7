"""One simulated history: what happens next is drawn from a seed, and nothing else decides it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from kernel.audit import Subject
from kernel.errors import Unavailable
from kernel.events import Event
from kernel.feed import Place, place_of
from kernel.work import Claim, LostLease, WorkSource, due_sources
from tests.chaos.backorders import GoodsArrived, LineShort
from tests.chaos.ledger import Ledger
from tests.simulation.laboratory import Laboratory, LineSeen, Seams, World
from tests.simulation.strikes import KINDS, Died, Strike

PICKS = 26
STRIKES_MAX = 6
LEASE_ENDS = timedelta(seconds=31)
HOUR = timedelta(hours=1)
SKEWS = (-HOUR, timedelta(0), HOUR)
TABLES = {name: name for name in ("outbox", "job", "run_timer", "run_step", "run")}


@dataclass
class Worker:
    """A process that does work, and what it holds in its hands."""

    name: str
    held: list[tuple[WorkSource, Claim]] = field(default_factory=list)
    done: list[tuple[WorkSource, Claim]] = field(default_factory=list)


@dataclass
class _Deed:
    """A claim that is being performed."""

    worker: Worker
    source: WorkSource
    claim: Claim
    is_stale: bool = False


class History(World):
    """Plays one seed; `faults` are the promises that were broken, `told` is what happened."""

    def __init__(self, laboratory: Laboratory, seed: int, seams: Seams | None = None) -> None:
        self.laboratory = laboratory
        self.dice = Random(seed)
        self.seams = seams or Seams()
        self.book = io.StringIO()
        self.told: list[str] = []
        self.faults: list[str] = []
        self.emitted: list[str] = []
        self.read: list[str] = []
        self.is_calm = False
        self.line = laboratory.new_line(self.dice.randrange(3), is_refused=self.dice.random() < 0.2)
        self.has_goods = False
        self._ledger = Ledger(self.book)
        self._place: Place | None = None
        self._names: dict[str, str] = {}
        self._workers = [Worker("Ada"), Worker("Bob"), Worker("Cy")]
        self._deeds: list[_Deed] = []
        self._late: list[ExitStack] = []
        self._skew = timedelta(0)
        self._strikes = 0
        self._sources = [
            self.seams.perform_as(laboratory, source) for source in laboratory.runtime.sources
        ]

    def play(self) -> None:
        """Let things happen, and then let everything come to rest."""
        self.laboratory.world = self
        last = self.laboratory.admin.execute(
            "SELECT written_in, id FROM outbox ORDER BY written_in DESC, id DESC LIMIT 1"
        ).fetchone()
        self._place = Place(*last) if last else None
        self._emit(LineShort(self.line), is_late=self.dice.random() < 0.3)
        self._begin_somewhere()
        for _ in range(PICKS):
            self._pick(_PICKS)

    @property
    def disturbances(self) -> int:
        """How often something went wrong for somebody."""
        return sum(any(word in each for word in _DISTURBED) for each in self.told)

    def _begin_somewhere(self) -> None:
        """Let some histories be disturbed only when the run exists, or when it calls somebody."""
        self.is_calm = True
        for kinds in (("outbox",), ("run_timer",))[: self.dice.randint(0, 2)]:
            self.laboratory.pass_time(LEASE_ENDS)
            self.work_off(kinds)
        self.is_calm = False

    def say(self, what: str) -> None:
        self.told.append(("    " * len(self._deeds)) + what)

    def _pick(self, table: Mapping[str, int]) -> None:
        (name,) = self.dice.choices(list(table), list(table.values()))
        # A strike is one worker's: whatever others do meanwhile is not struck by it.
        with self.laboratory.strikes.armed(None):
            _DEEDS[name](self)
        for statement in self.seams.forgets:
            self.laboratory.admin.execute(statement)

    # What may happen.

    def claim(self, limit: int = 2, kinds: Collection[str] = TABLES) -> bool:
        """Let a worker claim due work of one of the kinds."""
        busy = {deed.worker.name for deed in self._deeds}
        free = [worker for worker in self._workers if worker.name not in busy]
        engine = self.laboratory.runtime.database.single_statements
        due = due_sources(engine, [each for each in self._sources if each.name in kinds])
        if not due or not free:
            return False
        worker, source = self.dice.choice(free), self.dice.choice(due)
        claims = source.claim(engine, self.dice.randint(1, limit))
        for claim in sorted(claims, key=lambda each: each.id):
            worker.held.append((source, claim))
            self.say(f"{worker.name} claims {self.name(claim.id)}, fence {claim.fence}")
        return bool(claims)

    def perform(self) -> None:
        """Let a worker do any one of the claims that it holds, perhaps struck on the way."""
        free = [each for each in self._workers if each.held and not self._is_busy(each)]
        if not free:
            return
        worker = self.dice.choice(free)
        source, claim = worker.held.pop(self.dice.randrange(len(worker.held)))
        worker.done.append((source, claim))
        self._do(_Deed(worker, source, claim), self._strike())

    def perform_again(self) -> None:
        """Bring a worker a claim that it has done already, as a doubled message would."""
        free = [each for each in self._workers if each.done and not self._is_busy(each)]
        if free:
            worker = self.dice.choice(free)
            self.say("a claim is brought again")
            self._do(_Deed(worker, *self.dice.choice(worker.done)), None)

    def crash_idle(self) -> None:
        """Let a process die between two pieces of work, with what it had claimed."""
        worker = self.dice.choice([each for each in self._workers if not self._is_busy(each)])
        worker.held.clear()
        worker.done.clear()
        self.say(f"{worker.name} dies with what it holds")

    def slow(self) -> None:
        """Let so much time pass that every lease has ended: who still works is a zombie."""
        self.laboratory.pass_time(LEASE_ENDS)
        self.say("31 s pass")

    def overtake(self) -> None:
        """Let somebody claim what another holds: the other finds out when it is done, or never."""
        self.slow()
        self.claim()

    def skew(self) -> None:
        """Put the workers' clock an hour before, with or behind the database's."""
        skew = self.dice.choice(SKEWS)
        self.laboratory.clock.pass_time(skew - self._skew)
        self._skew = skew
        self.say(f"the workers' clock is off by {skew}")

    def redeliver(self) -> None:
        """Have an event delivered once more, whether or not it was."""
        if self.emitted:
            event_id = self.dice.choice(self.emitted)
            self.laboratory.admin.execute(
                "UPDATE outbox SET settled_at = NULL, lease_until = NULL, next_at = NULL"
                " WHERE id = %s",
                [event_id],
            )
            self.say(f"{self.name(event_id)} is to be delivered again")

    def read_feed(self, limit: int = 3) -> None:
        """Let a reader of the stream go on where it stopped; it may die before it notes that."""
        with self.laboratory.unit() as uow:
            rows = self.seams.read(uow, self._place, limit)
        if self.dice.random() < 0.1 and not self.is_calm:
            return
        for row in rows:
            self.read.append(row.id)
            self._place = place_of(row)
            self.say(f"the reader sees {self.name(row.id)}")

    def emit_seen(self) -> None:
        """Let a producer write an event, perhaps in a transaction that ends much later."""
        self._emit(LineSeen(self.line), is_late=self.dice.random() < 0.5)

    def emit_goods(self) -> None:
        """Let the goods arrive, once, when their line is known."""
        if not self.has_goods and self.runs():
            self._emit(GoodsArrived(self.line), is_late=False)
            self.has_goods = True

    def commit_late(self) -> None:
        """Let the oldest transaction that is still open commit."""
        if self._late:
            self._late.pop(0).close()
            self.say("a late transaction commits")

    # The outside world.

    def call(self, kind: str, key: str, request: Mapping[str, Any], seconds: float) -> int:
        ends_at = self.laboratory.now + timedelta(seconds=seconds)
        ways = _CALLS_AT_MOST_ONCE if kind == "at_most_once" else _CALLS
        (way,) = ("soon",) if self.is_calm else self.dice.choices(list(ways), list(ways.values()))
        self.say(f"a call ({kind}) {way}")
        if way == "refused for now":
            raise Unavailable
        if way == "never arrives":
            raise TimeoutError
        if way == "arrives late":
            self._meanwhile()
            if self.laboratory.now > ends_at:
                raise TimeoutError
        status = self._ledger.take(kind, key, request)
        if way == "is answered late":
            self._meanwhile()
        if way == "is not answered":
            raise TimeoutError
        if way == "and the caller dies":
            raise Died
        return status

    def look_up(self, key: str, seconds: float) -> Any:
        if not self.is_calm and self.dice.random() < 0.3:
            self._meanwhile()
            raise TimeoutError
        return self._ledger.find(key)

    def stumbles(self) -> bool:
        return not self.is_calm and self.dice.random() < 0.08

    def _meanwhile(self) -> None:
        """What others do while one waits for an answer."""
        if len(self._deeds) <= 2:
            for _ in range(self.dice.randint(1, 5)):
                self._pick(_MEANWHILE)
        for deed in self._deeds:
            deed.is_stale = deed.is_stale or self._has_lost(deed)

    # How it is done.

    def runs(self) -> list[tuple[str, str, str | None, str | None]]:
        """Id, state, outcome and incident of the line's runs."""
        query = "SELECT id, state, outcome, incident FROM run WHERE subject_id = %s ORDER BY id"
        return self.laboratory.admin.execute(query, [str(self.line)]).fetchall()

    def lay_down(self) -> None:
        """End every worker and every transaction, and let nothing go wrong any more."""
        self.is_calm = True
        while self._late:
            self.commit_late()
        for worker in self._workers:
            worker.held.clear()
        self.laboratory.clock.pass_time(-self._skew)
        self.say("calm")

    def work_off(self, kinds: Collection[str] = TABLES) -> None:
        """Do all that is due of these kinds, without fault."""
        while self.claim(20, kinds):
            while any(worker.held for worker in self._workers):
                self.perform()

    def _do(self, deed: _Deed, strike: Strike | None) -> None:
        deed.is_stale = self._has_lost(deed)
        self.say(f"{deed.worker.name} does {self.name(deed.claim.id)}, {strike or 'undisturbed'}")
        self._deeds.append(deed)
        is_sifted = deed.source.sift is not None and self.dice.random() < 0.5
        try:
            with self.laboratory.strikes.armed(strike):
                left = deed.source.sift([deed.claim]) if is_sifted and deed.source.sift else None
                for claim in [deed.claim] if left is None else left:
                    deed.source.perform(claim)
            ended = "done"
        except Died:
            ended = "died"
            deed.worker.held.clear()
            deed.worker.done.clear()
        except LostLease:
            ended = "lease lost"
        except Exception as error:
            ended = f"failed with {type(error).__name__}"
        self._deeds.pop()
        self.say(f"{deed.worker.name}: {ended}")
        if ended == "done" and deed.is_stale and not is_sifted and strike is None:
            self.faults.append(f"{self.name(deed.claim.id)} was done without the lease")

    def _has_lost(self, deed: _Deed) -> bool:
        query = f"SELECT fence FROM {TABLES[deed.source.name]} WHERE id = %s"
        row = self.laboratory.admin.execute(query, [deed.claim.id]).fetchone()
        return row is not None and row[0] > deed.claim.fence

    def _is_busy(self, worker: Worker) -> bool:
        return any(deed.worker is worker for deed in self._deeds)

    def _strike(self) -> Strike | None:
        if self.is_calm or self._strikes >= STRIKES_MAX or self.dice.random() > 0.3:
            return None
        self._strikes += 1
        return Strike(self.dice.choice(KINDS), self.dice.randint(1, 3))

    def _emit(self, event: Event, *, is_late: bool) -> None:
        stack = ExitStack()
        uow = stack.enter_context(self.laboratory.unit())
        event_id = uow.emit(event)
        uow.record("simulation.tell", Subject("line", str(self.line)))
        self.emitted.append(event_id)
        self.say(f"{event.name} is written as {self.name(event_id)}")
        if is_late:
            self._late.append(stack)
        else:
            stack.close()

    def name(self, identity: str) -> str:
        """Name what is meant in the order of its appearance: ids hold chance."""
        kind = identity.split("_")[0]
        if identity not in self._names:
            count = sum(name.startswith(f"{kind} ") for name in self._names.values())
            self._names[identity] = f"{kind} {count + 1}"
        return self._names[identity]

    def calls(self) -> list[tuple[str, str, str]]:
        """Every call that reached the other side: kind, key and what it did."""
        return [tuple(json.loads(row)) for row in self.book.getvalue().splitlines()]

    def look_into_ledger(self, key: str) -> Any:
        return self._ledger.find(key)


_DISTURBED = (
    "dies before", "dies after", "is cut off", "dies with", "31 s pass", "clock is off", "again",
    "late", "not answered", "never arrives", "the caller dies", "refused for now", "failed with",
)  # fmt: skip
_CALLS = {
    "soon": 5,
    "is not answered": 2,
    "never arrives": 2,
    "arrives late": 2,
    "is answered late": 3,
    "and the caller dies": 2,
    "refused for now": 2,
}
_CALLS_AT_MOST_ONCE = {way: weight for way, weight in _CALLS.items() if way != "refused for now"}
_DEEDS: dict[str, Callable[[History], object]] = {
    "claim": History.claim,
    "perform": History.perform,
    "perform again": History.perform_again,
    "crash": History.crash_idle,
    "slow": History.slow,
    "overtake": History.overtake,
    "skew": History.skew,
    "redeliver": History.redeliver,
    "read": History.read_feed,
    "seen": History.emit_seen,
    "goods": History.emit_goods,
    "late": History.commit_late,
}
_PICKS = {
    "claim": 10,
    "perform": 12,
    "perform again": 1,
    "crash": 1,
    "slow": 2,
    "overtake": 3,
    "skew": 1,
    "redeliver": 1,
    "read": 2,
    "seen": 1,
    "goods": 2,
    "late": 1,
}
_MEANWHILE = {"claim": 3, "perform": 3, "slow": 1, "overtake": 2, "crash": 1, "goods": 1}
