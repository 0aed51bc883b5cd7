"""`/t/<slug>/stream`: what happens, as it happens, to whoever may know."""

from collections.abc import Callable, Iterator

from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue

from builder_ui.portal.rooms import portal_room
from builder_ui.portal.stream.hub import Hub
from builder_ui.portal.stream.reading import CatchUp, catch_up, heard_by
from builder_ui.portal.stream.telling import tell, watch
from builder_ui.portal.stream.wire import Terms
from builder_ui.portal.stream.words import spell
from kernel.runtime import Runtime
from web.access import signed_in
from web.request import current_caller, current_unit_of_work
from web.turnstile import LEAVES, when_ending

HUB = "wareflow_stream_hub"

stream_pages = portal_room("stream", "stream")


def install_stream(app: Flask, runtime: Runtime, terms: Terms | None = None) -> None:
    """Let the application's pages be told what happens; it all ends with the web process."""
    app.extensions[HUB] = hub = Hub(runtime, terms)
    when_ending(app, hub.end_all)


@stream_pages.get("")
@signed_in()
def listen() -> ResponseReturnValue:
    """Tell what happens from now on, or behind `?after=`; `Last-Event-ID` goes before it."""
    if request.method == "HEAD":
        return _answer(iter(()), lambda: None)
    hub, caller = _hub(), current_caller()
    seat = hub.join(caller.tenant_id, caller.actor)
    try:
        caught_up = _caught_up(hub)
        # Of a request that gunicorn serves, or the server of the tests.
        environ = request.environ
        connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
        told = tell(seat, caught_up, hub.terms, watch(connection))
    except BaseException:
        hub.leave(seat)
        raise
    request.environ[LEAVES] = True
    return _answer(told, lambda: hub.leave(seat))


@stream_pages.get("/latest")
@signed_in()
def tell_latest() -> ResponseReturnValue:
    """Answer once what happened behind `?after=`: for browsers that cannot keep a stream."""
    caught_up = _caught_up(_hub())
    heard = heard_by(current_caller().actor, caught_up.events)
    return {
        "events": [{"id": spell(each.place), **each.document()} for each in heard],
        "after": spell(caught_up.at),
        "reset": caught_up.is_reset,
    }


def _hub() -> Hub:
    hub: Hub = current_app.extensions[HUB]
    return hub


def _caught_up(hub: Hub) -> CatchUp:
    asked = request.headers.get("Last-Event-ID") or request.args.get("after")
    with current_unit_of_work() as uow:
        return catch_up(uow, asked, hub.terms.replayed_max)


def _answer(told: Iterator[bytes], leave: Callable[[], None]) -> Response:
    response = Response(told, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    # A reverse proxy that collects an answer before it passes it on would tell nothing.
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(leave)
    return response
