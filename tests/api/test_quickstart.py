"""The quick start works as it is written: every command is run, every answer compared."""

import os
import re
import subprocess
from pathlib import Path

from flask import Flask

from kernel.runtime import Runtime
from tests.api.conftest import register
from tests.api.serving import served
from tests.conftest import ACME

PAGE = Path(__file__).parents[2] / "docs" / "api-quickstart.md"
_BLOCK = re.compile(r"```(sh|text)\n(.*?)```", re.DOTALL)
_MARK = "=== next block ==="


def blocks() -> list[tuple[str, str | None]]:
    """Return each command with the answer that the page shows for it, if any."""
    found = _BLOCK.findall(PAGE.read_text())
    pairs: list[tuple[str, str | None]] = []
    for kind, text in found:
        if kind == "sh":
            pairs.append((text, None))
        else:
            pairs[-1] = (pairs[-1][0], text)
    return pairs


def fits(answer: str, shown: str) -> bool:
    """Tell whether an answer is what the page shows; `…` stands for anything."""
    pattern = ".*?".join(re.escape(part) for part in shown.strip().split("…"))
    return re.fullmatch(pattern, answer.strip(), re.DOTALL) is not None


def test_the_quick_start_is_true(app: Flask, runtime: Runtime, tmp_path: Path) -> None:
    """API-05, API-11, API-13, API-26: a token, one product from two requests, ten refusals."""
    client = register(runtime, ACME, *app.extensions["wareflow_scopes"])
    script = f"\necho '{_MARK}'\n".join(command for command, _ in blocks())
    with served(app) as address:
        environment = {
            "PATH": os.environ["PATH"],
            "WAREFLOW": address,
            "CLIENT_ID": client.client_id,
            "CLIENT_SECRET": client.secret,
        }
        done = subprocess.run(
            ["bash", "-euc", script], env=environment, cwd=tmp_path, capture_output=True,
            text=True, timeout=120,
        )  # fmt: skip

    assert done.returncode == 0, done.stderr
    answers = done.stdout.split(f"{_MARK}\n")
    assert len(answers) == len(blocks())
    for (command, shown), answer in zip(blocks(), answers, strict=True):
        if shown is not None:
            assert fits(answer, shown), f"{command}\n{answer}"


def test_ten_requests_of_the_quick_start_are_refused() -> None:
    """The page keeps its promise of ten, each with another code."""
    refused = PAGE.read_text().split("## Ten wrong requests")[1]
    codes = re.findall(r'"code": "([a-z]+\.[a-z_]+)", …', refused)

    assert len(re.findall(r"^(\d+)\. ", refused, re.MULTILINE)) == 10
    assert len({*codes, "access.unauthenticated"}) == 10
