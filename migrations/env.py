"""Runs migrations as the owner, with short lock waits, one transaction each."""

from alembic import context
from sqlalchemy import create_engine, pool, text

config = context.config


def run() -> None:
    """Connect and migrate."""
    url = config.attributes["owner_url"].replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        # REL-19: a migration waits two seconds for a lock and gives way, the traffic goes on.
        connection.execute(text("SET lock_timeout = '2s'"))
        connection.execute(text("SET statement_timeout = '60s'"))
        connection.commit()
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
