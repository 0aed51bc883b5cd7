"""The house keeps its rules: who may import whom, how long things get, who asks the time."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture import rules
from tests.architecture.rules import ROOT, python_files

SHIPPED = (*(room for room in rules.MAY_IMPORT if (ROOT / room).is_dir()), "platform", "deploy")


def shipped_files() -> list[Path]:
    return [*python_files(*SHIPPED), ROOT / "wareflow.py"]


def test_rooms_import_only_what_lies_below_them() -> None:
    faults = [
        fault
        for path in shipped_files()
        if path != ROOT / "migrations" / "env.py"  # Alembic compares the models of every room.
        for fault in rules.faults_of_imports(path.read_text(), path)
    ]

    assert faults == []


def test_nothing_grows_past_the_stop() -> None:
    faults = [f for path in python_files() for f in rules.faults_of_size(path.read_text(), path)]

    assert faults == []


def test_only_the_clock_asks_the_time() -> None:
    faults = [
        fault
        for path in shipped_files()
        if path != ROOT / "platform" / "kernel" / "clock.py"
        for fault in rules.faults_of_clock(path.read_text(), path)
    ]

    assert faults == []


def test_only_the_unit_of_work_commits() -> None:
    faults = [
        fault
        for path in shipped_files()
        if path != ROOT / "platform" / "kernel" / "uow.py"
        for fault in rules.faults_of_commit(path.read_text(), path)
    ]

    assert faults == []


def test_files_are_named_after_an_ability() -> None:
    assert [fault for path in python_files() for fault in rules.faults_of_name(path)] == []


def test_every_module_says_what_it_is_for() -> None:
    faults = [
        fault
        for path in python_files()
        for fault in rules.faults_of_docstring(path.read_text(), path)
    ]

    assert faults == []


def test_platform_is_a_shelf_and_never_a_package() -> None:
    """With an `__init__.py` our shelf would hide Python's own `platform`, in a fresh process."""
    # A fresh process, because pytest itself has imported the real one long ago.
    done = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.python_version())"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip

    assert not (ROOT / "platform" / "__init__.py").exists()
    assert (done.returncode, done.stdout.strip()) == (0, sys.version.split()[0])


def test_the_wheel_holds_every_room() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"])
    on_the_shelf = {f"platform/{path.parent.name}" for path in ROOT.glob("platform/*/__init__.py")}
    beside = {room for room in rules.MAY_IMPORT if any((ROOT / room).glob("**/*.py"))}

    assert listed == {"wareflow.py", *on_the_shelf, *beside}
    assert {Path(entry).stem for entry in listed} == {*rules.MAY_IMPORT, "wareflow"}


def test_lock_files_name_no_host() -> None:
    naming = [
        path.name for path in (ROOT / "requirements").iterdir()
        if path.suffix in (".in", ".txt") and "://" in path.read_text()
    ]  # fmt: skip

    assert naming == []


def test_every_pinned_python_package_has_a_hash() -> None:
    """SEC-07: what is installed is what was locked, byte for byte."""
    for lock in (ROOT / "requirements").glob("*.txt"):
        pins = re.split(r"\n(?=\S)", lock.read_text())
        pins = [pin for pin in pins if not pin.startswith("#") and pin.strip()]

        assert [pin.splitlines()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_the_browser_lock_names_no_host_and_keeps_every_hash() -> None:
    locks = [p for p in ROOT.glob("*/*/package-lock.json") if "node_modules" not in p.parts]
    for lock in locks:
        packages = json.loads(lock.read_text())["packages"]

        named = [name for name, entry in packages.items() if name and not entry.get("link")]
        assert '"resolved": "http' not in lock.read_text()
        assert [name for name in named if "integrity" not in packages[name]] == []
