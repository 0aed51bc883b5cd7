"""What every conformance suite gives back, and where the outsiders' files are."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SHARED = Path(__file__).parents[3] / "shared" / "suites"


@dataclass(frozen=True)
class Outcome:
    """How a suite went. `unexplained` names failures that no list gives a reason for.

    `stale` names tests that are listed as unclaimed although they pass.
    """

    name: str
    total: int
    passed: int
    listed: int
    unexplained: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    required_percent: float = 0.0

    @property
    def sound(self) -> bool:
        """Whether the suite meets its gate: everything passes or is listed, and enough passes."""
        enough = self.passed * 100 >= self.required_percent * self.total
        return enough and self.total > 0 and not self.unexplained and not self.stale


def folder(name: str) -> Path:
    """Find a suite beside the repository.

    Where it is absent the test is skipped with the reason; under CI_REQUIRE_SHARED=1, as
    `make conformance` sets it, that is a failure.
    """
    found = SHARED / name
    if not found.is_dir():
        reason = f"the suite {name} is not at {found}"
        if os.environ.get("CI_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def unclaimed(name: str) -> dict[str, str]:
    """Read a checked-in list of tests that are not claimed: `test id: reason`, one a line."""
    lines = (HERE / "unclaimed" / f"{name}.txt").read_text().splitlines()
    entries = (line.partition(": ") for line in lines if line and not line.startswith("#"))
    return {test: reason for test, _, reason in entries}


def judge(
    name: str, results: dict[str, str | None], list_name: str, required_percent: float = 0.0
) -> Outcome:
    """Compare what happened (a failure, or None) with what the list says."""
    listed = unclaimed(list_name)
    failed = {test for test, failure in results.items() if failure is not None}
    return Outcome(
        name=name,
        total=len(results),
        passed=len(results) - len(failed),
        listed=len(failed & listed.keys()),
        unexplained=tuple(sorted(f"{test}: {results[test]}" for test in failed - listed.keys())),
        stale=tuple(sorted(listed.keys() - failed)),
        required_percent=required_percent,
    )
