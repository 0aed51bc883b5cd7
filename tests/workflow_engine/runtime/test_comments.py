"""People write to each other about a task."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from kernel.access import Actor, Permission
from kernel.audit import AuditEntry
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.errors import Forbidden, NotFound
from kernel.outbox import OutboxEvent
from tests.concurrency.racing import race, raised
from tests.conftest import ACME, GLOBEX, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.buying import member
from tests.workflow_engine.runtime.shop import SHOP, Shop
from workflow_engine.runtime import queries
from workflow_engine.runtime.commenting import comment
from workflow_engine.runtime.errors import CommentMissing
from workflow_engine.runtime.voting import Decision

ANA, BOB = member("mem_ana"), member("mem_bob")


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Shop]:
    shop = Shop(config, clock, "local")
    found_tenant(shop.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
    found_tenant(shop.runtime, GLOBEX, "Globex", starts_at=MONDAY)
    shop.publish()
    shop.run_low("north", 40)
    yield shop
    shop.runtime.close()


def say(shop: Shop, actor: Actor, words: str, form_key: str | None = None) -> str:
    task_id = shop.task().id
    with shop.runtime.unit_of_work(ACME, actor, work_class="batch") as uow:
        return comment(uow, task_id, words, form_key=form_key).id


def said(shop: Shop) -> list[tuple[str, str]]:
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        return [(row.author_id, row.words) for row in queries.comments(uow, shop.task().id)]


def test_who_asked_and_who_decides_talk_and_it_stays_when_the_task_is_closed(shop: Shop) -> None:
    say(shop, BOB, "  Why so many? ")
    say(shop, ANA, "A fair.")
    shop.vote(BOB, Decision("approve"))
    say(shop, BOB, "Done.")

    told = [("mem_bob", "Why so many?"), ("mem_ana", "A fair."), ("mem_bob", "Done.")]
    assert sorted(said(shop)) == sorted(told)
    assert shop.task().state == "done"


def test_a_comment_is_audited_once_without_its_words_and_told_as_an_event(shop: Shop) -> None:
    say(shop, BOB, "Nora called about it.")

    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        (entry,) = uow.session.scalars(select(AuditEntry).filter_by(action="task.comment"))
        assert "Nora" not in entry.body
        (event,) = uow.session.scalars(select(OutboxEvent).filter_by(name="task.commented"))
        assert "Nora" not in str(event.data)


@pytest.mark.parametrize("words", ["", "  \n ", "x" * 2001])
def test_nothing_and_too_much_are_refused(shop: Shop, words: str) -> None:
    with pytest.raises(CommentMissing):
        say(shop, BOB, words)

    assert said(shop) == []


def test_a_form_that_is_sent_eight_times_at_once_says_it_once(shop: Shop) -> None:
    outcomes = race([lambda: say(shop, BOB, "Why so many?", "frm_1") for _ in range(8)])

    assert raised(outcomes, ()) == 0
    assert len(set(outcomes)) == 1
    assert said(shop) == [("mem_bob", "Why so many?")]
    say(shop, ANA, "Why so many?", "frm_1")
    assert len(said(shop)) == 2


def test_who_may_only_read_and_another_tenant_write_nothing(shop: Shop) -> None:
    reader = replace(BOB, permissions=frozenset({Permission("tasks:read")}))
    with pytest.raises(Forbidden):
        say(shop, reader, "Hello.")
    task_id = shop.task().id
    with pytest.raises(NotFound), shop.runtime.unit_of_work(GLOBEX, BOB) as uow:
        comment(uow, task_id, "Hello.")

    assert said(shop) == []
