"""Runs migrations as the owner, with short lock waits, one transaction each."""

from alembic import context
from sqlalchemy import create_engine, pool

config = context.config


def run() -> None:
    """Connect and migrate."""
    url = config.attributes["owner_url"].replace("postgresql://", "postgresql+psycopg://", 1)
    # REL-19: a migration waits two seconds for a lock and gives way; the traffic goes on.
    limits = "-c lock_timeout=2s -c statement_timeout=60s"
    engine = create_engine(url, poolclass=pool.NullPool, connect_args={"options": limits})
    with engine.connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
