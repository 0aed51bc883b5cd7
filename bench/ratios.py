"""What E1 to E3 are judged by: our figure over a peer's, of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

US = "Wareflow"
PYTHON_PEERS = ("transitions", "sismic", "python-statemachine", "xstate-statemachine")
RESTORED = "E2 restore, event, snapshot"


@dataclass(frozen=True)
class Ratio:
    """How often a peer's figure goes into ours, and the goal; `least` that more is better."""

    found: float
    goal: float | None
    least: bool = True

    @property
    def reached(self) -> bool:
        """Whether the goal, where there is one, is met."""
        if self.goal is None:
            return True
        return self.found >= self.goal if self.least else self.found <= self.goal


def ratios_of(lines: Sequence[dict[str, Any]]) -> dict[str, Ratio]:
    """Every ratio by its name: `case: us / peer`."""
    ours = {line["case"]: line for line in lines if line.get("library") == US and "case" in line}
    found: dict[str, Ratio] = {}
    for line in lines:
        mine = ours.get(line.get("case", ""))
        if mine is None or line["library"] == US or "per_cpu_s" not in line:
            continue
        quotient = mine["per_cpu_s"]["med"] / line["per_cpu_s"]["med"]
        found[f"{line['case']}: us / {line['library']}"] = Ratio(
            quotient, _goal(line["case"], line["library"])
        )
    for case, line in ours.items():
        if "goal_ratio" in line:
            found[f"{case}: us / lambda"] = Ratio(line["ratio"], line["goal_ratio"], least=False)
        if "goal_ms" in line:
            found[f"{case}: CPU ms"] = Ratio(line["cpu_ms_each"], line["goal_ms"], least=False)
    if RESTORED in ours:
        heaviest = ours[RESTORED]["snapshot_bytes_max"]
        found[f"{RESTORED}: bytes"] = Ratio(heaviest, 600, least=False)
    return found


def _goal(case: str, library: str) -> float | None:
    if case == RESTORED:
        return 3.0 if library == "XState pure" else None
    if library in PYTHON_PEERS:
        return 10.0
    return 1.0 if library == "XState actor" else None
