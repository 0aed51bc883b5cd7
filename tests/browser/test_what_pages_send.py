"""What travels to the browser: headers on every response, and how much it weighs."""

import gzip
from collections.abc import Callable

from flask import Flask
from playwright.sync_api import expect

from builder_ui.shell.assets import STATIC, Assets
from tests.browser.visiting import Visitor
from web.headers import content_security_policy

SCRIPT_BYTES_MAX = 40 * 1024
STYLE_BYTES_MAX = 12 * 1024


def weight(source: str) -> int:
    path = STATIC / Assets.read().url(source).removeprefix("/static/")
    return len(gzip.compress(path.read_bytes(), 9))


def test_what_every_page_loads_is_light() -> None:
    """S2: portal scripts at most 40 kB and styles at most 12 kB, compressed."""
    assert weight("portal.ts") <= SCRIPT_BYTES_MAX
    assert weight("styles/portal.css") <= STYLE_BYTES_MAX


def test_nothing_in_the_styles_needs_a_data_address() -> None:
    """S1: the policy would refuse it, and a picture would be missing."""
    path = STATIC / Assets.read().url("styles/portal.css").removeprefix("/static/")

    assert "data:" not in path.read_text("utf-8")


def test_what_others_wrote_is_served_with_its_licence() -> None:
    """MIT and EPL-2.0 want their text beside what is shipped."""
    path = STATIC / Assets.read().url("licences.txt").removeprefix("/static/")
    told = path.read_text("utf-8")

    for package in ("elkjs", "@xyflow/react", "react", "htmx.org"):
        assert f"\n{package} " in f"\n{told}", package
    assert "Eclipse Public License - v 2.0" in told
    assert told.count("Permission is hereby granted, free of charge") >= 3


def test_every_response_to_the_browser_has_the_policy(visitor: Visitor) -> None:
    """S1: pages, files, answers to scripts, errors."""
    answers: dict[str, str | None] = {}
    # What is no page names no icon, so the browser asks for /favicon.ico by itself.
    visitor.watch.expected_statuses.add(404)
    visitor.context.on(
        "response",
        lambda response: answers.update(
            {response.url: response.headers.get("content-security-policy")}
        ),
    )

    for path, status in [("/dev/ui", 200), ("/dev/ui/suggestions?q=ana", 200), ("/nowhere", 404)]:
        visitor.open(path, status=status)

    assert len(answers) >= 5  # Three addresses, the script and the style; the icon when asked for.
    assert set(answers.values()) == {content_security_policy()}


def test_what_the_policy_refuses_is_reported_and_fails_the_visit(
    arrive: Callable[..., Visitor], gallery_site: str, gallery_app: Flask
) -> None:
    """SEC-05: the watch that guards every other test can see a violation."""
    visitor = arrive(gallery_site)
    page = visitor.open("/dev/ui/form")

    page.evaluate("document.body.setAttribute('style', 'color: red')")
    expect(page.locator("body")).not_to_have_css("color", "rgb(255, 0, 0)")
    page.wait_for_timeout(200)

    seen = [fault for fault in visitor.watch.faults if "style-src-attr" in fault]
    visitor.watch.faults.clear()
    assert seen
