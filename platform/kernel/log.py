"""Structured logs: static event names, ids bound once at the edge, never a secret."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_NEVER = ("password", "secret", "token", "authorization", "cookie", "assertion", "private_key")


def configure_logging(level: str = "INFO", *, as_json: bool = True) -> None:
    """Send every log line to standard error, one event a line."""
    renderer: Any = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop the values of fields whose names say that they are secret (OA-19, SEC-06)."""
    for name in line:
        if any(word in name.lower() for word in _NEVER):
            line[name] = "(redacted)"
    return line
