"""How throughput is measured: threads that act until the time is up, and the CPU it took."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.saying import spread
from kernel.clock import monotonic_seconds

TICKS = os.sysconf("SC_CLK_TCK")
Act = Callable[[], None]


def throughput(acts: Sequence[Act], *, seconds: float, repeats: int) -> dict[str, Any]:
    """Let each act be repeated in a thread of its own; return rates, delays and CPU of one act.

    Servers are the processes that this one started, the database included.
    """
    rates, delays, client, server = [], [], 0.0, 0.0
    for _repeat in range(repeats):
        cpu, apart = time.process_time(), cpu_of_descendants()
        took = _once(acts, seconds)
        client += time.process_time() - cpu
        server += cpu_of_descendants() - apart
        rates.append(len(took) / seconds)
        delays += took
    return {
        "per_s": spread(rates),
        "p50_ms": round(_share(delays, 50) * 1000, 1),
        "p95_ms": round(_share(delays, 95) * 1000, 1),
        "cpu_ms_client": round(client * 1000 / len(delays), 2),
        "cpu_ms_server": round(server * 1000 / len(delays), 2),
        "load": round(os.getloadavg()[0], 2),
        "errors": 0,
    }


def _once(acts: Sequence[Act], seconds: float) -> list[float]:
    delays: list[list[float]] = [[] for _act in acts]
    faults: list[BaseException] = []
    end = monotonic_seconds() + seconds

    def repeat(act: Act, mine: list[float]) -> None:
        try:
            while (began := monotonic_seconds()) < end:
                act()
                mine.append(monotonic_seconds() - began)
        except BaseException as fault:  # Shown by the thread that waits, which fails.
            faults.append(fault)

    crew = [threading.Thread(target=repeat, args=pair) for pair in zip(acts, delays, strict=True)]
    for each in crew:
        each.start()
    for each in crew:
        each.join()
    if faults:
        raise faults[0]
    return [delay for mine in delays for delay in mine]


def cpu_of_descendants() -> float:
    """Return the CPU seconds of the living processes that descend from this one, from /proc."""
    parents, ticks = {}, {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It has just ended.
        parents[int(entry.parent.name)] = int(fields[1])
        ticks[int(entry.parent.name)] = sum(int(each) for each in fields[11:15])
    wanted = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in wanted} - wanted:
        wanted |= more
    return sum(ticks.get(pid, 0) for pid in wanted - {os.getpid()}) / TICKS


def _share(values: Sequence[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
