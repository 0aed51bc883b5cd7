"""One person in front of a browser: opens pages, looks at them, presses keys."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.watching import Watch

SCREENSHOTS = Path(__file__).parents[2] / "var/screenshots"
DESK = (1440, 900)
PHONE = (390, 844)
SMALLEST = (320, 640)

Scheme = Literal["light", "dark"]


@dataclass
class Visitor:
    """A fresh profile on one site. `close` fails when anything forbidden happened meanwhile."""

    address: str
    context: BrowserContext
    page: Page
    watch: Watch

    @classmethod
    def arrive(
        cls,
        browser: Browser,
        address: str,
        *,
        size: tuple[int, int] = DESK,
        scheme: Scheme = "light",
        scripts: bool = True,
        forced_colors: bool = False,
        reduced_motion: bool = False,
    ) -> "Visitor":
        """Open a fresh profile; nothing of earlier visits is left in it."""
        context = browser.new_context(
            base_url=address,
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            java_script_enabled=scripts,
            forced_colors="active" if forced_colors else "none",
            reduced_motion="reduce" if reduced_motion else "no-preference",
            locale="en-GB",
            timezone_id="Europe/Oslo",
        )
        context.set_default_timeout(10_000)
        watch = Watch(host=address.removeprefix("http://"))
        watch.attach(context)
        page = context.new_page()
        # The browser must know that file choosers are awaited before the key that opens one: when
        # the order to intercept goes out with that key, it comes too late about every third time.
        page.on("filechooser", lambda _: None)
        return cls(address, context, page, watch)

    def open(self, path: str, *, status: int = 200) -> Page:
        """Go to a path of the site and check how it answers."""
        if status >= 400:
            self.watch.expected_statuses.add(status)
        answer = self.page.goto(path, wait_until="load")
        assert answer is not None, f"{path} gave no answer"
        assert answer.status == status, f"{path} answered {answer.status}"
        return self.page

    def screenshot(self, name: str) -> None:
        """Keep what the page looks like, for a person to judge."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        # Hiding the caret would leave a style attribute on each field, which a later swap copies
        # and the policy refuses.
        self.page.screenshot(path=path, full_page=True, caret="initial")

    def close(self) -> None:
        """Leave, and tell what was forbidden and happened."""
        self.context.close()
        assert self.watch.faults == [], self.watch.faults
