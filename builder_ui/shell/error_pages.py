"""Error pages for people: what happened, what is safe, what to do next, and the request's id."""

from dataclasses import dataclass

from flask import render_template

from builder_ui.shell.page import Page, ShellLinks
from web.problems import Problem


@dataclass(frozen=True)
class Explanation:
    """One kind of failure in words for somebody who did not cause it on purpose."""

    title: str
    text: str
    advice: str


EXPLANATIONS = {
    400: Explanation(
        "The request could not be understood",
        "Something in the address or the form was not what this page expects.",
        "Go back, check what you entered and send it again.",
    ),
    401: Explanation(
        "Please sign in",
        "You are not signed in, or your session has ended.",
        "What you typed is still in the form if you go back after signing in.",
    ),
    403: Explanation(
        "You may not do this",
        "Your roles do not include the permission this needs.",
        "Somebody who administers members can give it to you.",
    ),
    404: Explanation(
        "There is nothing here",
        "The address leads nowhere, or to something that is not yours to see.",
        "Check the address, or start again from the first page.",
    ),
    405: Explanation(
        "This page does not take that request",
        "The address exists, but not for what was asked of it.",
        "Go back and use the page's own buttons.",
    ),
    409: Explanation(
        "That is not possible as things stand",
        "The state of this record does not allow it, and nothing was changed.",
        "Look at the record again: somebody may have moved it on.",
    ),
    412: Explanation(
        "Somebody changed this while you were editing",
        "Your version was not saved, so that theirs is not lost.",
        "Open the record again, compare, and repeat your change.",
    ),
    413: Explanation(
        "That is too large",
        "The file or form is larger than this page accepts.",
        "Divide it into smaller parts.",
    ),
    422: Explanation(
        "Some of what you entered cannot be accepted",
        "Nothing was saved.",
        "Go back, mend the fields that are named, and send the form again.",
    ),
    428: Explanation(
        "The page is out of date",
        "The request did not say which version of the record it changes.",
        "Open the record again and repeat your change.",
    ),
    429: Explanation(
        "Too many requests",
        "More was asked in a short time than is allowed.",
        "Wait a moment, then try again.",
    ),
    500: Explanation(
        "Something went wrong on our side",
        "Nothing of your last request was kept; what was saved before is safe.",
        "Try again. If it happens again, tell support the request id below.",
    ),
    503: Explanation(
        "Wareflow is not available right now",
        "Nothing of your last request was kept; what was saved before is safe.",
        "Try again in a minute.",
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
        told=None if problem.is_bug else problem.title,
        faults=tuple(fault.detail for fault in problem.faults),
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
