"""Problem details (RFC 9457): the one place that gives every failure its HTTP status."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from marshmallow import ValidationError
from psycopg import errors as postgres
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from kernel.canonical import to_json
from kernel.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PermissionMissing,
    PreconditionMissing,
    Refusal,
    StaleWrite,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from kernel.quotas import QuotaReached
from web.parsing import faults_in

MEDIA_TYPE = "application/problem+json"

STATUS_BY_KIND: tuple[tuple[type[Refusal], int], ...] = (
    (Malformed, 400),
    (Unauthenticated, 401),
    (QuotaReached, 402),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (StaleWrite, 412),
    (Invalid, 422),
    (PreconditionMissing, 428),
    (TooMany, 429),
    (Unavailable, 503),
)

# Failures below our own views, as HTTP names them: code and sentence.
_BY_STATUS: Mapping[int, tuple[str, str]] = {
    400: (Malformed.code, "The request cannot be read."),
    404: (NotFound.code, "There is nothing here by that name."),
    405: ("request.method_not_allowed", "This address does not take that method."),
    406: ("request.not_acceptable", "None of the accepted media types can be sent."),
    411: ("request.length_required", "Say how long the body is."),
    412: (StaleWrite.code, "Somebody changed this since you read it."),
    413: ("request.too_large", "The body is larger than this address accepts."),
    414: ("request.address_too_long", "The address is too long."),
    415: ("request.media_type", "The body is not of a media type that this address reads."),
    422: (Invalid.code, "Some of what was sent is not valid."),
    428: (PreconditionMissing.code, "Say which version you are changing."),
    429: (TooMany.code, "Too many requests: wait and try again."),
    431: ("request.headers_too_large", "The headers are too large."),
}

_BUSY = (
    postgres.LockNotAvailable, postgres.QueryCanceled, postgres.DeadlockDetected,
    postgres.SerializationFailure, postgres.TooManyConnections, postgres.AdminShutdown,
    postgres.CannotConnectNow, postgres.CrashShutdown,
)  # fmt: skip
_MET_ANOTHER = (
    postgres.UniqueViolation, postgres.ExclusionViolation, postgres.ForeignKeyViolation,
)  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """A failure as outsiders are told of it: never a trace, never SQL, never another's rows.

    `is_bug` says that nobody foresaw it: it is logged with its trace and counted as ours.
    """

    status: int
    code: str
    title: str
    detail: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    is_bug: bool = False

    def document(self, request_id: str, instance: str) -> dict[str, Any]:
        """Return the JSON body; typed facts stand beside the standard members."""
        return {
            **self.facts,
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "request_id": request_id,
            "errors": [to_json(fault) for fault in self.faults],
        }


def problem_of(error: BaseException) -> Problem:
    """Return what outsiders are told about an error; what nobody foresaw is a plain 500."""
    if isinstance(error, Refusal):
        return _of_refusal(error)
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, ValidationError):
        return _of_refusal(Invalid(faults_in(error.messages)))
    if isinstance(error, StaleDataError):
        title = StaleWrite.__doc__ or ""
        return Problem(412, StaleWrite.code, title, title)
    if isinstance(error, DBAPIError):
        return _of_database(error.orig)
    if isinstance(error, PoolExhausted):
        return _of_refusal(Unavailable())
    return _bug()


def _of_refusal(refusal: Refusal) -> Problem:
    status = next(status for kind, status in STATUS_BY_KIND if isinstance(refusal, kind))
    facts = to_json(refusal.facts())
    facts.pop("errors", None)
    faults = refusal.errors if isinstance(refusal, Invalid) else ()
    headers = {}
    if isinstance(refusal, TooMany | Unavailable):
        headers["Retry-After"] = str(refusal.retry_after_seconds)
    detail = _detail(refusal, faults)
    return Problem(status, refusal.code, refusal.title, detail, facts, faults, headers)


def _detail(refusal: Refusal, faults: tuple[Fault, ...]) -> str:
    if isinstance(refusal, PermissionMissing):
        return f"The permission {refusal.permission} is needed for this."
    said = refusal.facts().get("detail")
    if isinstance(said, str) and said:
        # A refusal with a fact of this name knows more than its class can say.
        return said
    if faults:
        return " ".join(fault.detail for fault in faults[:5])
    return refusal.title


def _of_http(error: HTTPException) -> Problem:
    status = error.code or 500
    if status >= 500 and status != 503:
        return _bug()
    if status == 503:
        return _of_refusal(Unavailable())
    code, title = _BY_STATUS.get(status, (f"request.status_{status}", "The request was refused."))
    # The exception's own body is HTML; only what it says in headers, such as Allow, is kept.
    named = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    # webargs and flask-smorest hang marshmallow's messages on the exception, place by place.
    messages = getattr(error, "data", {}).get("messages", {})
    faults = tuple(fault for below in messages.values() for fault in faults_in(below))
    return Problem(status, code, title, title, faults=faults, headers=named)


def _of_database(error: BaseException | None) -> Problem:
    if isinstance(error, _MET_ANOTHER):
        sentence = "Somebody did something to this at the same moment: look again and repeat."
        return Problem(409, Conflict.code, sentence, sentence)
    if isinstance(error, postgres.DataError):
        # Text that no column holds, or a number too large: the request's fault, still logged.
        title = Malformed.__doc__ or ""
        return Problem(400, Malformed.code, title, title, is_bug=True)
    if isinstance(error, _BUSY) or type(error) is psycopg.OperationalError:
        return _of_refusal(Unavailable())
    return _bug()


def _bug() -> Problem:
    title = "Something went wrong on our side."
    detail = "Nothing of this request was kept. Tell support the request id if it happens again."
    return Problem(500, "service.error", title, detail, is_bug=True)
