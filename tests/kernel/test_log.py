"""Logs hold static names and ids, one event a line, and never a secret."""

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel.access import operator_actor
from kernel.log import configure_logging, redact, without_secrets
from kernel.runtime import Runtime
from tests.conftest import ACME

SECRET = "hush-nobody-may-read-this"
KEY_BLOCK = f"-----BEGIN EC PRIVATE KEY-----\n{SECRET}\n-----END EC PRIVATE KEY-----"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is written to standard error while logs are configured as in production."""
    written = io.StringIO()
    with redirect_stderr(written):
        configure_logging("INFO")
        yield written
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "client_secret",
        "SECRET_KEY",
        "access_token",
        "Authorization",
        "Set-Cookie",
        "client_assertion",
        "private-key",
        "api_key",
        "X-Api-Key",
        "credentials",
    ],
)
def test_a_field_that_is_named_like_a_secret_is_not_written(lines: io.StringIO, name: str) -> None:
    """OA-19, SEC-06: whatever its value is, and however deep it lies."""
    structlog.get_logger().info(
        "client.saved",
        client_id="cli_1",
        **{name: SECRET},
        request={"headers": [{name: SECRET}], "body": {"deep": {name: [SECRET]}}},
    )

    line = json.loads(lines.getvalue())
    assert SECRET not in lines.getvalue()
    assert (line["event"], line["client_id"], line[name]) == (
        "client.saved",
        "cli_1",
        "(redacted)",
    )


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(f"Bearer {SECRET}", id="a bearer token"),
        pytest.param(f"sent authorization: basic {SECRET}==", id="a password in a header"),
        pytest.param(f"eyJhbGciOiJFUzI1NiJ9.{SECRET}.{SECRET}", id="a JSON web token"),
        pytest.param(f"postgresql://wareflow_app:{SECRET}@db/wareflow", id="an address"),
        pytest.param(f"redis://:{SECRET}@cache:6379/0 refused", id="an address without a name"),
        pytest.param(KEY_BLOCK, id="a private key"),
        pytest.param(KEY_BLOCK.partition("\n-----END")[0], id="a private key that was cut off"),
        pytest.param(f"violated\nDETAIL:  Key (hash)=({SECRET}) exists.\n", id="a refused row"),
    ],
)
def test_what_looks_like_a_secret_is_not_written_wherever_it_stands(
    lines: io.StringIO, said: str
) -> None:
    """OA-19, SEC-06: in a value, in a list, in a message of an error, in its traceback."""
    try:
        raise RuntimeError(said)
    except RuntimeError as error:
        structlog.get_logger().error(
            "work.failed", error=f"RuntimeError: {error}", tried=[said], exc_info=error
        )

    assert SECRET not in lines.getvalue()
    assert "RuntimeError" in lines.getvalue()


def test_an_error_of_the_database_names_no_value(lines: io.StringIO, runtime: Runtime) -> None:
    """SEC-06: neither parameters of the statement nor the row that PostgreSQL repeats."""
    with (
        pytest.raises(DBAPIError) as caught,
        runtime.unit_of_work(ACME, operator_actor("tests")) as uow,
    ):
        statement = "INSERT INTO setting (tenant_id, scope_id, key) VALUES (:t, :s, :s)"
        uow.session.execute(text(statement), {"t": ACME, "s": SECRET})

    structlog.get_logger().error("request.failed", exc_info=caught.value)

    assert "NotNullViolation" in lines.getvalue()
    assert SECRET not in lines.getvalue()


def test_what_is_no_secret_is_written_as_it_is() -> None:
    line = {
        "event": "order.placed",
        "order_id": "ord_01",
        "url": "https://shop.example/t/acme?page=2",
        "count": 3,
        "ok": True,
        "why": None,
        "lines": [{"sku": "MUG"}],
    }

    assert redact(None, "info", dict(line)) == line
    assert without_secrets("the bearer of this mug") == "the bearer of this mug"


def test_a_line_carries_what_was_bound_at_the_edge(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(tenant_id=ACME, request_id="req_1"):
        structlog.get_logger().info("request.answered", status=200)

    line = json.loads(lines.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request.answered",
        "level": "info",
        "tenant_id": "ten_acme",
        "request_id": "req_1",
        "status": 200,
    }


def test_a_line_end_in_a_value_does_not_make_a_line(lines: io.StringIO) -> None:
    """A value cannot forge an event of its own (ASVS 16.4.1)."""
    structlog.get_logger().info("member.named", name='Ana\n{"event": "forged"}\r\n')

    assert len(lines.getvalue().splitlines()) == 1


def test_what_is_below_the_level_is_not_written(lines: io.StringIO) -> None:
    structlog.get_logger().debug("too.quiet")

    assert lines.getvalue() == ""
