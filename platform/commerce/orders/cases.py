"""Closes the cases of lines that were held, once nobody has to look at them any more."""

from collections.abc import Collection

from sqlalchemy import select

from commerce.ids import OrderLineId
from commerce.orders.outcomes import LINE_HELD
from kernel.access import system_actor
from kernel.exceptions import ExceptionCase, resolve
from kernel.ids import ExceptionId
from kernel.uow import UnitOfWork

ORDERS = system_actor("orders")


def close_cases(uow: UnitOfWork, line_ids: Collection[OrderLineId], resolution: str) -> None:
    """Resolve the open cases of held lines. Call it last: it locks and records them."""
    cases = uow.session.scalars(
        select(ExceptionCase.id)
        .where(
            ExceptionCase.kind == LINE_HELD,
            ExceptionCase.subject_kind == "order_line",
            ExceptionCase.subject_id.in_(sorted(line_ids)),
            ExceptionCase.state == "open",
        )
        .order_by(ExceptionCase.id)
    ).all()
    with uow.acting_as(ORDERS):
        for case_id in cases:
            resolve(uow, ExceptionId(case_id), resolution)
