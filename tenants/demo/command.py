"""The demo as an operator runs it: an installation, a sandbox, four years, figures."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kernel.clock import monotonic_seconds
from kernel.config import Config
from kernel.runtime import Runtime
from kernel.tenancy import tenant_id_of
from tenants.demo.channels import Channels
from tenants.demo.enduring import endure
from tenants.demo.faults import FaultPlan
from tenants.demo.founding import FOUNDER, found_merchant
from tenants.demo.merchant import placed_at, plan_products
from tenants.demo.replay import Replay
from tenants.demo.report import Report, report
from tenants.demo.storefront import HttpLine, Storefront
from tenants.demo.superstore import read_orders

STARTS_WITHIN_SECONDS = 240
ENDS_WITHIN_SECONDS = 30


@dataclass(frozen=True)
class DemoWish:
    """How much of the history is replayed (None: all of it), and whether things are broken."""

    orders: int | None = None
    with_faults: bool = False


@contextlib.contextmanager
def installation(config: Config) -> Iterator[None]:
    """Have databases, workers and ticker run, unless they run here already."""
    command = [sys.executable, "-P", "-m", "wareflow", "up"]
    log = config.var_dir / "demo.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        child = subprocess.Popen(command, stdout=output, stderr=output)  # noqa: S603 - ourselves.
        try:
            _wait_until_up(child, config)
            yield
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(timeout=ENDS_WITHIN_SECONDS)


def run_demo(runtime: Runtime, wish: DemoWish, console: Console) -> Report:
    """Found a fresh sandbox, replay the history through it, and print what came of it."""
    history = read_orders()
    plans, orders = plan_products(history), history[: wish.orders]
    plan = FaultPlan(runtime.config) if wish.with_faults else None
    slug = _free_slug(runtime)
    with _bars(console) as show:
        merchant = found_merchant(runtime, slug, plans, placed_at(orders[:1])[0], show)

        def progress(what: str, done: int, whole: int) -> None:
            show(what, done, whole)
            if plan is not None:
                plan.advance(done, whole)

        storefront = Storefront(HttpLine(runtime.config.public_url), slug, merchant.shop)
        channels = Channels(storefront, merchant, orders, placed_at(orders))
        replay = Replay(runtime, merchant, channels, progress)
        replay.run()

    def read() -> Report:
        with runtime.unit_of_work(merchant.tenant_id, FOUNDER, work_class="batch") as uow:
            return report(uow, channels.told)

    made = endure(read)
    _print(console, made, replay, plan, slug)
    return made


def _wait_until_up(child: "subprocess.Popen[bytes]", config: Config) -> None:
    ready = config.var_dir / "demo.log"
    end = monotonic_seconds() + STARTS_WITHIN_SECONDS
    while monotonic_seconds() < end:
        said = ready.read_text(errors="replace")
        if "Ctrl-C stops it" in said or "already runs here" in said:
            return
        if child.poll() is not None:
            break
        time.sleep(0.2)
    raise SystemExit(f"The installation did not start:\n{ready.read_text(errors='replace')}")


def _free_slug(runtime: Runtime) -> str:
    number = 1
    while tenant_id_of(runtime.database, f"superstore-{number}") is not None:
        number += 1
    return f"superstore-{number}"


@contextlib.contextmanager
def _bars(console: Console) -> Iterator["_Show"]:
    columns = (
        TextColumn("{task.description:28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield _Show(progress, console)


class _Show:
    """Shows how far each part has come: as bars on a terminal, else as lines now and then."""

    def __init__(self, progress: Progress, console: Console) -> None:
        self._progress = progress
        self._console = console
        self._tasks: dict[str, object] = {}

    def __call__(self, what: str, done: int, whole: int) -> None:
        if not self._console.is_terminal:
            step = max(1, whole // 20)
            if done % step == 0 or done == whole:
                self._console.print(f"  {what}: {done} of {whole}")
            return
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=whole)
        self._progress.update(self._tasks[what], completed=done)  # type: ignore[arg-type]


def _print(
    console: Console, made: Report, replay: Replay, plan: FaultPlan | None, slug: str
) -> None:
    lines = [*made.figures, *made.invariants, ("fingerprint", made.fingerprint)]
    width = max(len(name) for name, _value in lines)
    told = [
        "",
        *(f"{name:{width}}  {value:>16}" for name, value in lines),
        "",
        "What differs from run to run:",
        *(f"{name:{width}}  {value:>16}" for name, value in made.way),
        f"{'rests':{width}}  {replay.rests:>16}",
        "",
        *(f"fault: {fault}" for fault in (plan.injected if plan is not None else ())),
        f"Replayed in {replay.seconds:.0f} s. To look around: make run, then",
        f"/t/{slug}/sign-in as leah@{slug}.example (who decided) or rita@{slug}.example.",
    ]
    for line in told:
        console.print(line, highlight=False, soft_wrap=True)
