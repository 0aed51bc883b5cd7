"""Makes the Flask application that both faces hang on: limits, request ids, problems."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import RequestRedirect

from kernel.config import Config
from kernel.runtime import Runtime
from web.faces import Caller, Face
from web.problems import MEDIA_TYPE, Problem, problem_of
from web.request import EXTENSION, Web, current_request_id, incoming, install_requests

BODY_BYTES_MAX = 1024 * 1024
_LOOPBACK = ("127.0.0.1", "localhost")

log = structlog.get_logger(__name__)


def new_application(runtime: Runtime, faces: Sequence[Face]) -> Flask:
    """Return an application without views.

    Add the blueprints, then call `web.access.check_every_view`. Addresses that no face owns
    (health, metrics, static files) are answered by a plain face that knows nobody.
    """
    config = runtime.config
    app = Flask("wareflow", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    app.config["TRUSTED_HOSTS"] = list(trusted_hosts(config))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.extensions[EXTENSION] = Web(runtime, (*faces, plain_face()), frozenset({config.public_url}))
    install_requests(app)
    app.register_error_handler(Exception, _answer_error)
    if config.proxy_hops:
        hops = config.proxy_hops
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign] # Flask's documented way.
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return app


def trusted_hosts(config: Config) -> tuple[str, ...]:
    """Return the names under which people may reach this installation."""
    own = urlsplit(config.public_url).hostname or "localhost"
    loopback = _LOOPBACK if own in _LOOPBACK else ()
    return tuple(dict.fromkeys((own, *loopback, *config.trusted_hosts)))


def plain_face() -> Face:
    """Return the face of what has neither caller nor pages: it refuses in JSON."""
    return Face("service", lambda _path: True, _nobody, problem_response)


def problem_response(problem: Problem) -> Response:
    """Return problem details as JSON, with the headers that belong to them."""
    document = problem.document(current_request_id(), request.path)
    response = Response(
        current_app.json.dumps(document), status=problem.status, content_type=MEDIA_TYPE
    )
    response.headers.update(problem.headers)
    return response


def _answer_error(error: Exception) -> Response | HTTPException:
    if isinstance(error, RequestRedirect):
        return error
    if isinstance(error, HTTPException) and isinstance(error.response, Response):
        return error.response  # Some code chose this very response, as abort(response) does.
    problem = problem_of(error)
    if problem.is_bug:
        log.error("request.failed", exc_info=error)
    return incoming().face.refuse(problem)


def _nobody() -> Caller | None:
    return None
