"""Performs one operation: keys, tags and one transaction around a view of the API."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Response, current_app, request

from api.etags import etag_of, expected_version, is_known
from api.fields import Fields
from api.operation import Operation
from api.parser import JSON
from kernel.audit import Subject
from kernel.errors import Malformed
from kernel.idempotency import KEY_LENGTH_MAX, Answer, fingerprint, remember, replayed
from kernel.operations import OPEN
from kernel.uow import UnitOfWork
from web.request import current_request_id, current_unit_of_work

RETRY_AFTER_SECONDS = 2
"""How soon to ask again about work that has not ended."""

_KEY = re.compile(rf"[\x21-\x7e]{{1,{KEY_LENGTH_MAX}}}")


@dataclass(eq=False)
class KeyMissing(Malformed):
    """Send an Idempotency-Key: a new one for each new request, the same one when you retry."""

    code: ClassVar[str] = "idempotency.key_missing"


@dataclass(eq=False)
class KeyUnreadable(Malformed):
    """An Idempotency-Key has 1 to 255 printable ASCII characters."""

    code: ClassVar[str] = "idempotency.key_unreadable"


@dataclass(eq=False)
class BodyUnexpected(Malformed):
    """This address takes no body."""

    code: ClassVar[str] = "request.body_unexpected"


def perform(declared: Operation, view: Callable[..., Any], arguments: dict[str, Any]) -> Response:
    """Answer a request whose body and query are read: at most one effect for each key."""
    if declared.query is Fields:
        del arguments["query"]
    if declared.body is None and request.get_data(cache=True):
        raise BodyUnexpected
    if declared.is_guarded:
        arguments["expected_version"] = expected_version(request)
    key = _key(declared)
    with current_unit_of_work() as uow:
        if key is None:
            return _response(declared, _answered(declared, uow, view(uow, **arguments)))
        # The key is held before anything is read, and let go with the commit.
        client, print_ = uow.actor.client_id or uow.actor.id, _fingerprint()
        earlier = replayed(uow, client, key, print_)
        if earlier is not None:
            response = _response(declared, earlier)
            response.headers["Idempotent-Replayed"] = "true"
            return response
        answer = _answered(declared, uow, view(uow, **arguments))
        remember(uow, client, key, print_, answer)
        if not uow.has_recorded:
            uow.record("request.answer", Subject("request", current_request_id()))
    return _response(declared, answer)


def _key(declared: Operation) -> str | None:
    if declared.method != "POST":
        return None
    key = request.headers.get("Idempotency-Key")
    if key is None and declared.needs_key:
        raise KeyMissing
    if key is not None and not _KEY.fullmatch(key):
        raise KeyUnreadable
    return key


def _fingerprint() -> str:
    return fingerprint(request.method, request.full_path, request.get_data(cache=True))


def _answered(declared: Operation, uow: UnitOfWork, outcome: Any) -> Answer:
    """Write the answer down inside the transaction, with the versions that it leaves behind."""
    if declared.dumper is None:
        return Answer(declared.status, "")
    uow.session.flush()
    return Answer(declared.status, current_app.json.dumps(declared.dumper.dump(outcome)))


def _response(declared: Operation, answer: Answer) -> Response:
    if declared.dumper is None:
        return Response(status=answer.status)
    response = Response(answer.body, status=answer.status, content_type=JSON)
    if not (declared.is_versioned or declared.location or declared.is_followed):
        return response
    shown = json.loads(answer.body)
    if declared.is_followed and shown["status"] in OPEN:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if declared.location is not None:
        response.headers["Location"] = declared.location.format_map(shown)
    etag = etag_of(shown, answer.body)
    if is_known(request, etag):
        response = Response(status=304)
    if etag is not None:
        response.headers["ETag"] = etag
    return response
