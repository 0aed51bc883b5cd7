"""Error pages for people: what happened, what is safe, what to do next, and the request's id."""

from dataclasses import dataclass

from flask import render_template

from builder_ui.shell.page import Page, ShellLinks
from builder_ui.shell.words import _, said
from web.problems import Problem


@dataclass(frozen=True)
class Explanation:
    """One kind of failure in words for somebody who did not cause it on purpose."""

    title: str
    text: str
    advice: str


EXPLANATIONS = {
    400: Explanation(
        _("The request could not be understood"),
        _("Something in the address or the form was not what this page expects."),
        _("Go back, check what you entered and send it again."),
    ),
    401: Explanation(
        _("Please sign in"),
        _("You are not signed in, or your session has ended."),
        _("What you typed is still in the form if you go back after signing in."),
    ),
    403: Explanation(
        _("You may not do this"),
        _("Your roles do not include the permission this needs."),
        _("Somebody who administers members can give it to you."),
    ),
    404: Explanation(
        _("There is nothing here"),
        _("The address leads nowhere, or to something that is not yours to see."),
        _("Check the address, or start again from the first page."),
    ),
    405: Explanation(
        _("This page does not take that request"),
        _("The address exists, but not for what was asked of it."),
        _("Go back and use the page's own buttons."),
    ),
    409: Explanation(
        _("That is not possible as things stand"),
        _("The state of this record does not allow it, and nothing was changed."),
        _("Look at the record again: somebody may have moved it on."),
    ),
    412: Explanation(
        _("Somebody changed this while you were editing"),
        _("Your version was not saved, so that theirs is not lost."),
        _("Open the record again, compare, and repeat your change."),
    ),
    413: Explanation(
        _("That is too large"),
        _("The file or form is larger than this page accepts."),
        _("Divide it into smaller parts."),
    ),
    422: Explanation(
        _("Some of what you entered cannot be accepted"),
        _("Nothing was saved."),
        _("Go back, mend the fields that are named, and send the form again."),
    ),
    428: Explanation(
        _("The page is out of date"),
        _("The request did not say which version of the record it changes."),
        _("Open the record again and repeat your change."),
    ),
    429: Explanation(
        _("Too many requests"),
        _("More was asked in a short time than is allowed."),
        _("Wait a moment, then try again."),
    ),
    500: Explanation(
        _("Something went wrong on our side"),
        _("Nothing of your last request was kept; what was saved before is safe."),
        _("Try again. If it happens again, tell support the request id below."),
    ),
    503: Explanation(
        _("Wareflow is not available right now"),
        _("Nothing of your last request was kept; what was saved before is safe."),
        _("Try again in a minute."),
    ),
}


@dataclass(frozen=True)
class Failure:
    """One failed request. `told` is the refusal's own sentence; `faults` name fields or facts.

    `permission` names what a 403 lacks, `wait_seconds` says how long a 429 lasts.
    """

    status: int
    request_id: str
    told: str | None = None
    faults: tuple[str, ...] = ()
    permission: str | None = None
    wait_seconds: int | None = None
    sign_in_href: str | None = None


def failure_of(problem: Problem, request_id: str, *, sign_in_href: str | None = None) -> Failure:
    """Turn problem details into what a person is shown; a 429 or 503 says how long to wait."""
    wait = problem.headers.get("Retry-After", "")
    permission = problem.facts.get("permission")
    return Failure(
        problem.status,
        request_id,
        told=None if problem.is_bug else said(problem.title),
        faults=tuple(said(fault.detail) for fault in problem.faults),
        permission=str(permission) if permission else None,
        wait_seconds=int(wait) if wait.isdigit() else None,
        sign_in_href=sign_in_href if problem.status == 401 else None,
    )


def render_failure(failure: Failure, links: ShellLinks, *, page: Page | None = None) -> str:
    """Render the error page; with `page` inside the person's shell, else bare.

    It needs neither database nor session, so it can be shown when those are what failed.
    """
    nearest = 500 if failure.status >= 500 else 400
    explanation = EXPLANATIONS.get(failure.status, EXPLANATIONS[nearest])
    return render_template(
        "shell/failure.html",
        page=page or Page(title=explanation.title, links=links),
        failure=failure,
        explanation=explanation,
        layout="shell/layout.html" if page else "shell/bare.html",
    )
