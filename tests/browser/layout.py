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

_BARE = """() => [...document.querySelectorAll("button, .button, .badge, .input, .chip, .switch")]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }))
  // A row of a menu is a word in a frame; a link in the text keeps its underline.
  .filter((element) => !element.closest("[role=menu], .chart-canvas"))
  .filter((element) => parseFloat(getComputedStyle(element).borderTopWidth) === 0)
  .map((element) => element.outerHTML.slice(0, 100))"""

_ANIMATED = """() => [
  ...document.getAnimations().map((each) => `runs: ${each.animationName ?? "a transition"}`),
  ...[...document.querySelectorAll("body, body *")].flatMap((element) => {
    const { transitionDuration, animationName, animationDuration } = getComputedStyle(element);
    const seconds = (text) => Math.max(...text.split(",").map(parseFloat));
    const moves = seconds(transitionDuration) > 0.01 ||
      (animationName !== "none" && seconds(animationDuration) > 0.01);
    return moves ? [`would move: ${element.tagName.toLowerCase()}.${element.className}`] : [];
  }).slice(0, 4),
]"""


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


def bare_controls(page: Page) -> list[str]:
    """Return visible controls without a border, which forced colours would leave invisible."""
    found: list[str] = page.evaluate(_BARE)
    return found


def animated(page: Page) -> list[str]:
    """Return what moves on a page, and the first of what would move when it changes."""
    found: list[str] = page.evaluate(_ANIMATED)
    return found
