"""A problem that needs a person has one case, an owner, a due date and an end."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kernel.access import Actor, Permission, system_actor
from kernel.audit import Subject
from kernel.errors import NotFound, PermissionMissing
from kernel.exceptions import (
    AlreadyResolved,
    ExceptionCase,
    ExceptionRaised,
    assign,
    raise_exception,
    resolve,
)
from kernel.ids import ActorId, ExceptionId, TenantId
from kernel.outbox import OutboxEvent
from kernel.runtime import Runtime
from tests.concurrency.racing import race, raised
from tests.conftest import ACME, GLOBEX, MONDAY

SHOP = system_actor("shop")
ANA = Actor(ActorId("mem_ana"), "member", "Ana", frozenset({Permission("exceptions:write")}))
BOB = Actor(ActorId("mem_bob"), "member", "Bob", frozenset())
MUG = Subject("mug", "mug_1")


def lose(
    runtime: Runtime, cause: str = "a cat", *, tenant_id: TenantId = ACME, subject: Subject = MUG
) -> ExceptionId:
    with runtime.unit_of_work(tenant_id, SHOP) as uow:
        case = raise_exception(
            uow,
            kind="mug.lost",
            subject=subject,
            cause=cause,
            due_within=timedelta(hours=4),
            severity="high",
        )
        uow.record("mugs.count", subject)
    return case


def cases(runtime: Runtime, tenant_id: TenantId = ACME) -> list[ExceptionCase]:
    with runtime.unit_of_work(tenant_id, SHOP) as uow:
        return list(uow.session.scalars(select(ExceptionCase).order_by(ExceptionCase.id)))


def test_a_case_says_what_is_wrong_with_what_and_until_when(runtime: Runtime) -> None:
    identity = lose(runtime)

    (case,) = cases(runtime)
    assert (case.id, case.kind, case.subject_kind, case.subject_id, case.cause) == (
        identity,
        "mug.lost",
        "mug",
        "mug_1",
        "a cat",
    )
    assert (case.severity, case.state, case.owner_id, case.resolution) == (
        "high",
        "open",
        None,
        None,
    )
    assert (case.raised_at, case.due_at) == (MONDAY, MONDAY + timedelta(hours=4))


def test_people_are_told_of_a_case_once(runtime: Runtime) -> None:
    identity = lose(runtime)
    lose(runtime)

    with runtime.unit_of_work(ACME, SHOP) as uow:
        events = uow.session.scalars(
            select(OutboxEvent).where(OutboxEvent.name == ExceptionRaised.name)
        ).all()
        assert [event.data for event in events] == [
            {
                "exception_id": identity,
                "kind": "mug.lost",
                "subject_kind": "mug",
                "subject_id": "mug_1",
            }
        ]


def test_the_same_problem_again_is_the_same_case(runtime: Runtime) -> None:
    assert lose(runtime) == lose(runtime)
    assert len(cases(runtime)) == 1


def test_another_cause_or_subject_is_another_case(runtime: Runtime) -> None:
    identities = {lose(runtime), lose(runtime, "a dog"), lose(runtime, subject=Subject("mug", "2"))}

    assert len(identities) == len(cases(runtime)) == 3


def test_the_same_problem_after_its_end_is_a_new_case(runtime: Runtime) -> None:
    first = lose(runtime)
    with runtime.unit_of_work(ACME, ANA) as uow:
        resolve(uow, first, "The cat was given a bowl.")

    second = lose(runtime)

    assert second != first
    assert {case.id: case.state for case in cases(runtime)} == {first: "resolved", second: "open"}


def test_a_case_is_assigned_and_resolved_with_a_sentence(runtime: Runtime) -> None:
    identity = lose(runtime)

    with runtime.unit_of_work(ACME, ANA) as uow:
        assign(uow, identity, ActorId("mem_bob"))
    with runtime.unit_of_work(ACME, ANA) as uow:
        resolve(uow, identity, "The cat was given a bowl.")

    (case,) = cases(runtime)
    assert (case.owner_id, case.state, case.resolution, case.resolved_at) == (
        "mem_bob",
        "resolved",
        "The cat was given a bowl.",
        MONDAY,
    )


def test_what_is_resolved_stays_so(runtime: Runtime) -> None:
    identity = lose(runtime)
    with runtime.unit_of_work(ACME, ANA) as uow:
        resolve(uow, identity, "Done.")

    with pytest.raises(AlreadyResolved), runtime.unit_of_work(ACME, ANA) as uow:
        resolve(uow, identity, "Done again.")
    with pytest.raises(AlreadyResolved), runtime.unit_of_work(ACME, ANA) as uow:
        assign(uow, identity, ActorId("mem_bob"))

    assert cases(runtime)[0].resolution == "Done."


def test_who_may_not_take_care_of_cases_is_refused(runtime: Runtime) -> None:
    identity = lose(runtime)

    with pytest.raises(PermissionMissing), runtime.unit_of_work(ACME, BOB) as uow:
        assign(uow, identity, BOB.id)
    with pytest.raises(PermissionMissing), runtime.unit_of_work(ACME, BOB) as uow:
        resolve(uow, identity, "Never mind.")


def test_a_case_of_another_tenant_is_not_there(runtime: Runtime) -> None:
    """TEN-05: neither to be read, nor joined, nor resolved."""
    identity = lose(runtime)

    assert cases(runtime, GLOBEX) == []
    assert lose(runtime, tenant_id=GLOBEX) != identity
    with pytest.raises(NotFound), runtime.unit_of_work(GLOBEX, ANA) as uow:
        resolve(uow, identity, "Not mine.")
    assert [case.state for case in cases(runtime)] == ["open"]


def test_of_eight_who_notice_at_once_all_get_one_case(runtime: Runtime) -> None:
    outcomes = race([lambda: lose(runtime) for _ in range(8)])

    assert raised(outcomes, NotFound) == 0
    assert len(set(outcomes)) == len(cases(runtime)) == 1


def test_of_two_who_resolve_at_once_one_is_told_that_it_was_done(runtime: Runtime) -> None:
    identity = lose(runtime)

    def end(sentence: str) -> None:
        with runtime.unit_of_work(ACME, ANA) as uow:
            resolve(uow, identity, sentence)

    outcomes = race([lambda: end("By Ana."), lambda: end("By Bob.")])

    assert raised(outcomes, AlreadyResolved) == 1
    assert cases(runtime)[0].version == 2
