"""Serves any WSGI application on a free loopback port for the length of a `with` block."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from werkzeug.serving import make_server

from tests.builder_ui.portal.conftest import close_streams

# Chromium refuses to open these, whoever listens there.
UNSAFE_PORTS = {5060, 5061, 6000, 6566, *range(6665, 6670), 6697, 10080}


@contextmanager
def serve(app: Callable[..., Any]) -> Iterator[str]:
    """Yield the address under which the application answers; threads serve, so streams work."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    while server.server_port in UNSAFE_PORTS:
        refused, server = server, make_server("127.0.0.1", 0, app, threaded=True)
        refused.server_close()
    thread = Thread(target=server.serve_forever, name="browser-test-server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        close_streams(app)
        thread.join(timeout=10)
        server.server_close()
