"""The request at hand: its ids, its face, its caller and its unit of work."""

from dataclasses import dataclass, field

import structlog
from flask import Flask, Response, current_app, g, request

from kernel.access import Actor
from kernel.clock import monotonic_seconds
from kernel.errors import Malformed, NotFound, Unauthenticated
from kernel.ids import RequestId, TenantId, new_id
from kernel.metrics import REQUEST_SECONDS
from kernel.rates import Grant
from kernel.runtime import Runtime
from kernel.uow import Standing, UnitOfWork, WorkClass
from web.access import UnmarkedView, access_of, body_bytes_max_of
from web.faces import Caller, Face
from web.forgery import SAFE_METHODS, RequestForged, is_forged
from web.throttling import TooManyRequests, headers_of, throttle
from web.tracing import REQUEST_ID_HEADER, Trace, recorded_client_id, trace_of

EXTENSION = "wareflow"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Web:
    """What the requests of one application share."""

    runtime: Runtime
    faces: tuple[Face, ...]
    own_origins: frozenset[str]


@dataclass
class Incoming:
    """One request while it is answered."""

    id: RequestId
    trace: Trace
    face: Face
    began_seconds: float = field(default_factory=monotonic_seconds)
    caller: Caller | None = None
    grant: Grant | None = None
    is_identified: bool = False


def web() -> Web:
    """Return what the present application was composed of."""
    composed: Web = current_app.extensions[EXTENSION]
    return composed


def current_runtime() -> Runtime:
    """Return the kernel that this application runs on."""
    return web().runtime


def current_request_id() -> RequestId:
    """Return our own id of this request: in its log lines, audit entries and problems."""
    return incoming().id


def present_caller() -> Caller | None:
    """Return who calls, or None for a stranger; asks the face once per request."""
    now = incoming()
    if not now.is_identified:
        now.caller, now.is_identified = now.face.identify(), True
        if now.caller is not None:
            _agree(now.caller)
            structlog.contextvars.bind_contextvars(
                tenant_id=now.caller.tenant_id, actor_id=now.caller.actor.id
            )
    return now.caller


def current_caller() -> Caller:
    """Return who calls and for which tenant; Unauthenticated for a stranger."""
    caller = present_caller()
    if caller is None:
        raise Unauthenticated
    return caller


def current_actor() -> Actor:
    """Return who calls; Unauthenticated for a stranger."""
    return current_caller().actor


def current_unit_of_work(*, work_class: WorkClass = "request") -> UnitOfWork:
    """Return a transaction of the caller for the caller's tenant, under this request's id."""
    caller = current_caller()
    return current_runtime().unit_of_work(
        caller.tenant_id, caller.actor, request_id=current_request_id(), work_class=work_class
    )


def unit_of_work_as(
    tenant_id: TenantId, actor: Actor, *, standing: Standing = "active"
) -> UnitOfWork:
    """Return a transaction for what happens before anybody is known: to sign in, to get a token."""
    return current_runtime().unit_of_work(
        tenant_id, actor, request_id=current_request_id(), standing=standing
    )


def tenant_named(slug: str) -> TenantId:
    """Return the tenant whose slug stands in an address; NotFound where there is none."""
    directory = current_runtime().ports.directory
    assert directory is not None, "the front door fills the directory port"
    return directory.tenant_of(slug)


def incoming() -> Incoming:
    """Return the state of the present request, made when it is first asked for."""
    if "incoming" not in g:
        _receive()
    state: Incoming = g.incoming
    return state


def install_requests(app: Flask) -> None:
    """Give every request its ids, its check of access and its line in the log."""
    app.before_request(_admit)
    app.after_request(_finish)
    app.teardown_request(_forget)


def _receive() -> None:
    runtime = current_runtime()
    face = next(each for each in web().faces if each.owns(request.path))
    trace = trace_of(request.headers.get("traceparent"))
    g.incoming = Incoming(RequestId(new_id("req", runtime.clock.now())), trace, face)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        request_id=g.incoming.id, trace_id=trace.trace_id, face=face.name
    )
    theirs = recorded_client_id(request.headers.get(REQUEST_ID_HEADER))
    if theirs is not None:
        structlog.contextvars.bind_contextvars(client_request_id=theirs)


def _admit() -> None:
    now = incoming()
    if request.routing_exception is not None or request.url_rule is None:
        return
    if request.method == "OPTIONS":
        return  # Flask answers it itself, with Allow and nothing else.
    view = current_app.view_functions[request.url_rule.endpoint]
    size = body_bytes_max_of(view, request.method)
    if size is not None:
        request.max_content_length = size
    if "\0" in request.path or any("\0" in value for value in request.args.values()):
        raise Malformed
    unsafe = request.method not in SAFE_METHODS
    if now.face.trusts_cookies and unsafe and is_forged(dict(request.headers), web().own_origins):
        raise RequestForged
    access = access_of(view, request.method)
    if access is None:
        raise UnmarkedView(request.url_rule.endpoint)
    if access.is_public:
        return
    actor = current_actor()
    now.grant = throttle(current_runtime(), current_caller().tenant_id)
    if not now.grant.is_granted:
        raise TooManyRequests(now.grant.retry_after_seconds, now.grant.most)
    if not all(actor.may(each) for each in access.permissions):
        # Refused inside a unit of work, because a denied attempt is written to the audit log.
        with current_unit_of_work() as uow:
            for permission in access.permissions:
                uow.actor.must(permission)


def _agree(caller: Caller) -> None:
    """TEN-01: a tenant named in the address is the caller's own, or there is nothing there."""
    slug = (request.view_args or {}).get("slug")
    if slug is not None and tenant_named(slug) != caller.tenant_id:
        raise NotFound("page", request.path)


def _finish(response: Response) -> Response:
    now = incoming()
    response.headers[REQUEST_ID_HEADER] = now.id
    if now.grant is not None:
        response.headers.update(headers_of(now.grant))
    seconds = monotonic_seconds() - now.began_seconds
    # The rule, never the address: an address may hold a token that opens something.
    route = request.url_rule.rule if request.url_rule is not None else "(none)"
    status = str(response.status_code)
    REQUEST_SECONDS.labels(now.face.name, route, request.method, status).observe(seconds)
    log.info(
        "request.answered",
        method=request.method,
        route=route,
        status=response.status_code,
        milliseconds=round(seconds * 1000),
    )
    return response


def _forget(_error: BaseException | None) -> None:
    structlog.contextvars.clear_contextvars()
