"""Makes a fresh clone ready: virtual environment, pinned packages, browser code.

    python3 -m deploy.bootstrap [--without-browser-code]

Needs Python 3.11 or newer with venv, and nothing else. What is ready already is left alone.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 -- whoever runs this may have an older one
    sys.exit(f"Wareflow needs Python 3.11 or newer; this is {sys.version.split()[0]}.")

from deploy.node import WHEEL, Node, node_of_the_machine, node_of_the_wheel
from deploy.steps import ROOT, SetupFailed, alone, fingerprint, is_stamped, run, say, step

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements" / "dev.txt"
FRONTEND = ROOT / "builder_ui" / "frontend"
BUILT = ROOT / "builder_ui" / "static"


def main(arguments: Sequence[str]) -> int:
    """Set up what is missing; return 1 with a sentence that says how to mend it."""
    _check_platform()
    try:
        with alone():
            _set_up(with_browser_code="--without-browser-code" not in arguments)
    except SetupFailed as failed:
        sys.stderr.write(f"{failed}\n")
        return 1
    return 0


def _set_up(*, with_browser_code: bool) -> None:
    machine_node = node_of_the_machine()
    mark = _python_mark(machine_node)
    works = _venv_works()
    if not works or not is_stamped(VENV / "stamp", mark):
        say("Setting up (the first time takes a minute or two)")
        if not works:
            _make_venv()
        _install_packages(machine_node)
        (VENV / "stamp").write_text(mark)
    if with_browser_code and (FRONTEND / "package.json").is_file():
        _build_browser_code(machine_node)


def _check_platform() -> None:
    """Say at once what would otherwise be found out by a package that has no wheel."""
    system, machine = os.uname().sysname, os.uname().machine
    known = {("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64")}
    if (system, machine) not in known or _has_musl():
        say(
            f"Note: {system} on {machine} is not a platform that Wareflow is known to run on; "
            "packages without a wheel for it may fail to install. See README.md."
        )


def _has_musl() -> bool:
    return any(Path("/lib").glob("ld-musl-*"))


def _python_mark(machine_node: Node | None) -> str:
    inputs = [LOCK, ROOT / "requirements" / "build_hook.py", ROOT / "pyproject.toml"]
    return fingerprint(*inputs, _home(), "wheel" if machine_node is None else "")


def _venv_works() -> bool:
    """Say whether the interpreter runs and is where the environment was made."""
    home = VENV / "home"
    if not PYTHON.exists() or (home.exists() and home.read_text() != _home()):
        return False
    done = subprocess.run([PYTHON, "-c", ""], capture_output=True, check=False)  # noqa: S603 -- our own interpreter
    return done.returncode == 0


def _home() -> str:
    # A virtual environment survives neither being moved nor another Python in its place.
    return f"{ROOT} {sys.version.split()[0]}"


def _make_venv() -> None:
    with step("virtual environment in .venv"):
        try:
            run([sys.executable, "-m", "venv", "--clear", VENV])
        except SetupFailed as failed:
            raise SetupFailed(
                f"{failed}\n\nPython's venv module does not work here. On Debian and Ubuntu: "
                "apt-get install python3-venv"
            ) from failed
        (VENV / "home").write_text(_home())


def _install_packages(machine_node: Node | None) -> None:
    lock = LOCK.read_text()
    if machine_node is not None:
        # The machine has a Node: its 200 MB twin need not be downloaded.
        lock = without_package(lock, WHEEL)
    wanted = VENV / "wanted.txt"
    wanted.write_text(lock)
    with step(f"{len(packages_of(lock))} pinned packages"):
        _install("--no-deps", "--require-hashes", "-r", wanted)
    with step("Wareflow itself, editable"):
        _install("--no-deps", "--no-build-isolation", "--editable", ROOT)


def _install(*what: str | Path) -> None:
    """Install with uv where it is at hand, which is several times faster, or else with pip."""
    if uv := shutil.which("uv"):
        try:
            run([uv, "pip", "install", "--compile-bytecode", "--python", PYTHON, *what])
        except SetupFailed:
            say("(uv could not; with pip) ", end="")
        else:
            return
    run([PYTHON, "-m", "ensurepip", "--upgrade"])
    run([PYTHON, "-m", "pip", "--no-input", "--disable-pip-version-check", "install", *what])


def packages_of(lock: str) -> list[str]:
    """Return the entries of a lock file, each with its hashes and comments."""
    return [entry for entry in re.split(r"\n(?=[a-zA-Z0-9])", lock) if "==" in entry]


def without_package(lock: str, name: str) -> str:
    """Return the lock file without one package; nothing else may depend on it."""
    return "\n".join(entry for entry in packages_of(lock) if not entry.startswith(f"{name}=="))


def _build_browser_code(machine_node: Node | None) -> None:
    lock_mark = fingerprint(FRONTEND / "package-lock.json", FRONTEND / "package.json")
    source_mark = fingerprint(FRONTEND, lock_mark)
    if is_stamped(BUILT / ".stamp", source_mark):
        return
    site_packages = next(VENV.glob("lib/python3*/site-packages"))
    node = machine_node or node_of_the_wheel(site_packages)
    env = {**node.environment(os.environ["PATH"]), **npm_cache()}
    modules_stamp = FRONTEND / "node_modules" / ".stamp"
    if not is_stamped(modules_stamp, lock_mark):
        with step("browser packages"):
            run([*node.npm, "--prefix", FRONTEND, "ci", "--no-progress"], env=env)
        modules_stamp.write_text(lock_mark)
    with step("browser code"):
        run([*node.npm, "--prefix", FRONTEND, "run", "build"], env=env)
    BUILT.mkdir(exist_ok=True)
    (BUILT / ".stamp").write_text(source_mark)


def npm_cache() -> dict[str, str]:
    """Give npm a cache where the home folder cannot be written, as for users like `nobody`."""
    if os.access(Path.home(), os.W_OK):
        return {}
    return {"npm_config_cache": str(ROOT / "var" / "npm-cache")}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
