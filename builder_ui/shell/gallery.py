"""The component gallery at /dev/ui: every part of the design system, alive, on sample words."""

from flask import Blueprint, abort, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from builder_ui.shell import gallery_samples as samples
from builder_ui.shell.error_pages import EXPLANATIONS, Failure, render_failure
from builder_ui.shell.form_state import FormState
from builder_ui.shell.formats import Formats
from builder_ui.shell.languages import Languages
from builder_ui.shell.listing import Listing
from builder_ui.shell.page import Crumb, Notice, Page, ShellLinks, Theme, Viewer
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import language
from web.access import public

ROOT = "/dev/ui"
THEMES: tuple[Theme, ...] = ("system", "light", "dark")
ROWS_PER_PAGE = 25
IMPORT_ROWS = 1000

gallery = Blueprint("gallery", __name__, url_prefix=ROOT)


@gallery.get("")
@public()
def components() -> str:
    """Show every component once."""
    page = _page("Components", notices=(Notice("The members were imported.", "ok"),))
    return render_page(
        "dev/components.html",
        page,
        samples=samples,
        form=FormState(samples.FORM_VALUES),
        refused=FormState.returned(samples.REFUSED_VALUES, samples.REFUSED_MESSAGES),
    )


@gallery.get("/list")
@public()
def list_page() -> str:
    """Show the list pattern: search, filter, sort and page live in the address."""
    listing = Listing.read(
        f"{ROOT}/list",
        request.args,
        sorts=("name", "joined_on", "role"),
        filters=("role", "status"),
    )
    found = samples.find(listing)
    start = min(int(listing.cursor or 0), len(found)) if (listing.cursor or "0").isdigit() else 0
    end = min(start + ROWS_PER_PAGE, len(found))
    return render_page(
        "dev/list.html",
        _page("Sample list", Crumb("Components", ROOT), Crumb("Sample list")),
        listing=listing,
        columns=samples.COLUMNS,
        rows=found[start:end],
        total=len(found),
        shown=f"{start + 1} to {end} of {len(found)} members" if found else "No members",
        roles=samples.ROLES,
        statuses=samples.STATUSES,
        next_href=listing.page_href(str(end)) if end < len(found) else None,
        previous_href=listing.page_href(str(max(0, start - ROWS_PER_PAGE))) if start else None,
    )


@gallery.post("/list")
@public()
def choose_rows() -> ResponseReturnValue:
    """Tell how many rows a bulk action would have touched."""
    chosen = request.form.getlist("id")
    page = _page("Chosen rows", Crumb("Components", ROOT), Crumb("Chosen rows"))
    return render_page("dev/chosen.html", page, chosen=chosen, form=request.form)


@gallery.route("/form", methods=["GET", "POST"])
@public()
def form_page() -> ResponseReturnValue:
    """Show a whole form, its faults, and what a good one leads to."""
    crumbs = (Crumb("Components", ROOT), Crumb("Sample form"))
    if request.method == "GET":
        return render_page("dev/form.html", _page("Sample form", *crumbs), form=FormState())
    name, email = request.form.get("name", "").strip(), request.form.get("email", "").strip()
    faults = {
        "name": [] if name else ["Enter the name as it should appear in lists."],
        "email": [] if "@" in email else ["Enter an e-mail address, such as ana@acme.example."],
    }
    if any(faults.values()):
        form = FormState.returned(request.form, {key: told for key, told in faults.items() if told})
        return render_page("dev/form.html", _page("Sample form", *crumbs), form=form), 422
    return redirect(url_for("gallery.components"), 303)


@gallery.get("/steps")
@public()
def steps_page() -> str:
    """Show an import from upload to result, every step on one page.

    Each look at the progress asks for the next third of it, so the bar moves without a job.
    """
    asked = request.args.get("done", "0")
    done = min(int(asked), IMPORT_ROWS) if asked.isdigit() else 0
    onwards = f"{ROOT}/steps?done={done + IMPORT_ROWS // 3 + 1}" if done < IMPORT_ROWS else None
    return render_page(
        "dev/steps.html",
        _page("Sample import", Crumb("Components", ROOT), Crumb("Sample import")),
        samples=samples,
        form=FormState(),
        mapping=FormState(samples.MAPPING),
        done=done,
        total=IMPORT_ROWS,
        poll_href=onwards,
    )


@gallery.route("/task", methods=["GET", "POST"])
@public()
def task_page() -> ResponseReturnValue:
    """Show the task split view, its decision and the story of a run."""
    decision, reason = request.args.get("decision"), request.form.get("reason", "").strip()
    lacks_reason = decision == "rejected" and not reason
    if request.method == "POST" and not lacks_reason:
        return redirect(url_for("gallery.task_page", told=f"The task was {decision}."), 303)
    told = request.args.get("told")
    page = _page(
        "Sample task",
        Crumb("Components", ROOT),
        Crumb("Sample task"),
        notices=(Notice(told, undo_action=f"{ROOT}/undo"),) if told else (),
    )
    open_id = request.args.get("task")
    faults = {"reason": ["Say why: the requester has to know what to change."]}
    html = render_page(
        "dev/task.html",
        page,
        samples=samples,
        columns=samples.TASK_COLUMNS,
        tasks=samples.TASKS,
        open=next((task for task in samples.TASKS if task.id == open_id), None),
        form=FormState.returned(request.form, faults) if lacks_reason else FormState(),
    )
    return html, 422 if lacks_reason else 200


@gallery.post("/undo")
@public()
def undo() -> ResponseReturnValue:
    """Lead back to the tasks, as an undone decision would."""
    return redirect(url_for("gallery.task_page"), 303)


@gallery.get("/sign-in")
@public()
def bare_page() -> str:
    """Show the bare layout."""
    page = Page(title="Sign in", links=ShellLinks(home=ROOT))
    return render_page("dev/bare.html", page, form=FormState())


@gallery.get("/failures/<int:status>")
@public()
def failure_page(status: int) -> ResponseReturnValue:
    """Show an error page as people meet it."""
    if status not in EXPLANATIONS:
        abort(404)
    failure = Failure(
        status,
        request_id="req_01jd3w8m4t",
        permission="members.invite" if status == 403 else None,
        wait_seconds=30 if status == 429 else None,
        sign_in_href=f"{ROOT}/sign-in" if status == 401 else None,
    )
    links = ShellLinks(home=ROOT, search=f"{ROOT}/list")
    page = _page(EXPLANATIONS[status].title) if "inside" in request.args else None
    return render_failure(failure, links, page=page), status


@gallery.get("/suggestions")
@public()
def suggest() -> ResponseReturnValue:
    """Answer the combobox with members whose name holds the words."""
    words = request.args.get("q", "").strip().lower()
    found = [member for member in samples.MEMBERS if words and words in member.name.lower()]
    return jsonify(
        [{"value": each.email, "label": each.name, "hint": each.email} for each in found[:8]]
    )


@gallery.post("/theme")
@public()
def choose_theme() -> ResponseReturnValue:
    """Lead back to the gallery in the chosen theme; the gallery keeps nothing."""
    return redirect(url_for("gallery.components", theme=request.form.get("theme", "system")), 303)


def _page(title: str, *crumbs: Crumb, notices: tuple[Notice, ...] = ()) -> Page:
    if request.args.get("locale") == "ar":
        g.language = Languages(with_pseudo=True).of("ar_XB")
    asked = request.args.get("theme", "system")
    theme: Theme = next((theme for theme in THEMES if theme == asked), "system")
    return Page(
        title=title,
        links=ShellLinks(
            home=ROOT, search=f"{ROOT}/list", help=ROOT, theme=f"{ROOT}/theme", sign_out=ROOT
        ),
        tenant_name="Acme Mugs",
        viewer=Viewer(
            "Ana Ruiz",
            "ana@acme.example",
            theme=theme,
            single_key_shortcuts=request.args.get("keys") != "off",
        ),
        nav=samples.NAVIGATION.sections_for(
            (), root="/dev", current=request.path, counts={"ui/task": len(samples.TASKS)}
        ),
        formats=Formats(locale=language().formats),
        breadcrumb=crumbs,
        notices=notices,
    )
