"""Settings as people see them: by scope of the organisation, with where each value comes from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from sqlalchemy import select

from kernel import settings as kernel_settings
from kernel.access import Permission
from kernel.errors import Fault, Invalid
from kernel.settings import Declaration, Setting, declarations, declares_settings
from kernel.uow import UnitOfWork
from tenants.organisation.tables import OrganisationUnit
from tenants.organisation.tree import path_of

READ_SETTINGS = Permission("settings:read")


@declares_settings("display")
@dataclass(frozen=True)
class Display:
    """How pages write times and numbers for the people of a tenant."""

    locale: str = field(
        default="en",
        metadata={"label": "Language and region", "help": "Such as en, en_GB, de or de_CH."},
    )
    time_zone: str = field(
        default="",
        metadata={
            "label": "Time zone of pages",
            "help": "Such as Europe/Berlin; empty for the time zone of the account.",
        },
    )


@dataclass(frozen=True)
class SettingView:
    """One setting at one scope: what holds, where it was set, and who locked it.

    `version` is that of the value set at this very scope, None where it is inherited.
    """

    declaration: Declaration
    value: Any
    set_at: str | None
    origin: str
    is_own: bool
    locked_by: str | None
    lock_origin: str | None
    locks_below: bool
    version: int | None


def settings_at(uow: UnitOfWork, scope_id: str) -> list[SettingView]:
    """Return every setting as it holds at a scope: the tenant's own id, or a unit's."""
    uow.actor.must(READ_SETTINGS)
    path = scope_path(uow, scope_id)
    holds = kernel_settings.effective(uow, declarations(), path)
    names = _names(uow, path)
    own = {
        row.key: row
        for row in uow.session.scalars(select(Setting).where(Setting.scope_id == scope_id))
    }
    return [
        SettingView(
            declaration=each.declaration,
            value=each.value,
            set_at=each.set_at,
            origin=names[each.set_at] if each.set_at is not None else "Default",
            is_own=each.declaration.key in own,
            locked_by=each.locked_by,
            lock_origin=names[each.locked_by] if each.locked_by is not None else None,
            locks_below=each.declaration.key in own and own[each.declaration.key].locked,
            version=own[each.declaration.key].version if each.declaration.key in own else None,
        )
        for each in holds
    ]


def _is_locale(text: str) -> bool:
    try:
        Locale.parse(text)
    except (UnknownLocaleError, ValueError, TypeError):
        return False
    return True


# What a type alone does not say: a setting's own rule, and the sentence for who breaks it.
_RULES: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "display.locale": (_is_locale, "Enter a language, with a region or not: en, de_CH."),
    "display.time_zone": (
        lambda text: text == "" or text in available_timezones(),
        "Enter the name of a time zone, such as Europe/Berlin, or nothing.",
    ),
}


def change_setting(
    uow: UnitOfWork,
    scope_id: str,
    key: str,
    value: Any,
    *,
    locked: bool,
    expected_version: int | None = None,
) -> None:
    """Set a value at a scope, and lock it for everything below or not."""
    rule, sentence = _RULES.get(key, (None, ""))
    if rule is not None and isinstance(value, str) and not rule(value):
        raise Invalid((Fault("/value", "settings.value", sentence),))
    kernel_settings.write(
        uow,
        scope_path(uow, scope_id),
        key,
        value,
        locked=locked,
        expected_version=expected_version,
    )


def reset_setting(uow: UnitOfWork, scope_id: str, key: str) -> None:
    """Forget what a scope set, so that it inherits again."""
    scope_path(uow, scope_id)
    kernel_settings.reset(uow, scope_id, key)


def display_of(uow: UnitOfWork) -> Display:
    """Return how pages are written for this tenant."""
    return kernel_settings.load(uow, Display, ())


def scope_path(uow: UnitOfWork, scope_id: str) -> tuple[str, ...]:
    """Return the scopes from the tenant down to this one; NotFound where there is no such scope."""
    if scope_id == uow.tenant_id:
        return (uow.tenant_id,)
    return (uow.tenant_id, *path_of(uow, scope_id))


def _names(uow: UnitOfWork, scopes: Sequence[str]) -> dict[str, str]:
    rows = uow.session.scalars(select(OrganisationUnit).where(OrganisationUnit.id.in_(scopes)))
    return {uow.tenant_id: "Whole account", **{row.id: row.name for row in rows}}
