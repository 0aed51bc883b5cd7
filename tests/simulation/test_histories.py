"""Whatever happens to workers, connections, messages and clocks, every promise is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.history import History
from tests.simulation.judging import meet
from tests.simulation.laboratory import Laboratory, Seams, a_laboratory
from tests.simulation.planted import PLANTED
from tests.simulation.regressions import keep_as_regression, kept_seeds
from tests.simulation.strikes import KINDS

SHORT_FORM = range(100)
GUARDED_WITHIN = 1_000


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    with a_laboratory(tmp_path_factory.mktemp("laboratory")) as set_up:
        yield set_up


def play(laboratory: Laboratory, seeds: list[int] | range) -> list[History]:
    """Play the seeds; a broken promise is kept as a regression and told in full."""
    histories = []
    for seed in seeds:
        history = meet(laboratory, seed)
        assert not history.faults, keep_as_regression(seed, history)
        histories.append(history)
    return histories


def test_what_once_broke_holds(laboratory: Laboratory) -> None:
    """REL-09: failing seeds are kept and played first."""
    play(laboratory, kept_seeds())


def test_every_history_keeps_every_promise(laboratory: Laboratory) -> None:
    """REL-02, REL-05, REL-09, REL-15: the short form; ten thousand are met by `make soak`."""
    told = "\n".join(line for each in play(laboratory, SHORT_FORM) for line in each.told)

    happened = (
        *KINDS, "lease lost", "dies with what it holds", "31 s pass", "delivered again",
        "brought again", "clock is off by 1:00:00", "clock is off by -1 day", "a late transaction",
        "failed with", "is not answered", "never arrives", "arrives late", "is answered late",
        "the caller dies", "refused for now",
    )  # fmt: skip
    assert [each for each in happened if each not in told] == []
    assert laboratory.audit_faults() == []


@pytest.mark.parametrize("seed", [3, 7])
def test_a_seed_is_one_history(laboratory: Laboratory, seed: int) -> None:
    """REL-08, REL-09: what failed once fails again."""
    assert meet(laboratory, seed).told == meet(laboratory, seed).told


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_found(laboratory: Laboratory, bug: str) -> None:
    """REL-09: this guards the simulator; each is found long before."""
    found = first_found(laboratory, PLANTED[bug])

    assert found is not None, f"{bug} was not found within {GUARDED_WITHIN} seeds"


def first_found(laboratory: Laboratory, seams: Seams) -> int | None:
    for seed in range(GUARDED_WITHIN):
        if meet(laboratory, seed, seams).faults:
            return seed
    return None


def test_a_seed_that_fails_is_kept_once_and_told(laboratory: Laboratory, tmp_path: Path) -> None:
    file = tmp_path / "regressions.txt"
    seed = first_found(laboratory, PLANTED["no inbox"])
    assert seed is not None
    history = meet(laboratory, seed, PLANTED["no inbox"])

    told = [keep_as_regression(seed, history, file) for _ in range(2)]

    assert kept_seeds(file) == [seed]
    assert told[0].startswith(f"seed {seed}: ['times counted")
    assert "line.short is written as evt 1" in told[0]
