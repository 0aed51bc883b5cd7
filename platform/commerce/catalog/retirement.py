"""Out of use and back: the one way in which any thing of the catalog is retired and reinstated."""

from datetime import datetime
from typing import Protocol

from commerce.catalog.errors import Retired
from kernel.audit import Subject
from kernel.errors import Refusal
from kernel.events import Event
from kernel.uow import UnitOfWork


class Retirable(Protocol):
    """A row that may be out of use."""

    version: int
    retired_at: datetime | None

    @property
    def id(self) -> str:
        """The id of the thing."""
        ...


def retire(uow: UnitOfWork, row: Retirable, kind: str, event: Event) -> None:
    """Take a locked row out of use; what is out of use already stays as it is, unrecorded."""
    if row.retired_at is not None:
        return
    row.retired_at = uow.now
    _tell(uow, f"catalog.retire_{kind}", row, kind, event)


def reinstate(uow: UnitOfWork, row: Retirable, kind: str, event: Event) -> None:
    """Bring a locked row back into use; what is in use already stays as it is, unrecorded."""
    if row.retired_at is None:
        return
    row.retired_at = None
    _tell(uow, f"catalog.reinstate_{kind}", row, kind, event)


def must_be_active(row: Retirable, kind: str) -> None:
    """Raise Retired where the row is out of use."""
    refusal: Refusal = Retired(kind, row.id)
    if row.retired_at is not None:
        raise refusal


def _tell(uow: UnitOfWork, action: str, row: Retirable, kind: str, event: Event) -> None:
    uow.emit(event)
    uow.session.flush()
    uow.record(action, Subject(kind, row.id, row.version))
