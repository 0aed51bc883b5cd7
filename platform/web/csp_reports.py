"""Receives browsers' reports of what the content security policy refused, and logs them bounded."""

import json
from collections.abc import Mapping
from threading import Lock
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, request

from web.access import public

BYTES_MAX = 16 * 1024
TEXT_LENGTH_MAX = 200
DISTINCT_REPORTS_MAX = 500

log = structlog.get_logger()


def csp_reports() -> Blueprint:
    """Serve `/csp-report`: anybody may post, nothing is stored, nothing is answered.

    Each distinct fault is logged once per worker process and at most 500 of them, so that neither
    a broken page nor a stranger can fill the log.
    """
    blueprint = Blueprint("csp_reports", __name__)
    seen: set[tuple[str, ...]] = set()
    lock = Lock()

    @blueprint.post("/csp-report")
    @public()
    def receive() -> Response:
        report = _report_in(request.stream.read(BYTES_MAX + 1))
        key = tuple(report.values())
        with lock:
            is_new = bool(report) and key not in seen and len(seen) < DISTINCT_REPORTS_MAX
            if is_new:
                seen.add(key)
        if is_new:
            log.warning("csp.violated", **report)
        return Response(status=204)

    return blueprint


def _report_in(body: bytes) -> dict[str, str]:
    """Return the few fields we log; anything that is not a report is an empty one."""
    if len(body) > BYTES_MAX:
        return {}
    try:
        report = json.loads(body)["csp-report"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    if not isinstance(report, Mapping):
        return {}
    return {
        "directive": _text(report.get("effective-directive") or report.get("violated-directive")),
        "blocked": _address(report.get("blocked-uri")),
        "page": _address(report.get("document-uri")),
        "source": _address(report.get("source-file")),
    }


def _text(value: object) -> str:
    printable = "".join(letter for letter in str(value or "") if letter.isprintable())
    return printable[:TEXT_LENGTH_MAX]


def _address(value: object) -> str:
    """Keep host and path only: a query may hold what nobody should read in a log."""
    text = _text(value)
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return f"{parts.netloc}{parts.path}" if parts.netloc else text.partition("?")[0]
