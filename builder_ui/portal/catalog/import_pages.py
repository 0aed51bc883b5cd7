"""The pages of an import: upload, columns, dry run, import, result, all at one address."""

from typing import Any

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from builder_ui.portal.catalog.forms import saved
from builder_ui.portal.framing import page_for
from builder_ui.portal.page_turns import Turner
from builder_ui.portal.rooms import root as tenant_root
from builder_ui.shell.form_state import FormState
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _, said
from commerce.catalog import queries
from commerce.catalog.access import WRITE
from commerce.catalog.imports import queries as import_queries
from commerce.catalog.imports import service
from commerce.catalog.imports.columns import FIELDS
from commerce.catalog.imports.errors import FileRefused
from commerce.catalog.imports.judging import OUTCOMES, Outcome
from commerce.catalog.imports.tables import ImportRun
from commerce.catalog.tables import Product
from commerce.ids import ImportRunId
from kernel.uow import UnitOfWork
from web.request import current_actor, current_runtime, current_unit_of_work

FAULTS_SHOWN = 50
RUNNING = ("checking", "importing", "undoing")
JUDGED = ("checked", "done", "undone")
STEPS = {
    "uploaded": _("Check"),
    "checking": _("Check"),
    "checked": _("Check"),
    "importing": _("Import"),
    "done": _("Result"),
    "undoing": _("Result"),
    "undone": _("Result"),
    "cancelled": _("Result"),
}
STATES = {
    "uploaded": (_("Columns open"), "accent"),
    "checking": (_("Being checked"), "accent"),
    "checked": (_("Checked"), "accent"),
    "importing": (_("Being imported"), "accent"),
    "done": (_("Imported"), "ok"),
    "undoing": (_("Being taken back"), "accent"),
    "undone": (_("Taken back"), "neutral"),
    "cancelled": (_("Given up"), "neutral"),
}
WORDS: dict[Outcome, tuple[str, str, str]] = {
    "create": (_("New"), _("Added"), "ok"),
    "change": (_("Changed"), _("Changed"), "neutral"),
    "unchanged": (_("Unchanged"), _("Unchanged"), "neutral"),
    "bad": (_("With faults"), _("Left out"), "bad"),
}
UNDONE = {"undone": (_("Taken back"), "ok"), "kept": (_("Kept"), "warn")}
COLUMNS = (
    Column("file", _("File")),
    Column("state", _("State")),
    Column("rows", _("Rows"), align="end"),
    Column("started", _("Started"), on_phone=False),
)


def show_runs() -> str:
    """Show every import, the newest first."""
    root = tenant_root()
    listing = Listing.read(f"{root}/catalog/imports", request.args, sorts=("-created",))
    with current_unit_of_work() as uow:
        turned = Turner(current_runtime().cursors, uow.tenant_id).turn(
            listing, lambda wish: import_queries.runs(uow, wish), lambda run: (run.id,)
        )
    return render_page(
        "portal/catalog/imports.html",
        page_for(_("Imports")),
        turned=turned,
        columns=COLUMNS,
        states=STATES,
        path=listing.path,
        may_write=current_actor().may(WRITE),
    )


def upload() -> ResponseReturnValue:
    """Show the form for a file, and take one."""
    root = tenant_root()
    form = FormState()
    if request.method == "POST":
        outcome = _taken(f"{root}/catalog/imports")
        if not isinstance(outcome, FormState):
            return outcome
        form = outcome
    html = render_page(
        "portal/catalog/import_new.html",
        page_for(_("Import products"), Crumb(_("Imports"), f"{root}/catalog/imports")),
        form=form,
        action=f"{root}/catalog/imports/new",
        fields=FIELDS,
    )
    return html, 422 if form.is_returned else 200


def show_run(identity: str) -> ResponseReturnValue:
    """Show an import at the step where it is."""
    with current_unit_of_work() as uow:
        run = import_queries.run(uow, ImportRunId(identity))
        if "poll" in request.args and run.state not in RUNNING:
            # Asked for by the progress bar: the page around it has a new step to show.
            return Response(headers={"HX-Redirect": _here(run)})
        return _shown(uow, run, FormState({f"column.{i}": f for i, f in enumerate(run.fields)}))


def check(identity: str) -> ResponseReturnValue:
    """Take the mapping and start the dry run; a mapping that cannot be is shown again."""
    run_id = ImportRunId(identity)
    with current_unit_of_work() as uow:
        columns = len(import_queries.run(uow, run_id).header)
    fields = [request.form.get(f"column.{index}", "") for index in range(columns)]
    refused = saved(lambda uow: service.check(uow, run_id, fields), _here)
    if not isinstance(refused, FormState):
        return refused
    with current_unit_of_work() as uow:
        run = import_queries.run(uow, run_id)
        return _shown(uow, run, refused), 422


def accept(identity: str) -> ResponseReturnValue:
    """Write the good rows."""
    return _moved(lambda uow: service.accept(uow, ImportRunId(identity)), identity)


def cancel(identity: str) -> ResponseReturnValue:
    """Give the file up."""
    return _moved(lambda uow: service.cancel(uow, ImportRunId(identity)), identity)


def undo(identity: str) -> ResponseReturnValue:
    """Take everything back that nobody changed since."""
    return _moved(lambda uow: service.undo(uow, ImportRunId(identity)), identity)


def download_bad_rows(identity: str) -> Response:
    """Return the rows with faults as a file to mend and upload again."""
    with current_unit_of_work() as uow:
        run = import_queries.run(uow, ImportRunId(identity))
        text = import_queries.bad_rows_file(uow, run)
    headers = {"Content-Disposition": f'attachment; filename="rows-with-faults-{run.id}.csv"'}
    return Response(text, mimetype="text/csv", headers=headers)


def _taken(path: str) -> ResponseReturnValue | FormState:
    file = request.files.get("file")
    if file is None or not file.filename:
        return FormState.returned({}, {"file": [_("Choose a CSV file.")]})
    name, content = file.filename, file.read()
    try:
        with current_unit_of_work() as uow:
            run = service.upload(uow, name, content)
    except FileRefused as error:
        facts = error.facts()
        told = said(error.title)
        if "line" in facts:
            told = _("%(told)s (line %(line)s)", told=told, line=facts["line"])
        most = [_("At most %(limit)s rows.", limit=f"{limit:,}") for limit in _limits(facts)]
        return FormState.returned({}, {"file": [" ".join([told, *most])]})
    return redirect(f"{path}/{run.id}", 303)


def _limits(facts: dict[str, Any]) -> list[int]:
    return [facts["rows_max"]] if "rows_max" in facts else []


def _moved(verb: Any, identity: str) -> ResponseReturnValue:
    refused = saved(verb, _here)
    if not isinstance(refused, FormState):
        return refused
    with current_unit_of_work() as uow:
        run = import_queries.run(uow, ImportRunId(identity))
        return _shown(uow, run, refused), 409


def _here(run: ImportRun) -> str:
    return f"{tenant_root()}/catalog/imports/{run.id}"


def _shown(uow: UnitOfWork, run: ImportRun, form: FormState) -> str:
    root, here = tenant_root(), _here(run)
    outcome = next((each for each in OUTCOMES if each == request.args.get("outcome")), None)
    after = request.args.get("after", "")
    place = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    is_judged = run.state in JUDGED
    found = import_queries.judged_rows(uow, run, outcome, after=place) if is_judged else None
    bad = import_queries.judged_rows(uow, run, "bad", limit=FAULTS_SHOWN) if is_judged else None
    names = {row.product_id for row in (found.rows if found else ()) if row.product_id}
    return render_page(
        "portal/catalog/import.html",
        page_for(run.file_name, Crumb(_("Imports"), f"{root}/catalog/imports")),
        run=run,
        here=here,
        root=root,
        form=form,
        step=STEPS[run.state],
        is_running=run.state in RUNNING,
        columns=_columns(uow, run) if run.state in ("uploaded", "checked") else (),
        fields=[(field.name, said(field.label), field.is_required) for field in FIELDS],
        counts=_counts(run),
        bad=_faults(bad.rows if bad else ()),
        found=found,
        outcome=outcome,
        words=WORDS,
        undone=UNDONE,
        tabs=_tabs(run, here),
        tab=WORDS[outcome][1] if outcome else _("All"),
        products=queries.by_ids(uow, Product, names),
        may_write=current_actor().may(WRITE),
    )  # fmt: skip


def _tabs(run: ImportRun, here: str) -> list[tuple[str, str, int]]:
    by_outcome = [
        (WORDS[each][1], f"{here}?outcome={each}", run.counts.get(each, 0)) for each in OUTCOMES
    ]
    return [(_("All"), here, run.row_count), *by_outcome]


def _counts(run: ImportRun) -> list[tuple[str, int, str]]:
    place = 0 if run.state == "checked" else 1
    return [(WORDS[each][place], run.counts.get(each, 0), WORDS[each][2]) for each in OUTCOMES]


def _faults(rows: Any) -> list[dict[str, Any]]:
    return [
        {"row": row.number, "column": each.column, "value": each.value, "told": each.told}
        for row in rows
        for each in row.faults
    ][:FAULTS_SHOWN]


def _columns(uow: UnitOfWork, run: ImportRun) -> list[dict[str, Any]]:
    rows = import_queries.first_rows(uow, run)
    return [
        {
            "heading": heading or _("Column %(index)s", index=index + 1),
            "examples": [row[index][:40] for row in rows if index < len(row) and row[index]],
        }
        for index, heading in enumerate(run.header)
    ]
