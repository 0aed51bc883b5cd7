"""Questions about how a page is laid out, asked of the real browser."""

from playwright.sync_api import Page

_OVERFLOWING = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > wide + 1)
    .map((element) => `${element.tagName.toLowerCase()}.${element.className}`)
    .slice(0, 8);
}"""

_SMALL_TARGETS = """() => [...document.querySelectorAll("button, select, input:not([type=hidden])")]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }))
  .filter((element) => !element.closest("label"))
  // On a canvas things are as large as one zooms; the outline beside it does the same in full size.
  .filter((element) => !element.closest(".chart-canvas"))
  .map((element) => [element, element.getBoundingClientRect()])
  .filter(([element, box]) => !["checkbox", "radio"].includes(element.type))
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([element, box]) => `${element.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)"""


def overflowing(page: Page) -> list[str]:
    """Return the elements that make the page scroll sideways; none when it does not."""
    found: list[str] = page.evaluate(_OVERFLOWING)
    return found


def small_targets(page: Page) -> list[str]:
    """Return controls smaller than 24 px in a direction (WCAG 2.5.8)."""
    found: list[str] = page.evaluate(_SMALL_TARGETS)
    return found


def enlarge_text(page: Page, percent: int) -> None:
    """Set the text size as a person does in the browser's settings."""
    page.evaluate("percent => { document.documentElement.style.fontSize = `${percent}%` }", percent)


def focused(page: Page) -> str:
    """Name what has the focus: tag, id and accessible words."""
    name: str = page.evaluate(
        """() => { const e = document.activeElement;
          return [e.tagName.toLowerCase(), e.id && `#${e.id}`,
                  (e.getAttribute("aria-label") || e.innerText || e.name || "").trim().slice(0, 40)]
            .filter(Boolean).join(" "); }"""
    )
    return name
