"""xstate-statemachine on the machines of bench/machines.py, as XState JSON.

usage: xstate_statemachine_peer.py MACHINES.json CYCLES REPEATS -> one JSON line a case
"""

import importlib.metadata
import json
import logging
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from xstate_statemachine import (  # type: ignore[import-not-found]  # In its own environment.
    MachineLogic,
    SyncInterpreter,
    create_machine,
)

Figures = dict[str, dict[str, int]]
GUARDS = {
    "can_authorize": lambda context, _: context["total"] > 0,
    "enough": lambda context, event: event.payload["data"]["paid"] >= context["total"],
    "has_stock": lambda context, _: context["stock"] > 0,
}
TITLES = {"flat": "E1 flat", "order": "E1 order of 21 states"}


def main() -> None:
    """Measure both machines."""
    logging.disable(logging.CRITICAL)
    path, cycles, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with open(path) as file:
        machines = json.load(file)
    for name, title in TITLES.items():
        machine = create_machine(machines[name], logic=MachineLogic(guards=GUARDS))
        figures = measure(machine, machines[f"{name}Events"], cycles, repeats)
        version = importlib.metadata.version("xstate-statemachine")
        line = {"benchmark": "E1", "case": title, "library": "xstate-statemachine"}
        print(json.dumps({**line, "version": version, **figures, "errors": 0}))


def measure(
    machine: Any, events: Sequence[Mapping[str, Any]], cycles: int, repeats: int
) -> Figures:
    """Events a second of wall and of CPU time."""
    sends = [
        (event["type"], {"data": event["data"]} if "data" in event else {}) for event in events
    ]
    wall, cpu = [], []
    for repeat in range(repeats + 1):
        running = SyncInterpreter(machine).start()
        wall_before, cpu_before = time.perf_counter(), time.process_time()
        for _ in range(cycles):
            for kind, payload in sends:
                running.send(kind, **payload)
        spent, waited = time.process_time() - cpu_before, time.perf_counter() - wall_before
        assert any(each.endswith("draft") for each in running.current_state_ids)
        if repeat:  # The first one warms up.
            wall.append(cycles * len(sends) / waited)
            cpu.append(cycles * len(sends) / spent)
        running.stop()
    return {"per_s": spread(wall), "per_cpu_s": spread(cpu)}


def spread(values: Sequence[float]) -> dict[str, int]:
    """The least, the middle and the most."""
    return {
        "min": round(min(values)),
        "med": round(statistics.median(values)),
        "max": round(max(values)),
    }


if __name__ == "__main__":
    main()
