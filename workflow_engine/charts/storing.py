"""Keeps the layout of a definition's chart: read by who sees workflows, kept by who writes them."""

from sqlalchemy import select

from kernel.audit import Subject
from kernel.canonical import Json, canonical_bytes, read_json
from kernel.errors import Fault, Invalid
from kernel.uow import UnitOfWork
from workflow_engine.charts.document import Chart
from workflow_engine.charts.layout import checked_layout
from workflow_engine.charts.tables import DefinitionLayout
from workflow_engine.runtime.publishing import WRITE_WORKFLOWS
from workflow_engine.runtime.tables import DefinitionVersion


def layout_of(uow: UnitOfWork, version: DefinitionVersion, chart: Chart) -> Json:
    """Return the kept layout of a version's chart; None where none fits it as it is drawn now."""
    kept = uow.session.get(DefinitionLayout, (uow.tenant_id, version.id))
    if kept is None or kept.drawn_for != chart.fingerprint():
        return None
    return read_json(kept.body)


def keep_layout(
    uow: UnitOfWork, version: DefinitionVersion, chart: Chart, drawn_for: object, given: object
) -> bool:
    """Keep a layout for everybody who opens the version; tell whether this one was kept.

    The first one stays, so that a chart looks the same to all; one for a chart that is drawn
    otherwise today gives way. Invalid where the layout does not fit the chart.
    """
    uow.actor.must(WRITE_WORKFLOWS)
    fingerprint = chart.fingerprint()
    if drawn_for != fingerprint:
        detail = "The chart is drawn otherwise by now: load the page again."
        raise Invalid((Fault("/drawn_for", "layout.of_another_chart", detail),))
    layout = checked_layout(chart, given)
    # The version's row is the lock: two browsers that finish together keep one layout.
    uow.session.scalars(
        select(DefinitionVersion.id)
        .where(DefinitionVersion.id == version.id)
        .with_for_update(key_share=True)
    ).one()
    kept = uow.session.get(DefinitionLayout, (uow.tenant_id, version.id), populate_existing=True)
    if kept is not None and kept.drawn_for == fingerprint:
        return False
    if kept is None:
        kept = DefinitionLayout(tenant_id=uow.tenant_id, definition_id=version.id)
        uow.session.add(kept)
    kept.drawn_for = fingerprint
    kept.body = canonical_bytes(layout).decode()
    kept.stored_at, kept.stored_by = uow.now, str(uow.actor.id)
    uow.record("workflow.lay_out", Subject("definition", version.id), authority=version.hash)
    return True
