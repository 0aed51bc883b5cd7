"""Forms of any kind of thing: shown, refused with the words kept, saved, and led on from."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from builder_ui.portal.catalog.things import FormField, Thing
from builder_ui.portal.framing import page_for
from builder_ui.portal.rooms import root as tenant_root
from builder_ui.shell.form_state import FormState
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _, said
from commerce.catalog import queries
from commerce.catalog.errors import CodeTaken, ExternalIdTaken, GtinTaken
from kernel.errors import Conflict, Fault, Invalid, NotFound, Refusal, StaleWrite
from kernel.uow import UnitOfWork
from web.request import current_unit_of_work

_FIELD_OF_REFUSAL: dict[type[Refusal], str] = {
    CodeTaken: "code",
    GtinTaken: "gtin",
    ExternalIdTaken: "external_id",
}
STALE = _(
    "Somebody changed this while you were editing. Your words are still here: "
    "compare with what is saved, then save again."
)

Save = Callable[[UnitOfWork], Any]


class FieldRefused(Exception):
    """A form's words cannot be read: a sentence for each field that is wrong."""

    def __init__(self, told: dict[str, str]) -> None:
        """Take the sentences by field."""
        super().__init__(told)
        self.told = told


def messages_of(error: Exception) -> dict[str, list[str]] | None:
    """Return a refusal as sentences by field, or None where it is not for a form to show."""
    if isinstance(error, FieldRefused):
        return {name: [told] for name, told in error.told.items()}
    if isinstance(error, Invalid):
        messages: dict[str, list[str]] = {}
        for fault in error.errors:
            messages.setdefault(_field_of(fault), []).append(said(fault.detail))
        return messages
    if isinstance(error, StaleWrite):
        return {"": [str(STALE)]}
    if isinstance(error, Conflict):
        return {_FIELD_OF_REFUSAL.get(type(error), ""): [said(error.title)]}
    return None


def create_view(thing: Thing) -> Callable[[], ResponseReturnValue]:
    """Return the view of `…/<path>/new`."""

    def view() -> ResponseReturnValue:
        here = f"{tenant_root()}/catalog/{thing.path}"
        assert thing.create is not None, "a thing with a form of its own can be created"
        create = thing.create
        if request.method == "POST":
            refused = saved(
                lambda uow: create(uow, thing.read(uow, request.form)).id,
                lambda identity: f"{here}/{identity}?told=created",
            )
            if not isinstance(refused, FormState):
                return refused
            return _shown(thing, _("Add a %(one)s", one=thing.words.one), here, here, refused), 422
        return _shown(
            thing,
            _("Add a %(one)s", one=thing.words.one),
            here,
            here,
            FormState(dict(request.args)),
        )

    return view


def edit_view(thing: Thing) -> Callable[[str], ResponseReturnValue]:
    """Return the view of `…/<path>/<id>/edit`."""

    def view(identity: str) -> ResponseReturnValue:
        here = f"{tenant_root()}/catalog/{thing.path}/{identity}"
        with current_unit_of_work() as uow:
            row = queries.one(uow, thing.table, identity)
            name, version = row.code, row.version
            form = FormState({**thing.values(uow, row), "version": version})
        if request.method == "GET":
            return _shown(thing, _("Change %(name)s", name=name), here, f"{here}/edit", form)
        refused = saved(
            lambda uow: thing.change(
                uow,
                identity,
                thing.read(uow, request.form),
                expected_version=version_in(request.form.get("version", "")),
            ),
            lambda _: f"{here}?told=changed",
        )
        if not isinstance(refused, FormState):
            return refused
        # Saving again is then about what is saved now, after a look at it.
        again = FormState({**refused.values, "version": version}, refused.faults, is_returned=True)
        return _shown(thing, _("Change %(name)s", name=name), here, f"{here}/edit", again), 422

    return view


def saved(save: Save, href: Callable[[Any], str]) -> ResponseReturnValue | FormState:
    """Save in one transaction and lead on; a refusal comes back as the form to show again."""
    try:
        with current_unit_of_work() as uow:
            outcome = save(uow)
    except (FieldRefused, Refusal) as error:
        messages = messages_of(error)
        if messages is None:
            raise
        values: dict[str, object] = {
            name: words if len(words) > 1 else words[0] for name, words in request.form.lists()
        }
        return FormState.returned(values, messages)
    return redirect(href(outcome), 303)


def by_name(form: FormState, fields: Sequence[FormField]) -> FormState:
    """Return a form whose faults name their field, because the summary tells them apart from it."""
    labels = {field.name: field.label for field in fields}
    faults = {
        name: tuple(
            f"{labels[name]} {each.removeprefix('This ')}"
            if name in labels and each.startswith("This must")
            else each
            for each in told
        )
        for name, told in form.faults.items()
    }
    return FormState(form.values, faults, form.is_returned)


def version_in(text: str) -> int | None:
    """Return the version that a form was opened at; None where it says none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def code_in(uow: UnitOfWork, table: type[Any], form_words: str, field: str, what: str) -> str:
    """Return the id of the thing whose code was typed, or refuse with a sentence."""
    try:
        found: str = queries.by_code(uow, table, form_words).id
    except NotFound as error:
        told = _("Choose a %(what)s from the list, or write its code.", what=what)
        raise FieldRefused({field: told}) from error
    return found


def _shown(thing: Thing, title: str, back: str, action: str, form: FormState) -> str:
    root = tenant_root()
    with current_unit_of_work() as uow:
        fields: Sequence[FormField] = thing.fields(uow, root)
    form = by_name(form, fields)
    above = Crumb(thing.words.titled, f"{root}/catalog/{thing.path}")
    return render_page(
        "portal/catalog/form.html",
        page_for(title, above),
        form=form,
        fields=fields,
        action=action if action.endswith("/edit") else f"{action}/new",
        back=back,
        submit=_("Add the %(one)s", one=thing.words.one) if action == back else _("Save"),
    )


def _field_of(fault: Fault) -> str:
    """Return the field that a fault points at: a list's member points at the list."""
    first = fault.pointer.strip("/").split("/")[0]
    return {"node_id": "node"}.get(first, first)
