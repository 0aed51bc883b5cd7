"""`/livez`, `/readyz` and `/metrics`: for load balancers and operators; no secrets in any."""

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from web.access import public
from web.request import current_runtime


def health(newest_revision: str) -> Blueprint:
    """Return the addresses that say how this process stands.

    `newest_revision` is the migration that this code was written for.
    """
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/livez")
    @public()
    def live() -> Response:
        """Say that this process answers; it asks nobody else."""
        return _said({"status": "alive"}, 200)

    @blueprint.get("/readyz")
    @public()
    def ready() -> Response:
        """Say whether requests can be served: the database answers, with this code's schema."""
        return _readiness(newest_revision)

    @blueprint.get("/metrics")
    @public()
    def metrics() -> Response:
        """Show counters and timings, by kinds of work and never by tenant."""
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def _readiness(needed: str) -> Response:
    try:
        with current_runtime().database.engine.connect() as connection:
            level = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError:
        return _said({"status": "not ready", "database": "unreachable"}, 503)
    found = {"database": "reachable", "schema": str(level), "schema_needed": needed}
    if level != needed:
        return _said({"status": "not ready", **found}, 503)
    return _said({"status": "ready", **found}, 200)


def _said(document: dict[str, str], status: int) -> Response:
    body = current_app.json.dumps(document)
    return Response(body, status=status, content_type="application/json")
