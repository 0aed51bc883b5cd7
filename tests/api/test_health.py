"""`/livez`, `/readyz` and `/metrics` tell operators what they need and strangers nothing."""

from dataclasses import replace

import psycopg
from flask import Flask

from kernel.config import Config
from kernel.runtime import Runtime
from migrations.upgrade import newest_revision
from tests.api.conftest import ApiClient, compose_app
from tests.conftest import Cluster


def test_a_process_that_can_serve_says_so(app: Flask) -> None:
    """REL-23: alive, and ready with the schema of this code."""
    client = app.test_client()

    assert (client.get("/livez").status_code, client.get("/livez").json) == (
        200,
        {"status": "alive"},
    )
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (
        200,
        {
            "status": "ready",
            "database": "reachable",
            "schema": newest_revision(),
            "schema_needed": newest_revision(),
        },
    )


def test_an_older_schema_is_not_ready(app: Flask, database: Cluster) -> None:
    """REL-23: a deployed process waits until the migrations are done."""
    set_level = "UPDATE alembic_version SET version_num = %s"
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute(set_level, ["0001"])
        try:
            answer = app.test_client().get("/readyz")
        finally:
            connection.execute(set_level, [newest_revision()])

    assert answer.status_code == 503
    assert answer.json is not None
    assert (answer.json["status"], answer.json["schema"]) == ("not ready", "0001")


def test_without_a_database_it_lives_and_is_not_ready(config: Config, runtime: Runtime) -> None:
    """REL-23: liveness depends on nothing; no address or password is told."""
    gone = replace(config, database_url="postgresql://app:hush@127.0.0.1:1/wareflow")
    lost = Runtime(gone, ports=runtime.ports)
    client = compose_app(lost).test_client()

    assert client.get("/livez").status_code == 200
    answer = client.get("/readyz")
    lost.close()

    assert (answer.status_code, answer.json) == (
        503,
        {"status": "not ready", "database": "unreachable"},
    )


def test_metrics_count_requests_by_route_and_never_by_tenant(app: Flask, acme: ApiClient) -> None:
    """TEN-07: labels are kinds."""
    acme.send("GET", "/api/drawers/drw_01j")

    text = app.test_client().get("/metrics").text

    assert 'wareflow_request_seconds_count{face="api",method="GET"' in text
    assert 'route="/api/drawers/<drawer_id>"' in text
    for leak in ("acme", "ten_", acme.secret.client_id, "drw_01j"):
        assert leak not in text
