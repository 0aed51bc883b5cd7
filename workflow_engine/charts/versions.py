"""The definitions of a tenant for who looks at them: newest first, and how many runs are open."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from kernel.errors import NotFound
from kernel.uow import UnitOfWork
from workflow_engine.runtime.tables import DefinitionVersion, Run

VERSIONS_MAX = 200


def newest_versions(words: str = "") -> Select[DefinitionVersion]:
    """Return the query for the newest version of each definition, in no order.

    With `words`, only definitions whose key or name holds them.
    """
    other = aliased(DefinitionVersion)
    newer = (
        select(other.id)
        .where(
            other.tenant_id == DefinitionVersion.tenant_id,
            other.key == DefinitionVersion.key,
            other.number > DefinitionVersion.number,
        )
        .exists()
    )
    query = select(DefinitionVersion).where(~newer)
    if words:
        found = func.strpos(func.lower(DefinitionVersion.key), words.lower()) > 0
        named = func.strpos(func.lower(DefinitionVersion.name), words.lower()) > 0
        query = query.where(found | named)
    return query


def versions_of(uow: UnitOfWork, key: str) -> Sequence[DefinitionVersion]:
    """Return the versions of a definition, the newest first, at most two hundred; or NotFound."""
    query = select(DefinitionVersion).where(DefinitionVersion.key == key)
    query = query.order_by(DefinitionVersion.number.desc()).limit(VERSIONS_MAX)
    found = uow.session.scalars(query).all()
    if not found:
        raise NotFound("definition", key)
    return found


def version_at(uow: UnitOfWork, key: str, number: int) -> DefinitionVersion:
    """Return a version by its number, or NotFound."""
    query = select(DefinitionVersion).where(
        DefinitionVersion.key == key, DefinitionVersion.number == number
    )
    found = uow.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("definition", f"{key}/{number}")
    return found


def version_called(uow: UnitOfWork, definition_id: str) -> DefinitionVersion | None:
    """Return a version by its id; None where this tenant has none."""
    return uow.session.get(DefinitionVersion, (uow.tenant_id, definition_id))


def open_runs(uow: UnitOfWork, key: str) -> Mapping[str, int]:
    """Count the open runs of each version of a definition, by the version's id."""
    return _counted(uow, Run.definition_id, [key])


def open_runs_of_all(uow: UnitOfWork, keys: Sequence[str]) -> Mapping[str, int]:
    """Count the open runs of some definitions over all their versions, by key."""
    return _counted(uow, Run.key, keys)


def _counted(
    uow: UnitOfWork, by: InstrumentedAttribute[str], keys: Sequence[str]
) -> Mapping[str, int]:
    query = select(by, func.count()).where(Run.key.in_(keys), Run.state != "finished").group_by(by)
    return {row[0]: row[1] for row in uow.session.execute(query)}
