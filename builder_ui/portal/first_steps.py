"""What a new account still lacks, read from what is there, for whoever runs it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select

from builder_ui.shell.words import _
from commerce.catalog.tables import Sku
from commerce.inventory.tables import StockBalance
from commerce.orders.tables import SalesOrder
from kernel.access import Permission
from kernel.uow import UnitOfWork
from tenants.tables import Member
from workflow_engine.runtime.tables import DefinitionVersion

RUNS_THE_ACCOUNT = Permission("members:write")


@dataclass(frozen=True)
class FirstStep:
    """A step, what it is for, where it is done from the tenant's root, and whether it is."""

    title: str
    purpose: str
    path: str
    is_done: bool


def first_steps(uow: UnitOfWork) -> Sequence[FirstStep]:
    """Return the steps of a new account, done or not.

    Empty once all are done, for who has put them away, and for who does not run the account.
    """
    if not uow.actor.may(RUNS_THE_ACCOUNT):
        return ()
    found = uow.session.execute(
        select(
            Member.first_steps_dismissed_at,
            exists(select(Member.id).where(Member.id != uow.actor.id)),
            exists(select(Sku.id)),
            exists(select(StockBalance.sku_id)),
            exists(select(DefinitionVersion.id).where(DefinitionVersion.state == "published")),
            exists(select(SalesOrder.id)),
        ).where(Member.id == uow.actor.id)
    ).one_or_none()
    if found is None or found[0] is not None or all(found[1:]):
        return ()
    return [
        FirstStep(title, purpose, path, bool(is_done))
        for (title, purpose, path), is_done in zip(_STEPS, found[1:], strict=True)
    ]


_STEPS = (
    (_("Invite somebody"), _("Approvals need a second person."), "members/new"),
    (_("Add what you sell"), _("Type SKUs in, or import a file."), "catalog/imports/new"),
    (
        _("Say what is in stock"),
        _("Goods come in by purchase orders and through the API."),
        "stock",
    ),
    (_("Publish a workflow"), _("It says what follows when a line is short."), "workflows"),
    (_("Take the first order"), _("Channels send orders through the API."), "orders"),
)
