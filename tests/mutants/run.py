"""Applies each mutant to a copy of the code and runs its test: it must go red.

    python -m tests.mutants.run [NAME …]

A mutant is a patch whose first lines say what it breaks and, after `test:`, which test notices.
The tests are first run on the unchanged copy, where all of them must pass: a test that is red
anyway proves nothing. Only failed tests count as red, not a crash while collecting them.
"""

import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
TIMEOUT_SECONDS = 600
AT_ONCE = 2

PASSED, FAILED, CRASHED = 0, 1, 2

# Built or installed, not tracked, and needed by some tests.
BESIDE = ("builder_ui/static", "builder_ui/frontend/node_modules", "tenants/demo/node_modules")


@dataclass(frozen=True)
class Mutant:
    """A patch, what it breaks, and the test that must notice."""

    name: str
    breaks: str
    test: str
    patch: Path


def read_mutant(patch: Path) -> Mutant:
    """Read a mutant; ValueError where its patch names no test."""
    head = patch.read_text().split("\n--- ", 1)[0].split("\ndiff --git", 1)[0].splitlines()
    tests = [line.removeprefix("test:").strip() for line in head if line.startswith("test:")]
    if len(tests) != 1:
        raise ValueError(f"{patch.name} names {len(tests)} tests; one line `test: …` is needed")
    return Mutant(patch.stem, head[0], tests[0], patch)


def read_mutants(names: list[str]) -> list[Mutant]:
    """Return the named mutants, or all of them, by name."""
    mutants = [read_mutant(path) for path in sorted(FOLDER.glob("*.patch"))]
    return [mutant for mutant in mutants if not names or mutant.name in names]


def main(names: list[str]) -> int:
    """Run the mutants, say how each fared, and return 1 unless every one was noticed."""
    mutants = read_mutants(names)
    tests = sorted({mutant.test for mutant in mutants})
    with tempfile.TemporaryDirectory(prefix="wareflow-mutants-") as folder:
        if _run(_copy(Path(folder) / "unchanged"), tests, must_pass=True) != PASSED:
            print("The tests of the mutants do not pass on the unchanged code.")
            return 1
        verdicts = []
        with ThreadPoolExecutor(AT_ONCE) as pool:
            judged = pool.map(lambda each: _judge(each, Path(folder)), mutants)
            for mutant, verdict in zip(mutants, judged, strict=True):
                print(f"{verdict:9} {mutant.name}: {mutant.breaks}", flush=True)
                verdicts.append(verdict)
    noticed = verdicts.count("noticed")
    print(f"{noticed} of {len(mutants)} mutants were noticed.")
    return 0 if noticed == len(mutants) else 1


def _judge(mutant: Mutant, folder: Path) -> str:
    copy = _copy(folder / mutant.name)
    applied = subprocess.run(
        ["git", "apply", "--recount", "-p1", str(mutant.patch)],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    if applied.returncode != 0:
        print(f"{mutant.name} does not apply:\n{applied.stderr}")
        return "STALE"
    outcome = _run(copy, [mutant.test])
    shutil.rmtree(copy, ignore_errors=True)
    return {PASSED: "SURVIVED", FAILED: "noticed"}.get(outcome, "CRASHED")


def _copy(target: Path) -> Path:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    for name in BESIDE:
        if (ROOT / name).is_dir() and not (target / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).symlink_to(ROOT / name)
    # Patches are applied by git, which wants a repository to find its paths in.
    subprocess.run(["git", "init", "-q"], cwd=target, check=True)
    return target


def _run(copy: Path, tests: list[str], *, must_pass: bool = False) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            command, cwd=copy, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return FAILED
    # A fixture that breaks is reported as an error: the test itself noticed nothing.
    has_crashed = done.returncode not in (PASSED, FAILED) or " error" in done.stdout[-200:]
    if has_crashed or (must_pass and done.returncode != PASSED):
        print(done.stdout[-2000:])
    return CRASHED if has_crashed else done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
