"""The public API on the test database, with a client of ACME and one of GLOBEX."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import wareflow
from api.face import api_face, install_api
from api.health import health
from api.oauth.endpoints import oauth, oauth_face
from api.resources import RESOURCES
from kernel.access import operator_actor
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.ids import TenantId
from kernel.runtime import Runtime
from migrations.upgrade import newest_revision
from tenants.access import add_standard_roles
from tenants.identity.clients import NewSecret, create_client
from tests.api.drawers import drawers
from tests.conftest import ACME, GLOBEX, Cluster, found_tenant
from web.application import new_application
from web.headers import install_headers
from web.json_provider import install_json

SLUGS = {"acme": ACME, "globex": GLOBEX}


@pytest.fixture
def runtime(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """The whole product on the test database, with ACME and GLOBEX and their standard roles."""
    composed = wareflow.compose(config, clock=clock)
    for tenant_id, name in ((ACME, "Acme Mugs"), (GLOBEX, "Globex Grocery")):
        found_tenant(composed, tenant_id, name)
        with composed.unit_of_work(tenant_id, operator_actor("tests")) as uow:
            add_standard_roles(uow)
    yield composed
    composed.close()


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    """The API, the issuers and the health addresses, with one resource more: `drawers`."""
    return compose_app(runtime)


def compose_app(runtime: Runtime) -> Flask:
    """Compose the application on a runtime whose ports are filled."""
    composed = new_application(runtime, [oauth_face(), api_face()])
    install_json(composed)
    install_headers(composed, https=False)
    composed.register_blueprint(oauth)
    composed.register_blueprint(health(newest_revision()))
    install_api(composed, (*RESOURCES, drawers))
    return composed


def register(runtime: Runtime, tenant_id: TenantId, *scopes: str) -> NewSecret:
    """Register a client of a tenant."""
    with runtime.unit_of_work(tenant_id, operator_actor("tests")) as uow:
        return create_client(uow, "Shop connector", scopes)


@dataclass
class ApiClient:
    """A machine that holds a token and speaks JSON."""

    web: FlaskClient
    secret: NewSecret
    token: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a request; underscores in names of headers stand for hyphens."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        return self.web.open(path, method=method, data=raw, headers=given)


def ask_token(app: Flask, slug: str, secret: NewSecret, **form: str | list[str]) -> TestResponse:
    """Ask a tenant's issuer for a token."""
    return app.test_client().post(
        f"/t/{slug}/oauth/token",
        data={"grant_type": "client_credentials", **form},
        auth=(secret.client_id, secret.secret),
    )


@pytest.fixture
def sign_in(app: Flask, runtime: Runtime) -> Callable[..., ApiClient]:
    """Register a client and get it a token: `sign_in("acme", "events:read")`; else all scopes."""

    def go(slug: str, *scopes: str) -> ApiClient:
        secret = register(runtime, SLUGS[slug], *(scopes or app.extensions["wareflow_scopes"]))
        token = json.loads(ask_token(app, slug, secret).text)["access_token"]
        return ApiClient(app.test_client(), secret, token)

    return go


@pytest.fixture
def acme(sign_in: Callable[..., ApiClient]) -> ApiClient:
    """A client of ACME that may do everything the tests do."""
    return sign_in("acme")


@pytest.fixture
def globex(sign_in: Callable[..., ApiClient]) -> ApiClient:
    """A client of GLOBEX that may do everything the tests do."""
    return sign_in("globex")


def told(answer: TestResponse) -> Mapping[str, Any]:
    """Return the problem that an answer tells."""
    assert answer.mimetype == "application/problem+json", answer.text
    problem: dict[str, Any] = json.loads(answer.text)
    return problem
