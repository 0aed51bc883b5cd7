"""Settings of a tenant: declared as dataclasses, inherited along scopes, locked from above.

A department declares a frozen dataclass with defaults. Values are stored per scope (tenant,
company, brand, region, channel, node); the nearest scope wins, and a scope may lock a value for
everything below it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, TypeVar, get_type_hints

from sqlalchemy import Boolean, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.access import Permission
from kernel.audit import Subject
from kernel.db import Table, TenantOwned, among, id_column, prepared
from kernel.errors import Conflict, Fault, Invalid, NotFound, StaleWrite
from kernel.locks import take_name
from kernel.money import Money
from kernel.uow import UnitOfWork

WRITE_SETTINGS = Permission("settings:write")


class Setting(TenantOwned, Table):
    """A value set at one scope; `locked` keeps narrower scopes from another one."""

    __tablename__ = "setting"

    scope_id: Mapped[str] = id_column()
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    locked: Mapped[bool] = mapped_column(Boolean)


@dataclass(eq=False)
class SettingLocked(Conflict):
    """A broader scope has locked this setting."""

    code: ClassVar[str] = "settings.locked"

    key: str
    locked_by: str


@dataclass(frozen=True)
class Declaration:
    """One setting as a department declares it: `key` is `<section>.<field>`."""

    key: str
    label: str
    help: str
    kind: type
    default: Any


@dataclass(frozen=True)
class Effective:
    """The value that holds at a scope, and the scope it was set at (None: the default)."""

    declaration: Declaration
    value: Any
    set_at: str | None
    locked_by: str | None


Section = TypeVar("Section")

_DECLARED: dict[str, type] = {}


def declares_settings(section: str) -> Any:
    """Class decorator: the fields of a frozen dataclass become settings of this section."""

    def register(declared: type[Section]) -> type[Section]:
        assert _DECLARED.setdefault(section, declared) is declared, f"{section} is declared twice"
        return declared

    return register


def declarations() -> list[Declaration]:
    """Return every declared setting, section by section, in the order of declaration."""
    return [
        each for section, declared in _DECLARED.items() for each in _fields_of(section, declared)
    ]


def load(uow: UnitOfWork, declared: type[Section], scope_path: Sequence[str]) -> Section:
    """Return a section as it holds at the end of a scope path, the broadest scope first.

    The tenant itself, under its own id, is always the broadest scope and need not be named.
    """
    section = next(name for name, each in _DECLARED.items() if each is declared)
    values = {
        each.declaration.key.split(".", 1)[1]: each.value
        for each in effective(uow, _fields_of(section, declared), scope_path)
    }
    return declared(**values)


def load_each(
    uow: UnitOfWork, declared: type[Section], scopes: Sequence[str]
) -> dict[str, Section]:
    """Return a section as it holds at each of these scopes, each right below the tenant.

    One statement, however many there are.
    """
    section = next(name for name, each in _DECLARED.items() if each is declared)
    known = _fields_of(section, declared)
    rows = uow.session.scalars(
        select(Setting).where(
            Setting.scope_id.in_([uow.tenant_id, *scopes]),
            Setting.key.in_([each.key for each in known]),
        )
    )
    stored = {(row.scope_id, row.key): row for row in rows}
    return {
        scope: declared(
            **{
                each.key.split(".", 1)[1]: _resolve(each, [uow.tenant_id, scope], stored).value
                for each in known
            }
        )
        for scope in scopes
    }


_AT_SCOPES = prepared(select(Setting).where(among(Setting.scope_id, "scopes")))


def effective(
    uow: UnitOfWork, declared: Sequence[Declaration], scope_path: Sequence[str]
) -> list[Effective]:
    """Return what holds at the end of a scope path for each declaration, and why."""
    scopes = [uow.tenant_id, *(scope for scope in scope_path if scope != uow.tenant_id)]
    rows = uow.session.scalars(_AT_SCOPES, {"scopes": scopes})
    stored = {(row.scope_id, row.key): row for row in rows}
    return [_resolve(each, scopes, stored) for each in declared]


def write(
    uow: UnitOfWork,
    scope_path: Sequence[str],
    key: str,
    value: Any,
    *,
    locked: bool = False,
    expected_version: int | None = None,
) -> Setting:
    """Set a value at the last scope of the path; SettingLocked where a broader scope holds it."""
    uow.actor.must(WRITE_SETTINGS)
    declaration = next((each for each in declarations() if each.key == key), None)
    if declaration is None:
        raise NotFound("setting", key)
    stored = _spelled(read_value(declaration, value))
    scopes = [uow.tenant_id, *(scope for scope in scope_path if scope != uow.tenant_id)]
    holds = effective(uow, [declaration], scopes[:-1])[0] if len(scopes) > 1 else None
    if holds is not None and holds.locked_by is not None:
        raise SettingLocked(key, holds.locked_by)
    # Nobody can lock a row that is not there yet: two first writers meet at its name.
    take_name(uow, "setting", scopes[-1], key)
    row = uow.session.scalar(
        select(Setting)
        .where(Setting.scope_id == scopes[-1], Setting.key == key)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        row = Setting(tenant_id=uow.tenant_id, scope_id=scopes[-1], key=key)
        uow.session.add(row)
    elif expected_version is not None and row.version != expected_version:
        raise StaleWrite(expected_version, row.version)
    row.value, row.locked = stored, locked
    uow.record("settings.write", Subject("setting", f"{scopes[-1]}/{key}"))
    return row


def reset(uow: UnitOfWork, scope_id: str, key: str) -> None:
    """Forget what a scope set, so that the broader scope's value holds again."""
    uow.actor.must(WRITE_SETTINGS)
    row = uow.session.get(Setting, (uow.tenant_id, scope_id, key))
    if row is None:
        raise NotFound("setting", key)
    uow.session.delete(row)
    uow.record("settings.reset", Subject("setting", f"{scope_id}/{key}"))


def read_value(declaration: Declaration, value: Any) -> Any:
    """Turn what was stored or sent into the declared type; Invalid says what is expected."""
    try:
        return _READERS[declaration.kind](value)
    except (ValueError, TypeError, KeyError, InvalidOperation) as error:
        detail = f"{declaration.label} must be {_EXPECTED[declaration.kind]}."
        raise Invalid((Fault("/value", "settings.type", detail),)) from error


def _resolve(
    declaration: Declaration, scopes: Sequence[str], stored: Mapping[tuple[str, str], Setting]
) -> Effective:
    value, set_at = declaration.default, None
    for scope in scopes:
        row = stored.get((scope, declaration.key))
        if row is None:
            continue
        value, set_at = read_value(declaration, row.value), scope
        if row.locked:
            return Effective(declaration, value, set_at, scope)
    return Effective(declaration, value, set_at, None)


def _fields_of(section: str, declared: type) -> list[Declaration]:
    hints = get_type_hints(declared)
    return [
        Declaration(
            key=f"{section}.{each.name}",
            label=each.metadata.get("label", each.name.replace("_", " ").capitalize()),
            help=each.metadata.get("help", ""),
            kind=hints[each.name],
            default=each.default,
        )
        for each in fields(declared)
    ]


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("not a whole number")
    return int(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _words(value: Any) -> str:
    # The database keeps no text with a zero character.
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not text")
    return value


def _exact(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("not an exact number")
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > _EXPONENT_MAX:
        raise ValueError("not a number that can be kept")
    return number


_EXPONENT_MAX = 100

_READERS: dict[type, Any] = {
    int: _whole,
    bool: _truth,
    str: _words,
    Decimal: _exact,
    Money: lambda value: value if isinstance(value, Money) else Money.from_json(value),
}
_EXPECTED: dict[type, str] = {
    int: "a whole number",
    bool: "true or false",
    str: "text",
    Decimal: "an exact decimal number, such as 0.25",
    Money: 'an amount with its currency, such as {"amount": "12.34", "currency": "EUR"}',
}


def _spelled(value: Any) -> Any:
    if isinstance(value, Money):
        return value.to_json()
    return str(value) if isinstance(value, Decimal) else value
