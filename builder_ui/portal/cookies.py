"""The one cookie of the portal: the token of a server-side session, and nothing else (ID-02)."""

from urllib.parse import urlsplit

from flask import Request, Response

from kernel.config import Config, ConfigError

HOST_COOKIE = "__Host-sid"
LOOPBACK_COOKIE = "sid"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TOKEN_LENGTH_MAX = 100


def check_cookies_can_hold(config: Config) -> None:
    """Raise ConfigError where no browser would keep a session: plain http off the loopback."""
    if not config.is_https and urlsplit(config.public_url).hostname not in _LOOPBACK:
        raise ConfigError(
            [
                f"WAREFLOW_PUBLIC_URL is {config.public_url}; sessions need https:// except on"
                " 127.0.0.1 and localhost."
            ]
        )


def cookie_name(config: Config) -> str:
    """Return the cookie's name: over http a browser refuses the prefix that https deserves."""
    return HOST_COOKIE if config.is_https else LOOPBACK_COOKIE


def session_token(request: Request, config: Config) -> str | None:
    """Return the token a request carries, or None; what is too long to be one is none."""
    token = request.cookies.get(cookie_name(config), "")
    return token if 0 < len(token) <= _TOKEN_LENGTH_MAX else None


def keep_session(response: Response, config: Config, token: str) -> Response:
    """Let the browser keep the session until it is closed; the server ends it sooner."""
    response.set_cookie(
        cookie_name(config),
        token,
        secure=config.is_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def forget_session(response: Response, config: Config) -> Response:
    """Let the browser forget the session."""
    response.delete_cookie(
        cookie_name(config), secure=config.is_https, httponly=True, samesite="Lax", path="/"
    )
    return response
