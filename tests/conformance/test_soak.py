"""A soak is done in pieces: it goes on where it stopped, and a fault is never lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak import Facts, Soak, soak


def counting(met: list[range], *faulty: int) -> Soak:
    def meet(seeds: range) -> tuple[list[Facts], Facts]:
        met.append(seeds)
        return [{"seed": seed} for seed in seeds if seed in faulty], {"slowest_ms": seeds.start}

    return Soak(meet, range(10, 35))


def test_a_soak_that_was_stopped_goes_on_behind_its_last_piece(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    met: list[range] = []
    assert soak("mugs", counting(met), 10, tmp_path, "engine 1")
    kept = tmp_path / "mugs.jsonl"
    first, *_ = kept.read_text().splitlines(keepends=True)
    kept.write_text(first)
    met.clear()

    assert soak("mugs", counting(met), 10, tmp_path, "engine 1")

    assert met == [range(20, 30), range(30, 35)]
    assert "ok   mugs: 25 of seeds 10 to 34" in capsys.readouterr().out


def test_pieces_that_another_engine_met_are_met_again(tmp_path: Path) -> None:
    met: list[range] = []
    soak("mugs", counting(met), 25, tmp_path, "engine 1")

    soak("mugs", counting(met), 25, tmp_path, "engine 2")

    assert met == [range(10, 35), range(10, 35)]


def test_a_fault_is_kept_and_told_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    met: list[range] = []
    assert not soak("mugs", counting(met, 17), 10, tmp_path, "engine 1")

    assert not soak("mugs", counting(met, 17), 10, tmp_path, "engine 1")

    assert len(met) == 3
    assert capsys.readouterr().out.count('{"seed": 17}') == 2
