"""The whole product as it is served, and the reference that it shows of its own API."""

from typing import Any

import pytest
from flask import Flask

import wareflow
from builder_ui.reference.reading import Reference
from kernel.runtime import Runtime
from tests.api.conftest import runtime as runtime


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    """Everything composed, as gunicorn serves it."""
    return wareflow.create_app(runtime)


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document that is served."""
    served = app.test_client().get("/api/openapi.json").json
    assert isinstance(served, dict)
    return served


@pytest.fixture
def reference(document: dict[str, Any], runtime: Runtime) -> Reference:
    """The document as the pages read it."""
    return Reference(document, runtime.config.public_url)
