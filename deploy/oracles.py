"""Fetches what the conformance tests compare us with: SCION and its scripts, through npm.

    python -m deploy.oracles

Pinned in tests/oracles; installed once for each lock file. Nothing of it is part of the product.
"""

import os
import sys

from deploy.bootstrap import VENV, npm_cache
from deploy.node import node_of_the_machine, node_of_the_wheel
from deploy.steps import ROOT, SetupFailed, alone, fingerprint, is_stamped, run, step

ORACLES = ROOT / "tests" / "oracles"
STAMP = ORACLES / "node_modules" / ".stamp"


def main() -> int:
    """Install what is missing; return 1 with a sentence where that cannot be done."""
    try:
        with alone():
            install()
    except SetupFailed as failed:
        sys.stderr.write(f"{failed}\n")
        return 1
    return 0


def install() -> None:
    """Install the packages of the lock file, unless they are there."""
    mark = fingerprint(ORACLES / "package-lock.json", ORACLES / "package.json")
    if is_stamped(STAMP, mark):
        return
    site_packages = next(VENV.glob("lib/python3*/site-packages"))
    node = node_of_the_machine() or node_of_the_wheel(site_packages)
    env = {**node.environment(os.environ["PATH"]), **npm_cache()}
    with step("peers for the conformance tests"):
        run([*node.npm, "--prefix", ORACLES, "ci", "--no-progress"], env=env)
    STAMP.write_text(mark)


if __name__ == "__main__":
    sys.exit(main())
