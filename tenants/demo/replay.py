"""Replays the history: everything at its moment, each decision by a stated rule, quiet between.

The sandbox's clock stands still while anything is due, so what happens depends on the history
alone: neither on the speed of the workers nor on who of them dies in between. What shares a
moment is done by several workers at once, in any order; what such an order could change has a
moment, or a rest, of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kernel.clock import monotonic_seconds
from kernel.runtime import Runtime
from kernel.tenancy import move_clock
from tenants.demo.agenda import CHANGES, agenda
from tenants.demo.channels import Channels
from tenants.demo.enduring import endure
from tenants.demo.founding import FOUNDER, Merchant
from tenants.demo.people import decide_open_tasks
from tenants.demo.quiet import wait_until_quiet

Progress = Callable[[str, int, int], None]


@dataclass
class Replay:
    """A history on its way through the product."""

    runtime: Runtime
    merchant: Merchant
    channels: Channels
    progress: Progress
    seconds: float = 0.0
    rests: int = 0
    """How often everything came to rest."""

    def run(self) -> None:
        """Let everything happen at its moment, then let time pass until nothing waits any more."""
        began = monotonic_seconds()
        moments = agenda(self.channels.orders)
        whole, done = sum(len(entries) for _moment, entries in moments), 0
        for moment, entries in moments:
            self._pass_time_until(moment)
            for entry in entries:
                self.channels.tell(entry)
                if entry.happening in CHANGES:
                    self.come_to_rest()
                done += 1
                self.progress("happenings", done, whole)
        self._pass_time_until(None)
        self.seconds = monotonic_seconds() - began

    def _pass_time_until(self, moment: datetime | None) -> None:
        """Stop at every instant at which something becomes due before `moment` (None: for ever)."""
        while True:
            due = self.come_to_rest()
            if due is None or (moment is not None and due >= moment):
                break
            self._move_clock(due)
        if moment is not None:
            self._move_clock(moment)

    def _move_clock(self, to: datetime) -> None:
        endure(lambda: self._move_clock_once(to))

    def _move_clock_once(self, to: datetime) -> None:
        with self.runtime.unit_of_work(self.merchant.tenant_id, FOUNDER) as uow:
            if uow.now != to:
                move_clock(uow, to)

    def come_to_rest(self) -> datetime | None:
        """Let the workers finish and the people decide, until both have nothing left to do."""
        self.rests += 1
        tenant_id = self.merchant.tenant_id
        while True:
            self.work()
            quiet = endure(lambda: wait_until_quiet(self.runtime, tenant_id))
            if not quiet.tasks:
                return quiet.next_due
            endure(lambda: decide_open_tasks(self.runtime, self.merchant))

    def work(self) -> None:
        """Do nothing: the workers work. A replay without workers does it here itself."""
