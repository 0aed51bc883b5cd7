"""An error page says what happened, what is safe and what to do, and never more."""

import pytest

from builder_ui.shell.error_pages import EXPLANATIONS, Failure, failure_of
from kernel.errors import Fault, Invalid, PermissionMissing, TooMany
from web.problems import problem_of


@pytest.mark.parametrize("status", [401, 403, 404, 409, 412, 422, 429, 500])
def test_every_status_people_meet_is_explained(status: int) -> None:
    assert EXPLANATIONS[status].advice.endswith(".")


def test_a_bug_tells_the_request_id_and_nothing_of_itself() -> None:
    failure = failure_of(problem_of(RuntimeError("password=hunter2")), "req_1")

    assert failure == Failure(500, "req_1")


def test_a_missing_permission_is_named() -> None:
    failure = failure_of(problem_of(PermissionMissing("member.invite")), "req_1")

    assert (failure.status, failure.permission) == (403, "member.invite")


def test_a_wait_is_told_in_seconds() -> None:
    failure = failure_of(problem_of(TooMany(retry_after_seconds=30)), "req_1")

    assert (failure.status, failure.wait_seconds) == (429, 30)


def test_each_fault_is_told() -> None:
    problem = problem_of(Invalid((Fault("/sku", "catalog.unknown", "No SKU has this code."),)))

    assert failure_of(problem, "req_1").faults == ("No SKU has this code.",)
