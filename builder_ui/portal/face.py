"""The portal as a face of the product: known by its cookie, refusing in pages for people."""

from urllib.parse import urlencode

from flask import Response, make_response, redirect, request

from builder_ui.portal.framing import page_for, stranger_links
from builder_ui.portal.visits import PORTAL_PREFIX, arrive, slug_in
from builder_ui.shell.error_pages import Failure, render_failure
from builder_ui.shell.page import Page
from builder_ui.shell.words import _, said
from kernel.errors import PermissionMissing, Refusal
from web.faces import Caller, Face
from web.problems import Problem
from web.request import current_request_id


def portal_face() -> Face:
    """Return the face that owns `/` and `/t/…`; an issuer's face, if any, is asked before it."""
    return Face("portal", _owns, _identify, refuse, trusts_cookies=True)


def refuse(problem: Problem) -> Response:
    """Answer with an error page, inside the shell where somebody is signed in.

    A stranger who opens a page is led to sign in, and back to that page afterwards.
    """
    slug = slug_in(request.path)
    if problem.status == 401 and slug is not None and _is_opening_a_page():
        wanted = urlencode({"next": request.full_path.rstrip("?")})
        return make_response(redirect(f"{PORTAL_PREFIX}{slug}/sign-in?{wanted}", 303))
    failure = Failure(
        status=problem.status,
        request_id=current_request_id(),
        told=said(problem.title) if problem.status not in (404, 500) else None,
        faults=tuple(said(fault.detail) for fault in problem.faults),
        permission=_permission(problem),
        wait_seconds=_wait(problem),
        sign_in_href=f"{PORTAL_PREFIX}{slug}/sign-in" if problem.status == 401 else None,
    )
    page = _page_inside(problem)
    body = render_failure(failure, page.links if page else stranger_links(slug), page=page)
    response = make_response(body, problem.status)
    response.headers.update(problem.headers)
    return response


def _owns(path: str) -> bool:
    return path == "/" or path.startswith(PORTAL_PREFIX)


def _identify() -> Caller | None:
    visit = arrive()
    return None if visit is None else Caller(visit.tenant_id, visit.actor)


def _is_opening_a_page() -> bool:
    return request.method in ("GET", "HEAD") and "HX-Request" not in request.headers


def _page_inside(problem: Problem) -> Page | None:
    """Return the person's shell, unless asking who they are might be what failed."""
    if problem.status >= 500:
        return None
    try:
        visit = arrive()
    except Refusal:
        return None
    return page_for(_("Error %(status)s", status=problem.status)) if visit is not None else None


def _permission(problem: Problem) -> str | None:
    return str(problem.facts["permission"]) if problem.code == PermissionMissing.code else None


def _wait(problem: Problem) -> int | None:
    seconds = problem.facts.get("retry_after_seconds")
    return int(seconds) if problem.status == 429 and seconds is not None else None
