"""Runs axe-core in the page and reports what it finds in one readable line per fault."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

_AXE = Path(__file__).parents[2] / "builder_ui/frontend/node_modules/axe-core/axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """Return `rule: where (why)` for each violation of WCAG 2.2 AA or of good practice."""
    # Evaluated and not added as a script element, which the page's policy would rightly refuse.
    page.evaluate(_source())
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", _RULES
    )["violations"]
    return [
        f"{fault['id']}: {' '.join(map(str, node['target']))} ({node['failureSummary']})"
        for fault in found
        for node in fault["nodes"]
    ]


@cache
def _source() -> str:
    assert _AXE.is_file(), f"{_AXE} is missing: run `npm ci` in builder_ui/frontend"
    return _AXE.read_text("utf-8")
