"""One resource of the public API: its operations, declared once, served and documented alike.

An operation opens one unit of work and gives it to its view, which calls a verb or a query and
returns what the answer's schema shows. The idempotency record, the answer and the effect are
one transaction.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, Unpack

from flask_smorest import Blueprint

from api.document import ProblemFields
from api.operation import Method, Operation, Shape
from api.parser import JSON, MERGE_PATCH, StrictParser
from api.performance import perform
from api.refusals import problems_of
from kernel.idempotency import KEY_LENGTH_MAX
from web.access import requires
from web.problems import MEDIA_TYPE

View = TypeVar("View", bound=Callable[..., Any])

_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Names the request: sent again with the same key, it has one effect.",
    "schema": {
        "type": "string",
        "pattern": r"^[!-~]+$",
        "minLength": 1,
        "maxLength": KEY_LENGTH_MAX,
    },
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of what you read: your change applies to nothing else.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,15}-[0-9a-f]{16}"$'},
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of what you hold: 304 says that it is current.",
    "schema": {"type": "string"},
}


class Resource(Blueprint):  # type: ignore[misc] # flask-smorest publishes no types.
    """A blueprint whose routes are declared with `operation`."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, description: str) -> None:
        """Name the resource as in its address: `products` lives at `/api/products`."""
        address = f"/api/{name.replace('_', '-')}"
        super().__init__(name, __name__, url_prefix=address, description=description)
        self._prepare_doc_cbks.append(_describe)
        self.permissions: set[str] = set()

    def operation(
        self, method: Method, rule: str, permission: str, **shape: Unpack[Shape]
    ) -> Callable[[View], View]:
        """Serve a view: `view(uow, *, body, query, expected_version, <parts of the address>)`.

        It is given only what the operation declares. The answer is dumped inside the unit of
        work, before the commit.
        """
        declared = Operation(method, permission, **shape)
        self.permissions.add(permission)

        def decorate(view: View) -> View:
            self.route(rule, methods=[method])(self._served(declared, view))
            return view

        return decorate

    def _served(self, declared: Operation, view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def call(**arguments: Any) -> Any:
            return perform(declared, view, arguments)

        call = self.response(declared.status, declared.answer)(call)
        if declared.body is not None:
            partial = declared.method == "PATCH"
            call = self.arguments(
                declared.body(partial=partial),
                location="json",
                arg_name="body",
                content_type=MERGE_PATCH if partial else JSON,
            )(call)
        call = self.arguments(declared.query, location="query", arg_name="query")(call)
        call = self.doc(
            operationId=f"{self.name}_{view.__name__}",
            security=[{"token": [declared.permission]}],
        )(call)
        # smorest's own notes, which it hands to what describes the operation.
        call._apidoc.update(declared=declared, view=view)  # type: ignore[attr-defined]
        return requires(declared.permission)(call)


def _describe(doc: dict[str, Any], notes: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add to an operation's document what the house does around every view."""
    declared: Operation = notes["declared"]
    headers = doc.setdefault("parameters", [])
    responses = doc.setdefault("responses", {})
    for status, problems in problems_of(declared, notes["view"]).items():
        responses[status] = _refused(problems)
    if declared.method == "POST":
        headers.append(_KEY | {"required": declared.needs_key})
    if declared.is_guarded:
        headers.append(_IF_MATCH)
    if declared.method == "PATCH":
        content = doc["requestBody"]["content"]
        content[JSON] = content[MERGE_PATCH]
    if declared.method == "GET" and declared.is_versioned:
        headers.append(_IF_NONE_MATCH)
        responses[304] = {"description": "What you hold is current."}
    if declared.is_followed:
        wait = {"description": "Seconds to wait before asking again.", "schema": {"type": "string"}}
        responses[declared.status].setdefault("headers", {}).update({"Retry-After": wait})
    if declared.is_versioned:
        tag = {"ETag": {"description": "The version of this answer.", "schema": {"type": "string"}}}
        responses[declared.status].setdefault("headers", {}).update(tag)
    return doc


def _refused(problems: Mapping[str, str]) -> dict[str, Any]:
    """Describe one status that refuses: its codes, and what each says to people."""
    return {
        "description": ", ".join(f"`{code}`" for code in problems),
        "content": {MEDIA_TYPE: {"schema": ProblemFields}},
        "x-problems": [{"code": code, "title": told} for code, told in problems.items()],
    }
