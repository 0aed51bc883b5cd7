"""The verbs and queries of the organisation tree: add, rename, move from a day on, find the path.

Lock order: units by id. A move locks the unit, so that of two moves at once the second sees the
first; that a unit stands in one place at a time, the database holds as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, text

from kernel.access import Permission
from kernel.audit import Subject
from kernel.errors import Fault, Invalid, NotFound, StaleWrite
from kernel.tenancy import Tenant
from kernel.uow import UnitOfWork
from tenants.organisation.errors import CodeTaken, MovesBackInTime, WrongLevel
from tenants.organisation.tables import OrganisationPlace, OrganisationUnit

WRITE_ORGANISATION = Permission("organisation:write")
KINDS = ("company", "brand", "region", "channel", "node")
UNITS_MAX = 5000

_PATH = text("""
    -- The units above one unit on a day, the nearest first.
    WITH RECURSIVE above AS (
        SELECT unit_id, parent_id, 0 AS height FROM organisation_place
        WHERE tenant_id = :tenant_id AND unit_id = :unit_id
          AND valid_from <= :on_day AND (valid_until IS NULL OR valid_until > :on_day)
        UNION ALL
        SELECT place.unit_id, place.parent_id, above.height + 1
        FROM above JOIN organisation_place AS place
          ON place.tenant_id = :tenant_id AND place.unit_id = above.parent_id
        WHERE place.valid_from <= :on_day
          AND (place.valid_until IS NULL OR place.valid_until > :on_day)
          AND above.height < 10
    )
    SELECT unit_id FROM above ORDER BY height DESC
""")


@dataclass
class Branch:
    """A unit with those below it on a day, for a tree on a page."""

    id: str
    version: int
    kind: str
    code: str
    name: str
    parent_id: str | None
    branches: list["Branch"] = field(default_factory=list)


def add_unit(
    uow: UnitOfWork,
    kind: str,
    code: str,
    name: str,
    *,
    parent_id: str | None = None,
    stands_for: str | None = None,
) -> OrganisationUnit:
    """Add a unit, standing under its parent from today on."""
    uow.actor.must(WRITE_ORGANISATION)
    code, name = _read(kind, code, name)
    if uow.session.scalar(select(OrganisationUnit.id).where(OrganisationUnit.code == code)):
        raise CodeTaken(code)
    unit = OrganisationUnit(
        tenant_id=uow.tenant_id,
        id=uow.new_id("org"),
        kind=kind,
        code=code,
        name=name,
        stands_for=stands_for,
    )
    _check_parent(uow, kind, parent_id)
    uow.session.add(unit)
    uow.session.flush()
    _stand(uow, unit.id, parent_id, today(uow))
    uow.record("organisation.add", Subject("organisation_unit", unit.id), facts={"code": code})
    return unit


def rename_unit(
    uow: UnitOfWork, unit_id: str, name: str, *, expected_version: int | None = None
) -> OrganisationUnit:
    """Change what a unit is called."""
    uow.actor.must(WRITE_ORGANISATION)
    unit = _locked(uow, unit_id)
    if expected_version is not None and unit.version != expected_version:
        raise StaleWrite(expected_version, unit.version)
    unit.name = _read(unit.kind, unit.code, name)[1]
    uow.record("organisation.rename", Subject("organisation_unit", unit.id, unit.version))
    return unit


def move_unit(uow: UnitOfWork, unit_id: str, parent_id: str | None, on: date) -> None:
    """Let a unit stand under another from a day on; what was before that day stays as it was.

    A move to where it stands already changes nothing. A later place that was planned is replaced.
    """
    uow.actor.must(WRITE_ORGANISATION)
    unit = _locked(uow, unit_id)
    _check_parent(uow, unit.kind, parent_id)
    places = uow.session.scalars(
        select(OrganisationPlace)
        .where(
            OrganisationPlace.unit_id == unit_id,
            or_(OrganisationPlace.valid_until.is_(None), OrganisationPlace.valid_until > on),
        )
        .order_by(OrganisationPlace.valid_from)
    ).all()
    present = places[0] if places else None
    if present is not None and present.valid_from > on:
        raise MovesBackInTime(present.valid_from.isoformat())
    if present is not None and present.parent_id == parent_id and present.valid_until is None:
        return
    for place in places:
        if place.valid_from >= on:
            uow.session.delete(place)
        else:
            place.valid_until = on
    # Closed before the new place opens: the two would overlap for the database otherwise.
    uow.session.flush()
    _stand(uow, unit_id, parent_id, on)
    facts = {"parent": parent_id, "from": on}
    uow.record("organisation.move", Subject("organisation_unit", unit_id), facts=facts)


def path_of(uow: UnitOfWork, unit_id: str, on: date | None = None) -> tuple[str, ...]:
    """Return the ids from the company down to the unit, as it stood on a day (today).

    NotFound where the unit did not stand anywhere that day.
    """
    rows = uow.session.execute(
        _PATH, {"tenant_id": uow.tenant_id, "unit_id": unit_id, "on_day": on or today(uow)}
    )
    path = tuple(row.unit_id for row in rows)
    if not path:
        raise NotFound("organisation unit", unit_id)
    return path


def tree(uow: UnitOfWork, on: date | None = None) -> list[Branch]:
    """Return the companies with everything below them on a day, each level by name."""
    day = on or today(uow)
    rows = uow.session.execute(
        select(OrganisationUnit, OrganisationPlace.parent_id)
        .join(
            OrganisationPlace,
            (OrganisationPlace.tenant_id == OrganisationUnit.tenant_id)
            & (OrganisationPlace.unit_id == OrganisationUnit.id),
        )
        .where(
            OrganisationPlace.valid_from <= day,
            or_(OrganisationPlace.valid_until.is_(None), OrganisationPlace.valid_until > day),
        )
        .order_by(OrganisationUnit.name, OrganisationUnit.id)
        .limit(UNITS_MAX)
    ).all()
    branches = {
        unit.id: Branch(unit.id, unit.version, unit.kind, unit.code, unit.name, parent_id)
        for unit, parent_id in rows
    }
    for branch in branches.values():
        if branch.parent_id in branches:
            branches[branch.parent_id].branches.append(branch)
    return [branch for branch in branches.values() if branch.parent_id not in branches]


def today(uow: UnitOfWork) -> date:
    """Return the day it is for the tenant: its business time in its own time zone."""
    zone = uow.session.scalars(select(Tenant.time_zone).where(Tenant.id == uow.tenant_id)).one()
    return uow.now.astimezone(ZoneInfo(zone)).date()


def unit_named(uow: UnitOfWork, unit_id: str) -> OrganisationUnit:
    """Return a unit; NotFound where the tenant has none by this id."""
    unit = uow.session.get(OrganisationUnit, (uow.tenant_id, unit_id))
    if unit is None:
        raise NotFound("organisation unit", unit_id)
    return unit


def places_of(uow: UnitOfWork, unit_id: str) -> Sequence[OrganisationPlace]:
    """Return where a unit stood, stands and will stand, the latest first."""
    return uow.session.scalars(
        select(OrganisationPlace)
        .where(OrganisationPlace.unit_id == unit_id)
        .order_by(OrganisationPlace.valid_from.desc())
        .limit(200)
    ).all()


def _stand(uow: UnitOfWork, unit_id: str, parent_id: str | None, on: date) -> None:
    uow.session.add(
        OrganisationPlace(
            tenant_id=uow.tenant_id,
            id=uow.new_id("plc"),
            unit_id=unit_id,
            parent_id=parent_id,
            valid_from=on,
        )
    )


def _check_parent(uow: UnitOfWork, kind: str, parent_id: str | None) -> None:
    """A parent is of a broader kind, which also keeps the tree free of circles."""
    if parent_id is None:
        if kind != "company":
            sentence = f"Choose what the {kind} stands under; only a company stands alone."
            raise Invalid((Fault("/parent", "organisation.parent_missing", sentence),))
        return
    parent = uow.session.get(OrganisationUnit, (uow.tenant_id, parent_id))
    if parent is None:
        sentence = "Choose a unit of this organisation."
        raise Invalid((Fault("/parent", "organisation.parent_unknown", sentence),))
    if KINDS.index(parent.kind) >= KINDS.index(kind):
        raise WrongLevel(kind, parent.kind)


def _locked(uow: UnitOfWork, unit_id: str) -> OrganisationUnit:
    unit = uow.session.scalar(
        select(OrganisationUnit)
        .where(OrganisationUnit.id == unit_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if unit is None:
        raise NotFound("organisation unit", unit_id)
    return unit


def _read(kind: str, code: str, name: str) -> tuple[str, str]:
    code, name = code.strip(), " ".join(name.split())
    faults = []
    if kind not in KINDS:
        faults.append(Fault("/kind", "organisation.kind", f"Choose one of {', '.join(KINDS)}."))
    if not 1 <= len(code) <= 40 or not code.replace("-", "").replace("_", "").isalnum():
        sentence = "Enter a code of letters, digits, - and _, at most 40."
        faults.append(Fault("/code", "organisation.code", sentence))
    if not 1 <= len(name) <= 100 or not name.isprintable():
        sentence = "Enter a name of at most 100 characters."
        faults.append(Fault("/name", "organisation.name", sentence))
    if faults:
        raise Invalid(tuple(faults))
    return code, name
