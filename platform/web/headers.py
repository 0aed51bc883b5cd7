"""Security and cache headers of every response."""

from collections.abc import Sequence

from flask import Flask, Response

_POLICY = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'",),
    "font-src": ("'self'",),
    "connect-src": ("'self'",),
    "worker-src": ("'self'",),
    "form-action": ("'self'",),
    "base-uri": ("'none'",),
    "frame-ancestors": ("'none'",),
    "report-uri": ("/csp-report",),
}

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": with it browsers send "Origin: null" on our own forms, and the check of
    # the origin that stands against forged requests would refuse them.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), "
        "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
    ),
}

_HSTS = "max-age=31536000; includeSubDomains"


def content_security_policy(form_targets: Sequence[str] = ()) -> str:
    """Return the policy; only a page that answers a form with a redirect abroad names targets.

    Chromium applies form-action to the redirect as well. A target is the origin of an address
    that has been validated, never text from the request.
    """
    directives = _POLICY | {"form-action": ("'self'", *form_targets)}
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def install_headers(app: Flask, *, https: bool) -> None:
    """Put the headers on every response of the application, errors and redirects included.

    `https` says that people reach it over TLS only; it is then promised for a year. A response
    that says nothing about caching is not kept anywhere.
    """

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", content_security_policy())
        for name, value in _ALWAYS.items():
            response.headers[name] = value
        if https:
            response.headers["Strict-Transport-Security"] = _HSTS
        response.headers.setdefault("Cache-Control", "no-store")
        return response
