"""Starts the databases and programs in order, restarts whatever dies, ends all within 25 s."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Protocol

from kernel.config import Config
from kernel.embedded import Valkey
from kernel.embedded.child import ServerFailed
from kernel.embedded.claim import Claim, Claimed
from kernel.supervision.console import Console
from kernel.supervision.databases import embedded_postgres, embedded_valkey
from kernel.supervision.program import Program, RunningProgram
from kernel.supervision.survivors import end_survivors, prefix_of

LOOK_SECONDS = 0.1
# After so long without dying again, the next death is answered at once.
STEADY_SECONDS = 30.0
PAUSES_SECONDS = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
# Together with the databases' own 6 s this stays within the 25 s of REL-16.
PROGRAMS_STOP_SECONDS_MAX = 17.0
LEFTOVERS_SECONDS_MAX = 3.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Step:
    """Something to be done between the databases and the programs: migrate, seed."""

    title: str
    run: Callable[[], None]


class Service(Protocol):
    """What can be watched."""

    def start(self) -> None: ...
    def is_alive(self) -> bool: ...


class _Stop(Exception):
    """Somebody asked us to end while we were still starting."""


@dataclass
class _Watched:
    """A service with what is known of its recent deaths."""

    name: str
    service: Service
    deaths: int = 0
    began_at: float = field(default_factory=time.monotonic)
    restart_at: float | None = None


def supervise(
    config: Config,
    programs: Sequence[Program],
    steps: Sequence[Step] = (),
    *,
    welcome: Callable[[], str] = str,
    console: Console | None = None,
) -> int:
    """Run the installation until SIGINT, SIGTERM or SIGHUP; return the exit code.

    Call from the main thread. Returns 1, with a sentence, when another supervisor runs here or
    something does not start the first time; later deaths are answered by starting again.
    """
    supervisor = _Supervisor(config, console or Console())
    try:
        claim = Claim(config.var_dir / "supervisor.lock")
    except Claimed as claimed:
        supervisor.console.say(f"Wareflow already runs here. {claimed}")
        return 1
    with contextlib.closing(claim), supervisor.listening():
        return supervisor.run(programs, steps, welcome)


class _Supervisor:
    def __init__(self, config: Config, console: Console) -> None:
        self.console = console
        self._config = config
        self._postgres = embedded_postgres(config)
        self._valkey = embedded_valkey(config)
        self._programs: list[RunningProgram] = []
        self._watched: list[_Watched] = []
        # A start may take a minute and is broken off; the watching in between looks for itself.
        self._may_interrupt = True
        self._stopping = threading.Event()

    def run(
        self, programs: Sequence[Program], steps: Sequence[Step], welcome: Callable[[], str]
    ) -> int:
        try:
            self._start(programs, steps)
            self.console.say(welcome())
            self._may_interrupt = False
            self._watch()
        except _Stop:
            pass
        except ServerFailed as failed:
            self.console.say(str(failed))
            return 1
        finally:
            self._may_interrupt = False
            self._stop()
        return 0

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals that ask us to end, and give them back afterwards."""
        before = {number: signal.signal(number, self._on_signal) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()
        if self._may_interrupt:
            self._may_interrupt = False
            raise _Stop

    def _start(self, programs: Sequence[Program], steps: Sequence[Step]) -> None:
        found = end_survivors(
            prefix_of(self._config.var_dir), patience_seconds=LEFTOVERS_SECONDS_MAX
        )
        if found:
            self.console.say(f"  Ended {found} processes that a killed supervisor had left behind")
        if self._postgres is not None:
            self._begin("postgres", "PostgreSQL", self._postgres)
        if self._valkey is not None:
            self._begin("valkey", "Valkey", self._valkey)
        for step in steps:
            with self.console.step(step.title):
                step.run()
        for program in programs:
            running = RunningProgram(program, self._config.var_dir, self.console)
            self._programs.append(running)
            running.start()
        # All at once, because each spends its first second on reading its own code.
        for running in self._programs:
            with self.console.step(running.name):
                running.wait_until_ready()
            self._watched.append(_Watched(running.name, running))

    def _begin(self, name: str, title: str, service: Service) -> None:
        with self.console.step(title):
            service.start()
        self._watched.append(_Watched(name, service))

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            for watched in self._watched:
                if not watched.service.is_alive() and not self._stopping.is_set():
                    self._restart(watched)

    def _restart(self, watched: _Watched) -> None:
        """Start again what died; the more often in a row, the later."""
        now = time.monotonic()
        if watched.restart_at is None:
            if now - watched.began_at > STEADY_SECONDS:
                watched.deaths = 0
            pause = PAUSES_SECONDS[min(watched.deaths, len(PAUSES_SECONDS) - 1)]
            watched.deaths += 1
            watched.restart_at = now + pause
            self.console.line(watched.name, f"died; starting it again in {pause:g} s")
        if now < watched.restart_at:
            return
        watched.restart_at = None
        address = self._valkey.url if self._valkey else ""
        self._may_interrupt = True
        try:
            watched.service.start()
        except ServerFailed as failed:
            self.console.line(watched.name, str(failed))
        finally:
            self._may_interrupt = False
        watched.began_at = time.monotonic()
        if isinstance(watched.service, Valkey) and watched.service.url != address:
            self._tell_the_new_address()

    def _tell_the_new_address(self) -> None:
        """Start the programs anew: a stranger took the port, and they would ring at his door."""
        for program in self._programs:
            program.stop(timeout_seconds=PROGRAMS_STOP_SECONDS_MAX)

    def _stop(self) -> None:
        self.console.say("Stopping ...")
        give_up_at = time.monotonic() + PROGRAMS_STOP_SECONDS_MAX
        for program in self._programs:
            program.ask_to_stop()
        for program in self._programs:
            program.stop(timeout_seconds=give_up_at - time.monotonic())
        if self._valkey is not None:
            self._valkey.stop(timeout_seconds=2)
        if self._postgres is not None:
            self._postgres.stop(timeout_seconds=4)
        self.console.say("Stopped.")
