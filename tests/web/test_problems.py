"""Every failure is told as problem details, and none tells too much."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import pytest
from flask import Flask
from marshmallow import Schema, ValidationError
from marshmallow import fields as marsh
from psycopg import errors as postgres
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from kernel import errors
from kernel.access import system_actor
from kernel.errors import Conflict, Fault
from kernel.money import Money
from tests.conftest import ACME
from tests.web.conftest import told
from web.access import public
from web.problems import problem_of
from web.request import unit_of_work_as


@dataclass(eq=False)
class OutOfMugs(Conflict):
    """There are fewer mugs than were asked for."""

    code: ClassVar[str] = "mugs.out"

    wanted: int
    price: Money


def test_a_refusal_is_told_with_its_code_its_sentence_and_its_facts() -> None:
    """API-05: the document writes itself."""
    problem = problem_of(OutOfMugs(2, Money(1234, "EUR")))

    assert problem.document("req_1", "/api/mugs") == {
        "wanted": 2,
        "price": {"amount": "12.34", "currency": "EUR"},
        "type": "/problems/mugs.out",
        "title": "There are fewer mugs than were asked for.",
        "status": 409,
        "detail": "There are fewer mugs than were asked for.",
        "instance": "/api/mugs",
        "code": "mugs.out",
        "request_id": "req_1",
        "errors": [],
    }


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.Malformed(), 400, "request.malformed"),
        (errors.Unauthenticated(), 401, "access.unauthenticated"),
        (errors.PermissionMissing("orders:write"), 403, "access.permission_missing"),
        (errors.NotFound("order", "ord_1"), 404, "resource.not_found"),
        (OutOfMugs(2, Money(1, "EUR")), 409, "mugs.out"),
        (errors.StaleWrite(1, 2), 412, "state.stale"),
        (errors.Invalid((Fault("/a", "a.b", "No."),)), 422, "request.invalid"),
        (errors.PreconditionMissing(), 428, "state.precondition_missing"),
        (errors.TooMany(30), 429, "quota.exceeded"),
        (errors.Unavailable(), 503, "service.unavailable"),
        (StaleDataError("row"), 412, "state.stale"),
        (IntegrityError("INSERT", {}, postgres.UniqueViolation("x")), 409, "state.conflict"),
        (OperationalError("SELECT", {}, postgres.LockNotAvailable("x")), 503,
         "service.unavailable"),
        (IntegrityError("INSERT", {}, postgres.CheckViolation("x")), 500, "service.error"),
        (ZeroDivisionError("secret"), 500, "service.error"),
    ],
)  # fmt: skip
def test_the_kind_decides_the_status(error: Exception, status: int, code: str) -> None:
    """API-05: one table of statuses for both faces."""
    problem = problem_of(error)

    assert (problem.status, problem.code) == (status, code)


def test_whoever_must_wait_is_told_how_long() -> None:
    assert problem_of(errors.TooMany(30)).headers == {"Retry-After": "30"}


def test_all_faults_of_a_schema_are_told_at_once_with_pointers() -> None:
    class Line(Schema):
        sku = marsh.String(required=True)

    class Order(Schema):
        lines = marsh.List(marsh.Nested(Line), required=True)

    with pytest.raises(ValidationError) as refused:
        Order().load({"lines": [{"sku": "MUG"}, {}], "colour/size": 1})

    faults = problem_of(refused.value).faults
    assert sorted((fault.pointer, fault.code) for fault in faults) == [
        ("/colour~1size", "request.field_unknown"),
        ("/lines/1/sku", "request.field_missing"),
    ]


def test_a_database_error_never_reaches_the_client(make_app: Callable[..., Flask]) -> None:
    """TEN-19: neither SQL, nor table names, nor values, nor a trace."""
    app = make_app()

    @app.get("/t/<slug>/broken")
    @public()
    def broken(slug: str) -> str:
        with unit_of_work_as(ACME, system_actor(slug)) as uow:
            uow.session.execute(text("SELECT hidden FROM audit_entry WHERE id = 'confidential'"))
        return ""

    answer = app.test_client().get("/t/acme/broken")

    assert answer.status_code == 500
    for word in ("audit_entry", "SELECT", "psycopg", "Traceback", "confidential", "sqlalche"):
        assert word not in answer.text
    assert told(answer)["request_id"] == answer.headers["X-Request-Id"]


def test_a_bug_is_told_without_its_reason(make_app: Callable[..., Flask]) -> None:
    app = make_app()

    @app.get("/t/<slug>/broken")
    @public()
    def broken(slug: str) -> str:
        raise KeyError(f"the password of {slug}")

    answer = app.test_client().get("/t/acme/broken")

    assert (answer.status_code, told(answer)["code"]) == (500, "service.error")
    assert "password" not in answer.text
