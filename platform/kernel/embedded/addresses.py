"""Where an embedded server is reached: known from its directory alone, running or not."""

from pathlib import Path
from urllib.parse import quote

from kernel.embedded.kept import kept_port, kept_secret

SOCKET_PATH_BYTES_MAX = 107
SOCKET_PORT = 5432


def postgres_socket_fits(directory: Path) -> bool:
    """Say whether a Unix socket in this directory stays within the kernel's limit."""
    path = f"{directory.resolve()}/.s.PGSQL.{SOCKET_PORT}"
    return len(path.encode()) <= SOCKET_PATH_BYTES_MAX


def postgres_url(directory: Path, user: str, password: str, database: str) -> str:
    """Return the address for libpq and SQLAlchemy: by Unix socket where its path fits, else TCP."""
    who = f"{quote(user, safe='')}:{quote(password, safe='')}"
    if postgres_socket_fits(directory):
        where = quote(str(directory.resolve()), safe="")
        return f"postgresql://{who}@/{database}?host={where}&port={SOCKET_PORT}"
    return f"postgresql://{who}@127.0.0.1:{kept_port(directory / 'port')}/{database}"


def superuser_url(directory: Path, database: str = "postgres") -> str:
    """Return the address for the cluster's first role, who may create the others."""
    return postgres_url(directory, "postgres", kept_secret(directory / "password"), database)


def valkey_url(directory: Path) -> str:
    """Return the address of the embedded Valkey, password included."""
    password = kept_secret(directory / "password")
    return f"redis://:{quote(password, safe='')}@127.0.0.1:{kept_port(directory / 'port')}/0"
