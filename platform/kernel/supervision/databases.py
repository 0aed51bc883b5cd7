"""The embedded servers of an installation: one's own for a while, or those that run already."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import redis

from kernel.config import Config
from kernel.embedded import Postgres, Valkey
from kernel.embedded.child import ServerFailed
from kernel.embedded.claim import Claimed

ANSWER_SECONDS_MAX = 60


def embedded_postgres(config: Config) -> Postgres | None:
    """Return the installation's PostgreSQL, not yet started; None where an operator has one."""
    if not config.embeds_postgres:
        return None
    return Postgres(config.var_dir / "postgres", durable=True, bin_dir=config.postgres_bin_dir)


def embedded_valkey(config: Config) -> Valkey | None:
    """Return the installation's Valkey, not yet started; None where an operator has one."""
    return Valkey(config.var_dir / "valkey", durable=True) if config.embeds_valkey else None


@contextmanager
def running_databases(config: Config) -> Iterator[None]:
    """Have PostgreSQL and Valkey serve while the block runs, for one command of an operator.

    Servers that already run here are used and left running. Raises ServerFailed when one of
    them does not answer.
    """
    with ExitStack() as stack:
        for server in (embedded_postgres(config), embedded_valkey(config)):
            if server is None:
                continue
            try:
                stack.callback(server.stop)
                server.start()
            except Claimed:
                _wait_for_answer(server)
        yield


def _wait_for_answer(server: Postgres | Valkey) -> None:
    """Wait for a server that somebody else is just starting."""
    give_up_at = time.monotonic() + ANSWER_SECONDS_MAX
    while not _answers(server):
        if time.monotonic() > give_up_at:
            raise ServerFailed(f"The server in {server.directory} does not answer.")
        time.sleep(0.1)


def _answers(server: Postgres | Valkey) -> bool:
    try:
        if isinstance(server, Postgres):
            psycopg.connect(server.superuser_url, connect_timeout=5).close()
        else:
            redis.Redis.from_url(server.url, socket_timeout=5).ping()
    except (psycopg.OperationalError, redis.RedisError):
        return False
    return True
