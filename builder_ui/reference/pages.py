"""`/docs/api`: the reference of the API, open to everybody who wants to build on it."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from flask import Blueprint, Flask, Response, current_app, make_response, redirect, request
from flask.typing import ResponseReturnValue

from builder_ui.reference.highlighting import highlighted
from builder_ui.reference.reading import ROOT, Operation, Reference
from builder_ui.reference.snippets import token_request
from builder_ui.shell.error_pages import failure_of, render_failure
from builder_ui.shell.listing import Listing
from builder_ui.shell.page import Crumb, Page, ShellLinks
from builder_ui.shell.rendering import render_page
from kernel.errors import NotFound
from web.access import public
from web.faces import Face
from web.problems import Problem
from web.request import current_request_id, current_runtime

EXTENSION = "wareflow_reference"
_LINKS = ShellLinks(home=ROOT, search=f"{ROOT}/search")

reference_pages = Blueprint("reference", __name__)


def reference_face() -> Face:
    """Return the face that owns `/docs` and `/problems`: it knows nobody, and refuses in pages."""
    return Face("docs", _owns, lambda: None, _refuse)


def install_reference(app: Flask, document: Callable[[], Mapping[str, Any]]) -> None:
    """Serve the reference of a document, which is read when the first page is asked for."""

    @cache
    def reference() -> Reference:
        return Reference(document(), current_runtime().config.public_url)

    app.extensions[EXTENSION] = reference
    app.jinja_env.globals["highlighted"] = highlighted
    app.register_blueprint(reference_pages)


@reference_pages.get(ROOT)
@public()
def overview() -> str:
    """Tell what holds for every operation, chapter by chapter."""
    return _page(
        "overview.html", "API reference", token_example=token_request(_reference().base_url)
    )


@reference_pages.get(f"{ROOT}/search")
@public()
def search() -> str:
    """List the operations that say the words."""
    listing = Listing.read(request.path, request.args, sorts=("name",))
    found = _reference().search(listing.q) if listing.q else ()
    return _page("search.html", "Search the reference", listing=listing, found=found)


@reference_pages.get(f"{ROOT}/problems")
@public()
def problems() -> str:
    """List every code with which a request may be refused."""
    return _page("problems.html", "Problems")


@reference_pages.get(f"{ROOT}/explorer")
@public()
def explorer() -> str:
    """Let people try operations with a token of their own."""
    return _page("explorer.html", "Explorer")


@reference_pages.get("/problems/<code>")
@public()
def problem(code: str) -> ResponseReturnValue:
    """Lead from the `type` of a problem to what is told of it."""
    if code not in {each.code for each in _reference().problems}:
        raise NotFound("problem", code)
    return redirect(f"{ROOT}/problems#{code}", 303)


@reference_pages.get(f"{ROOT}/<tag>")
@public()
def operations_of(tag: str) -> str:
    """List the operations of one resource."""
    found = next((each for each in _reference().tags if each.slug == tag), None)
    if found is None:
        raise NotFound("page", request.path)
    return _page("tag.html", found.title, tag=found)


@reference_pages.get(f"{ROOT}/<tag>/<operation>")
@public()
def show_operation(tag: str, operation: str) -> str:
    """Show one operation: parameters, body, answer, problems and examples."""
    found = _reference().operations.get((tag, operation))
    if found is None:
        raise NotFound("page", request.path)
    return _page("operation.html", found.summary.rstrip("."), operation=found)


def _page(template: str, title: str, **context: object) -> str:
    reference = _reference()
    crumbs = [Crumb("API reference", ROOT), Crumb(title)] if request.path != ROOT else []
    shown = context.get("operation")
    if isinstance(shown, Operation):
        tag = next(each for each in reference.tags if each.slug == shown.tag)
        crumbs.insert(1, Crumb(tag.title, tag.href))
    page = Page(title=title, links=_LINKS, breadcrumb=tuple(crumbs))
    current = request.path
    return render_page(
        f"reference/{template}", page, reference=reference, current=current, **context
    )


def _reference() -> Reference:
    read: Callable[[], Reference] = current_app.extensions[EXTENSION]
    return read()


def _owns(path: str) -> bool:
    return path == "/docs" or path.startswith(("/docs/", "/problems/"))


def _refuse(problem: Problem) -> Response:
    failure = failure_of(problem, current_request_id())
    response = make_response(render_failure(failure, _LINKS), problem.status)
    response.headers.update(problem.headers)
    return response
