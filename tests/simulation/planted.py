"""Bugs planted at a seam: each must be found by the simulator, or it proves nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from kernel.feed import Place
from kernel.outbox import OutboxEvent
from kernel.uow import UnitOfWork
from kernel.work import Claim, WorkSource
from tests.simulation.history import TABLES
from tests.simulation.laboratory import Laboratory, Seams


def _without_fence(laboratory: Laboratory, ours: WorkSource) -> WorkSource:
    """A source whose work carries whatever fence the row has by now: the lease proves nothing."""
    query: Any = f"SELECT fence FROM {TABLES[ours.name]} WHERE id = %s"

    def perform(claim: Claim) -> None:
        row = laboratory.admin.execute(query, [claim.id]).fetchone()
        assert row is not None
        ours.perform(replace(claim, fence=row[0]))

    return replace(ours, perform=perform)


def _by_last_id(uow: UnitOfWork, after: Place | None, limit: int) -> list[OutboxEvent]:
    """Read whatever has a greater id than the last one seen, committed in time or not."""
    query = select(OutboxEvent).order_by(OutboxEvent.id).limit(limit)
    if after is not None:
        query = query.where(OutboxEvent.id > after.event_id)
    return list(uow.session.scalars(query))


PLANTED = {
    "no fence": Seams(perform_as=_without_fence),
    "no inbox": Seams(
        forgets=(
            "DELETE FROM inbox",
            "UPDATE run_inbox SET dedupe_key = 'forgotten ' || number",
        )
    ),
    "id > last": Seams(read=_by_last_id),
}
