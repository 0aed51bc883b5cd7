"""Pages of settings: by scope, each value with its origin and its lock."""

from decimal import Decimal
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import current_visit, go_to, page_for
from builder_ui.portal.refused import refused_form, version_in
from builder_ui.portal.rooms import portal_room, root
from builder_ui.shell.form_state import FormState
from builder_ui.shell.listing import Column
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _, said
from kernel.errors import NotFound, Refusal
from kernel.money import Money
from kernel.settings import WRITE_SETTINGS
from tenants import settings
from tenants.organisation import tree
from tenants.organisation.tree import Branch
from tenants.settings import SettingView
from web.access import requires
from web.request import current_actor, current_unit_of_work

NAV = (NavEntry("Administration", _("Settings"), "settings", "sliders", "settings:read", rank=40),)

COLUMNS = (
    Column("label", _("Setting")),
    Column("value", _("Value")),
    Column("origin", _("Comes from"), on_phone=False),
    Column("lock", _("Lock")),
)
_TOLD = {
    "changed": _("The setting was changed; it holds from the next click on."),
    "reset": _("The setting is inherited again."),
}

settings_pages = portal_room("settings", "settings")


@settings_pages.get("")
@requires("settings:read")
def list_settings() -> ResponseReturnValue:
    """Show every setting as it holds at the scope of the address."""
    scope_id = _scope_id()
    with current_unit_of_work() as uow:
        rows = settings.settings_at(uow, scope_id)
        scopes = _scopes(tree.tree(uow))
    return render_page(
        "portal/settings.html",
        page_for(_("Settings"), told=_TOLD),
        rows=[_row(view) for view in rows],
        columns=COLUMNS,
        scopes=scopes,
        scope_id=scope_id,
        scope_name=dict(scopes).get(scope_id, scope_id).strip(),
        root=root(),
    )


@settings_pages.get("/<key>")
@requires("settings:read")
def show_setting(key: str) -> ResponseReturnValue:
    """Show one setting at the scope of the address, to be changed."""
    return _setting_page(key)


@settings_pages.post("/<key>")
@requires("settings:write")
def change(key: str) -> ResponseReturnValue:
    """Set the value at the scope of the address."""
    form = request.form
    try:
        with current_unit_of_work() as uow:
            view = _view(settings.settings_at(uow, _scope_id()), key)
            settings.change_setting(
                uow,
                _scope_id(),
                key,
                _sent(view),
                locked=form.get("locked") == "yes",
                expected_version=version_in(form),
            )
    except Refusal as refusal:
        return _setting_page(key, *refused_form(form, refusal))
    return go_to(f"{root()}/settings", "changed") if _is_whole() else _back("changed")


@settings_pages.post("/<key>/reset")
@requires("settings:write")
def reset(key: str) -> ResponseReturnValue:
    """Forget what the scope of the address set."""
    with current_unit_of_work() as uow:
        settings.reset_setting(uow, _scope_id(), key)
    return go_to(f"{root()}/settings", "reset") if _is_whole() else _back("reset")


def _setting_page(
    key: str, form: FormState | None = None, status: int = 200
) -> ResponseReturnValue:
    scope_id = _scope_id()
    with current_unit_of_work() as uow:
        view = _view(settings.settings_at(uow, scope_id), key)
        scope_name = dict(_scopes(tree.tree(uow))).get(scope_id, scope_id).strip()
    back = f"{root()}/settings?scope={scope_id}"
    body = render_page(
        "portal/setting.html",
        page_for(said(view.declaration.label), Crumb(_("Settings"), back), told=_TOLD),
        view=view,
        shown=_shown(view.value),
        kind=view.declaration.kind.__name__,
        form=form or _filled(view),
        scope_name=scope_name,
        may_write=current_actor().may(WRITE_SETTINGS),
        # A lock set here is one's own to open; one from above is not.
        is_locked_above=view.locked_by not in (None, scope_id),
        action=f"{root()}/settings/{key}",
        query=f"?scope={scope_id}",
        back=back,
    )
    return body, status


def _filled(view: SettingView) -> FormState:
    money = view.value.to_json() if isinstance(view.value, Money) else {}
    return FormState(
        {
            "value": money.get("amount", _shown(view.value)),
            "currency": money.get("currency", ""),
            "truth": "yes" if view.value is True else "",
            "locked": "yes" if view.locks_below else "",
            "version": view.version or "",
        }
    )


def _sent(view: SettingView) -> Any:
    """Return what the form holds in the shape that the setting's type is read from."""
    form = request.form
    if view.declaration.kind is bool:
        return form.get("truth") == "yes"
    text = form.get("value", "").strip()
    if view.declaration.kind is Money:
        return {"amount": text, "currency": form.get("currency", "").strip()}
    return text


def _row(view: SettingView) -> dict[str, Any]:
    return {
        "id": view.declaration.key,
        "name": said(view.declaration.label),
        "help": said(view.declaration.help),
        "value": _shown(view.value),
        "origin": _("Default") if view.set_at is None else view.origin,
        "is_own": view.is_own,
        "lock": view.lock_origin,
    }


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Money):
        spelled = value.to_json()
        return f"{spelled['amount']} {spelled['currency']}"
    return str(value) if isinstance(value, int | Decimal | str) else ""


def _view(views: list[SettingView], key: str) -> SettingView:
    found = next((view for view in views if view.declaration.key == key), None)
    if found is None:
        raise NotFound("setting", key)
    return found


def _scopes(branches: list[Branch]) -> list[tuple[str, str]]:
    """Return the whole account and every unit under it, for a select."""
    return [(current_visit().tenant_id, _("Whole account")), *_below(branches, 1)]


def _below(branches: list[Branch], depth: int) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for branch in branches:
        found.append((branch.id, "\u2003" * depth + branch.name))
        found += _below(branch.branches, depth + 1)
    return found


def _scope_id() -> str:
    return request.args.get("scope") or current_visit().tenant_id


def _is_whole() -> bool:
    return _scope_id() == current_visit().tenant_id


def _back(told: str) -> ResponseReturnValue:
    return go_to(f"{root()}/settings?scope={_scope_id()}", told)
