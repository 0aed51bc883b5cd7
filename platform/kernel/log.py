"""Structured logs: static event names, ids bound once at the edge, never a secret."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_NEVER = (
    "password",
    "passphrase",
    "secret",
    "token",
    "authorization",
    "cookie",
    "assertion",
    "private_key",
    "api_key",
    "credential",
)
_REDACTED = "(redacted)"

# What is secret wherever it stands, in an error's message as much as in a field.
_SECRETS = (
    (re.compile(r"(?i)\b(bearer|basic|dpop)\s+[a-z0-9._~+/-]{8,}=*"), rf"\1 {_REDACTED}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), _REDACTED),  # A JSON web token.
    (re.compile(r"(?i)([a-z][a-z0-9+.-]*://)[^\s/@:]*:[^\s/@]+@"), rf"\1{_REDACTED}@"),
    (
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S
        ),
        _REDACTED,
    ),
    # PostgreSQL repeats the offending row or key, with whatever people entered.
    (re.compile(r"(?m)^(DETAIL|CONTEXT):.*$"), r"\1: (not shown)"),
)


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
            structlog.processors.format_exc_info,
            redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop what is secret by the name of its field, however deep, or by how it looks.

    OA-19, SEC-06. Runs after tracebacks were written out: they repeat messages of errors.
    """
    for name, value in line.items():
        line[name] = _shown(name, value)
    return line


def without_secrets(text: str) -> str:
    """Return a text, such as an error's message, without the secrets that can be told by sight."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def _shown(name: str, value: Any) -> Any:
    if any(word in name.lower().replace("-", "_") for word in _NEVER):
        return _REDACTED
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, Mapping):
        return {key: _shown(str(key), each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown("", each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return without_secrets(str(value))
