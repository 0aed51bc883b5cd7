"""Finds the Chromium that the browser tests drive, and installs one where none is.

    python -m deploy.chromium        prints its path

In this order: CHROMIUM_PATH, one the machine has, for root the Debian package, Playwright's own.
"""

import os
import shutil
import sys
from pathlib import Path

from deploy.steps import ROOT, SetupFailed, run

ON_THE_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
ADVICE = (
    "The browser tests need a Chromium and none could be found or installed. Install one "
    "(Debian: apt-get install chromium; elsewhere: .venv/bin/playwright install chromium), or "
    "set CHROMIUM_PATH to the program."
)


def find() -> Path | None:
    """Return a Chromium that is here already, without installing anything."""
    if named := os.environ.get("CHROMIUM_PATH"):
        return Path(named) if os.access(named, os.X_OK) else None
    found = [shutil.which(name) for name in ON_THE_PATH]
    candidates = [*(Path(path) for path in found if path), *map(Path, ELSEWHERE), *_of_playwright()]
    return next((path for path in candidates if os.access(path, os.X_OK)), None)


def ensure() -> Path:
    """Return a Chromium, installing one if need be; raise SetupFailed with what is missing."""
    if "CHROMIUM_PATH" in os.environ and find() is None:
        raise SetupFailed(f"CHROMIUM_PATH names {os.environ['CHROMIUM_PATH']}, no program.")
    for install in (_nothing, _install_debian_package, _install_from_playwright):
        try:
            install()
        except SetupFailed as failed:
            sys.stderr.write(f"{failed}\n")
        if found := find():
            return found
    raise SetupFailed(ADVICE)


def _nothing() -> None:
    """Begin with what is here."""


def _install_debian_package() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stderr.write("Installing the Debian package chromium ...\n")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-q"], env=quiet)
        run(["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"], env=quiet)


def _install_from_playwright() -> None:
    playwright = ROOT / ".venv" / "bin" / "playwright"
    if playwright.exists():
        sys.stderr.write("Downloading Playwright's Chromium ...\n")
        run([playwright, "install", "--only-shell", "chromium"])


def _of_playwright() -> list[Path]:
    """Return the browsers that Playwright downloaded earlier, newest first."""
    default = "Library/Caches" if sys.platform == "darwin" else ".cache"
    cache = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / default / "ms-playwright"
    programs = ("chrome", "headless_shell", "chrome-headless-shell", "Chromium")
    folders = sorted(Path(cache).glob("chromium*"), reverse=True)
    return [path for folder in folders for name in programs for path in folder.glob(f"**/{name}")]


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{ensure()}\n")
    except SetupFailed as failed:
        sys.exit(str(failed))
