"""Watches a browser for what must never happen while somebody uses a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

# An init script runs before the page's own and is not subject to its policy; the binding
# outlives navigations, where a list on `window` would be lost.
_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  window.tellViolation({directive: event.effectiveDirective, blocked: event.blockedURI,
                        source: event.sourceFile, line: event.lineNumber, page: location.href});
});
"""


@dataclass
class Watch:
    """Collects policy violations, script errors, console errors and requests to other hosts.

    `expected_statuses` are answers that a test provokes: Chromium writes each into its console.
    """

    host: str
    faults: list[str] = field(default_factory=list)
    expected_statuses: set[int] = field(default_factory=set)

    def attach(self, context: BrowserContext) -> None:
        """Watch every page that this context opens."""
        context.expose_binding("tellViolation", self._note_violation)
        context.add_init_script(_TELL_VIOLATIONS)
        context.on("page", self._attach_page)
        context.on("request", self._note_request)

    def _attach_page(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("console", self._note_console)

    def _note_violation(self, _source: Mapping[str, Any], violation: Mapping[str, Any]) -> None:
        self.faults.append(f"policy violation: {dict(violation)}")

    def _note_request(self, request: Request) -> None:
        if urlsplit(request.url).netloc != self.host:
            self.faults.append(f"request to another host: {request.url}")

    def _note_console(self, message: ConsoleMessage) -> None:
        # Chromium's remark that nobody touched the page that would have asked before leaving.
        if "beforeunload" in message.text and "user gesture" in message.text:
            return
        # A test's server stops before its visitors leave, and a page that listens says so.
        asked = urlsplit(message.location.get("url", "")).path.rsplit("/", 1)[-1]
        listens = asked in ("stream", "latest", "standing", "unread")
        if listens and ("net::ERR_" in message.text or "status of 503 " in message.text):
            return
        # The browser says the one, htmx the other.
        expected = any(
            f"status of {status} " in message.text or f"Error Code {status} " in message.text
            for status in self.expected_statuses
        )
        if message.type in {"error", "warning"} and not expected:
            self.faults.append(f"console {message.type}: {message.text}")
