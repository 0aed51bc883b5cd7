"""The four database roles: an owner, and three that own nothing and bypass nothing."""

from collections.abc import Mapping

import psycopg
from psycopg import sql

OWNER = "wareflow_owner"
APP = "wareflow_app"
SCHEDULER = "wareflow_scheduler"
SEQUENCER = "wareflow_sequencer"

ROLES = (OWNER, APP, SCHEDULER, SEQUENCER)


def create_roles(superuser_url: str, passwords: Mapping[str, str], database: str) -> None:
    """Create the roles and a database owned by the owner; repeating it changes nothing.

    The scheduler and the sequencer never sign in unless a password is given for them: functions
    that they own do their work. The owner is made a member of both, to hand functions over.
    """
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for role in ROLES:
            _create_role(connection, role, passwords.get(role))
        for role in (SCHEDULER, SEQUENCER):
            connection.execute(
                sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(
                    sql.Identifier(role), sql.Identifier(OWNER)
                )
                if connection.info.server_version >= 160000
                else sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(OWNER))
            )
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if found.fetchone() is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(database), sql.Identifier(OWNER)
                )
            )
            connection.execute(
                sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database))
            )
        for role in (APP, SCHEDULER, SEQUENCER):
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                    sql.Identifier(database), sql.Identifier(role)
                )
            )


def _create_role(
    connection: psycopg.Connection[tuple[object, ...]], role: str, password: str | None
) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if found is None:
        connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
    connection.execute(
        sql.SQL(
            "ALTER ROLE {} NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION {}"
        ).format(sql.Identifier(role), sql.SQL("LOGIN" if password else "NOLOGIN"))
    )
    if password:
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
        )
