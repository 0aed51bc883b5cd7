"""Locks on names: for what has no row yet that two transactions could meet at."""

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from kernel.uow import UnitOfWork


_TAKE = text("SELECT pg_advisory_xact_lock(:number)")
_TRY = text("SELECT pg_try_advisory_xact_lock(:number)")


def take_name(uow: "UnitOfWork", *name: str) -> None:
    """Hold a name of this tenant until the transaction ends; wait while another one holds it.

    Read only after it: what the other transaction wrote is visible then.
    """
    uow.session.execute(_TAKE, {"number": number_of(uow, *name)})


def try_name(uow: "UnitOfWork", *name: str) -> bool:
    """Hold a name like `take_name`, or tell at once that another transaction holds it."""
    return bool(uow.session.scalar(_TRY, {"number": number_of(uow, *name)}))


def number_of(uow: "UnitOfWork", *name: str) -> int:
    """Return the number under which the database knows a tenant's name as an advisory lock."""
    # The database numbers its locks over all tenants: the tenant is part of the name.
    spelled = "\0".join((uow.tenant_id, *name)).encode()
    return int.from_bytes(hashlib.sha256(spelled).digest()[:8], signed=True)
