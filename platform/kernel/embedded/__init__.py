"""The PostgreSQL and the Valkey that come as wheels: start, stop, recover."""

from kernel.embedded.child import ServerFailed
from kernel.embedded.postgres_server import Postgres, postgres
from kernel.embedded.valkey_server import Valkey, valkey

__all__ = ["Postgres", "ServerFailed", "Valkey", "postgres", "valkey"]
