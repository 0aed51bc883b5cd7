"""What C1, C5, E4 and E5 are judged by: our rate over a floor's or a peer's, of one run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.ratios import US, Ratio

# By how a case and whom it is compared with begin: the goal for our rate over theirs.
_GOALS = {
    ("C1 one hot item", "direct SQL"): 1.5,
    ("C1 one hot item", "batched SQL"): 0.8,
    ("E4 three durable steps", "DBOS"): 10.0,
    ("E5 durable events", "plain SQL"): 0.9,
}
_ORDERS, _ORDERS_GOAL, _ORDERS_P95_GOAL = "C5 orders", 300, 200


def ratios_of_work(lines: Sequence[dict[str, Any]]) -> dict[str, Ratio]:
    """Every ratio by its name: `case: us / peer`; for orders, the rate and the delay themselves."""
    ours = {line["case"]: line for line in lines if line.get("library") == US and "case" in line}
    found: dict[str, Ratio] = {}
    for line in lines:
        mine = ours.get(line.get("case", ""))
        if mine is None or line["library"] == US:
            continue
        quotient = mine["per_s"]["med"] / line["per_s"]["med"]
        goal = _goal(line["case"], line["library"])
        found[f"{line['case']}: us / {line['library']}"] = Ratio(quotient, goal)
    for case, line in ours.items():
        if case.startswith(_ORDERS):
            found[f"{case}: a second"] = Ratio(line["per_s"]["med"], _ORDERS_GOAL)
            found[f"{case}: p95 in ms"] = Ratio(line["p95_ms"], _ORDERS_P95_GOAL, least=False)
    return found


def _goal(case: str, library: str) -> float | None:
    return next(
        (
            goal
            for (case_begins, library_begins), goal in _GOALS.items()
            if case.startswith(case_begins) and library.startswith(library_begins)
        ),
        None,
    )
