"""Pages of roles: which there are, who holds how many, and what each allows."""

from itertools import groupby

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import go_to, page_for
from builder_ui.portal.refused import refused_form, version_in
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.wording import spoken
from builder_ui.shell.form_state import FormState
from builder_ui.shell.listing import Column
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _, said
from kernel.errors import Fault, Invalid, NotFound, Refusal
from tenants import access
from tenants.permissions import PERMISSIONS
from tenants.tables import Role
from web.access import requires
from web.request import current_actor, current_unit_of_work

NAV = (NavEntry("Administration", _("Roles"), "roles", "key", "members:read", rank=20),)

COLUMNS = (
    Column("name", _("Role")),
    Column("description", _("What for"), on_phone=False),
    Column("members", _("Members"), align="end"),
    Column("permissions", _("Permissions"), align="end", on_phone=False),
)
KEY_LENGTH_MAX = 40
NAME_LENGTH_MAX = 100
DESCRIPTION_LENGTH_MAX = 300

_TOLD = {
    "created": _("The role was created."),
    "changed": _("The role was changed. It holds from each member's next click on."),
    "deleted": _("The role was deleted."),
}

role_pages = portal_room("roles", "roles")


@role_pages.get("")
@requires("members:read")
def list_roles() -> ResponseReturnValue:
    """Show every role."""
    with current_unit_of_work() as uow:
        rows = [
            {
                "id": role.id,
                "name": role.name,
                "description": role.description,
                "members": members,
                "key": role.key,
                "permissions": len(role.permissions),
            }
            for role, members in access.roles(uow)
        ]
    return render_page(
        "portal/roles.html",
        page_for(_("Roles"), told=_TOLD),
        rows=rows,
        columns=COLUMNS,
        may_write=_may_write(),
        root=root(),
    )


@role_pages.get("/new")
@requires("roles:write")
def show_new() -> ResponseReturnValue:
    """Ask what a new role is."""
    return _role_page(None, FormState())


@role_pages.post("")
@requires("roles:write")
def create() -> ResponseReturnValue:
    """Create a role."""
    form = request.form
    try:
        name, description = _named(form.get("name", ""), form.get("description", ""))
        with current_unit_of_work() as uow:
            role = access.create_role(
                uow, _key(form.get("key", "")), name, description, form.getlist("permissions")
            )
    except Refusal as refusal:
        return _role_page(None, *refused_form(form, refusal, several=("permissions",)))
    return go_to(f"{root()}/roles/{role.id}", "created")


@role_pages.get("/<role_id>")
@requires("members:read")
def show_role(role_id: str) -> ResponseReturnValue:
    """Show one role with what it allows."""
    return _role_page(role_id)


@role_pages.post("/<role_id>")
@requires("roles:write")
def change(role_id: str) -> ResponseReturnValue:
    """Change what a role is called and allows."""
    form = request.form
    try:
        name, description = _named(form.get("name", ""), form.get("description", ""))
        with current_unit_of_work() as uow:
            access.change_role(
                uow,
                role_id,
                name=name,
                description=description,
                permissions=form.getlist("permissions"),
                expected_version=version_in(form),
            )
    except Refusal as refusal:
        return _role_page(role_id, *refused_form(form, refusal, several=("permissions",)))
    return go_to(f"{root()}/roles/{role_id}", "changed")


@role_pages.post("/<role_id>/deletion")
@requires("roles:write")
def delete(role_id: str) -> ResponseReturnValue:
    """Delete a role that nobody holds."""
    with current_unit_of_work() as uow:
        access.delete_role(uow, role_id)
    return go_to(f"{root()}/roles", "deleted")


def _role_page(
    role_id: str | None, form: FormState | None = None, status: int = 200
) -> ResponseReturnValue:
    role = None
    if role_id is not None:
        with current_unit_of_work() as uow:
            role = uow.session.get(Role, (uow.tenant_id, role_id))
        if role is None:
            raise NotFound("role", role_id)
    body = render_page(
        "portal/role.html",
        page_for(
            role.name if role is not None else _("New role"),
            Crumb(_("Roles"), f"{root()}/roles"),
            told=_TOLD,
        ),
        role=role,
        form=form or _filled(role),
        areas=permission_areas(),
        may_write=_may_write(),
        action=f"{root()}/roles/{role.id}" if role is not None else f"{root()}/roles",
        root=root(),
    )
    return body, status


def _filled(role: Role | None) -> FormState:
    if role is None:
        return FormState()
    return FormState(
        {
            "name": role.name,
            "description": role.description,
            "permissions": role.permissions,
            "version": role.version,
        }
    )


def permission_areas() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the permissions by area, in the order in which they are declared."""
    by_area = groupby(PERMISSIONS.items(), key=lambda pair: pair[0].split(":")[0])
    return [
        (spoken(area), [(str(name), said(told)) for name, told in each]) for area, each in by_area
    ]


def _may_write() -> bool:
    return current_actor().may(access.WRITE_ROLES)


def _key(text: str) -> str:
    key = text.strip()
    if (
        not 1 <= len(key) <= KEY_LENGTH_MAX
        or not key.replace("_", "").isalnum()
        or (not key.isascii() or key != key.lower())
    ):
        sentence = _("Enter a key of small letters, digits and _, such as night_shift.")
        raise Invalid((Fault("/key", "roles.key", sentence),))
    return key


def _named(name: str, description: str) -> tuple[str, str]:
    name, description = " ".join(name.split()), " ".join(description.split())
    faults = []
    if not 1 <= len(name) <= NAME_LENGTH_MAX or not name.isprintable():
        sentence = _(
            "Enter a name of at most %(name_length_max)s characters.",
            name_length_max=NAME_LENGTH_MAX,
        )
        faults.append(Fault("/name", "roles.name", sentence))
    if len(description) > DESCRIPTION_LENGTH_MAX or not description.isprintable():
        sentence = _(
            "Say it in at most %(description_length_max)s characters.",
            description_length_max=DESCRIPTION_LENGTH_MAX,
        )
        faults.append(Fault("/description", "roles.description", sentence))
    if faults:
        raise Invalid(tuple(faults))
    return name, description
