"""Runs say where they stand and since when; layouts are kept once, per tenant and version."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from kernel.access import Actor
from kernel.audit import Subject
from kernel.errors import Invalid, PermissionMissing
from kernel.ids import TenantId
from tests.conftest import ACME, GLOBEX, MONDAY
from tests.workflow_engine.charts.charting import a_layout
from tests.workflow_engine.runtime.buying import member
from tests.workflow_engine.runtime.shop import Shop
from tests.workflow_engine.runtime.test_running import compose as compose
from workflow_engine.charts.document import Chart, chart_of
from workflow_engine.charts.storing import keep_layout, layout_of
from workflow_engine.runtime import queries
from workflow_engine.runtime.queries import RunFilter
from workflow_engine.runtime.standing import Standing, standing_of
from workflow_engine.runtime.tables import DefinitionVersion, Run

Compose = Callable[[str], Shop]
ANA = member("mem_ana")
READER = Actor(ANA.id, "member", "Ana", frozenset())


@pytest.fixture
def shop(compose: Compose) -> Shop:
    return compose("local")


def the_version(shop: Shop, tenant_id: TenantId = ACME) -> tuple[DefinitionVersion, Chart]:
    with shop.runtime.unit_of_work(tenant_id, ANA) as uow:
        version = uow.session.scalars(select(DefinitionVersion)).one()
        return version, chart_of(shop.engine.compiled(uow, version.id).definition)


def standing(shop: Shop, tenant_id: TenantId = ACME) -> dict[str, Standing]:
    version, _ = the_version(shop)
    with shop.runtime.unit_of_work(tenant_id, ANA) as uow:
        return dict(standing_of(uow, version.id))


def listed(shop: Shop, *states: str) -> list[str]:
    with shop.runtime.unit_of_work(ACME, ANA) as uow:
        found = queries.runs(uow, RunFilter(standing_in=states))
    return sorted(run.subject_id for run in found)


def test_runs_are_counted_where_they_stand_and_since_when(shop: Shop) -> None:
    """B10: the count is that of the list behind it; the oldest is who came first."""
    shop.run_low("Berlin", 20)
    shop.pass_days(1)
    shop.run_low("Oslo", 30)

    assert standing(shop) == {"approving": Standing(2, MONDAY)}
    assert listed(shop, "approving") == ["Berlin", "Oslo"]
    assert listed(shop, "sending") == []


def test_who_moves_on_stands_elsewhere_from_then_on_and_who_ends_nowhere(shop: Shop) -> None:
    shop.run_low("Berlin", 5)
    shop.pass_days(1)
    waiting = standing(shop)
    shop.arrive("Berlin")

    assert waiting == {"waiting": Standing(1, MONDAY)}
    assert shop.run().state == "finished"
    assert standing(shop) == {}
    assert listed(shop, "waiting", "received") == []


def test_a_run_from_before_runs_said_where_they_stand_is_counted_too(shop: Shop) -> None:
    shop.run_low("Berlin", 20)
    with shop.runtime.unit_of_work(ACME, ANA) as uow:
        uow.session.scalars(select(Run)).one().standing = None
        uow.record("tests.forget", Subject("run", "all"))

    assert standing(shop) == {"approving": Standing(1, shop.run().started_at)}
    assert listed(shop, "approving") == ["Berlin"]


def test_another_tenant_counts_none_of_them(shop: Shop) -> None:
    """TEN-05: though the definition's id is known."""
    shop.run_low("Berlin", 20)

    assert standing(shop, GLOBEX) == {}


def test_the_first_layout_stays_until_the_chart_is_drawn_otherwise(shop: Shop) -> None:
    version, chart = the_version(shop)
    first, second = a_layout(chart), {**a_layout(chart), "height": 777}
    renamed = replace(chart, name="Buy more mugs")

    kept = []
    for drawn, layout in ((chart, first), (chart, second), (renamed, second)):
        with shop.runtime.unit_of_work(ACME, ANA) as uow:
            kept.append(keep_layout(uow, version, drawn, drawn.fingerprint(), layout))

    with shop.runtime.unit_of_work(ACME, ANA) as uow:
        assert layout_of(uow, version, chart) is None
        assert layout_of(uow, version, renamed) == second
    assert kept == [True, False, True]


def test_a_layout_of_another_chart_or_from_who_may_only_look_is_refused(shop: Shop) -> None:
    version, chart = the_version(shop)

    with shop.runtime.unit_of_work(ACME, ANA) as uow, pytest.raises(Invalid) as refused:
        keep_layout(uow, version, chart, "of yesterday", a_layout(chart))
    with pytest.raises(PermissionMissing), shop.runtime.unit_of_work(ACME, READER) as uow:
        keep_layout(uow, version, chart, chart.fingerprint(), a_layout(chart))

    assert [fault.code for fault in refused.value.errors] == ["layout.of_another_chart"]
    with shop.runtime.unit_of_work(ACME, ANA) as uow:
        assert layout_of(uow, version, chart) is None


def test_another_tenant_sees_no_layout_of_the_same_definition(shop: Shop) -> None:
    """TEN-05: the same content, published by both."""
    shop.publish(GLOBEX)
    version, chart = the_version(shop)
    theirs, _ = the_version(shop, GLOBEX)
    with shop.runtime.unit_of_work(ACME, ANA) as uow:
        keep_layout(uow, version, chart, chart.fingerprint(), a_layout(chart))

    with shop.runtime.unit_of_work(GLOBEX, ANA) as uow:
        assert layout_of(uow, theirs, chart) is None
        assert layout_of(uow, version, chart) is None
