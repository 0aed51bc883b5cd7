"""Somebody who sees the portal for the first time and has only a keyboard."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.layout import focused
from tests.browser.visiting import SCREENSHOTS, Visitor

PICTURES = Path(__file__).parents[2] / "docs/pictures/operators"
ASKED_FOR = "WAREFLOW_TOUR_PICTURES"
WIDE = (1280, 760)
STOPS_MAX = 120

# What a person takes, by the keystroke-level model of Card, Moran and Newell: a key of somebody who
# types neither fast nor slowly, and the thought before each new page. Reading: the 238 words a
# minute that Brysbaert found adults to read silently.
SECONDS_PER_KEY = 0.28
SECONDS_PER_THOUGHT = 1.35
SECONDS_PER_WORD = 60 / 238

# Before the pages' own scripts, so that nothing stops an event on its way.
_TELL_POINTERS = """
for (const kind of ["pointerdown", "mousedown", "mousemove", "wheel", "touchstart"])
  addEventListener(kind, (event) => { if (event.isTrusted) window.tellPointer(kind); }, true);
"""


@dataclass
class Newcomer:
    """Presses keys, reads what is shown, and counts both; a pointer is never touched."""

    visitor: Visitor
    keys: int = 0
    thoughts: int = 0
    words: int = 0
    pointers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Hear every pointer from the first page on."""
        context = self.visitor.context
        context.expose_binding("tellPointer", lambda _source, kind: self.pointers.append(kind))
        context.add_init_script(_TELL_POINTERS)

    @property
    def page(self) -> Page:
        """What they look at."""
        return self.visitor.page

    def press(self, *names: str) -> None:
        """Press keys, one after the other."""
        for name in names:
            self.keys += 1
            self.page.keyboard.press(name)

    def write(self, text: str) -> None:
        """Type words."""
        self.keys += len(text)
        self.page.keyboard.type(text)

    def skip_to(self, words: str) -> None:
        """Leave the navigation out by the link that stands before it, and go on by Tab."""
        self.tab_to("Skip to the content")
        self.press("Enter")
        self.tab_to(words)

    def tab_to(self, words: str) -> None:
        """Press Tab until what has the focus is named so, or fail after a long walk."""
        walked = []
        for _ in range(STOPS_MAX):
            self.press("Tab")
            walked.append(focused(self.page))
            if words in walked[-1]:
                return
        raise AssertionError(f"no stop is named {words!r}: {walked}")

    def follow(self, *names: str) -> None:
        """Press keys of which the last leads to another page, and think about that page."""
        self.press(*names[:-1])
        with self.page.expect_navigation():
            self.press(names[-1])
        self.thoughts += 1

    def read(self, *named: str) -> str:
        """Read sections by their headings, and return what they say."""
        sections = (self.page.get_by_role("region", name=each, exact=True) for each in named)
        text = "\n".join(section.inner_text() for section in sections)
        self.words += len(text.split())
        return text

    def look(self, name: str) -> None:
        """Keep a picture: of the tour in the documentation where that is asked for."""
        folder = PICTURES if os.environ.get(ASKED_FOR) else SCREENSHOTS / "tour"
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png", caret="initial")

    @property
    def seconds(self) -> float:
        """Return how long a person takes over what was pressed and read so far."""
        return (
            self.keys * SECONDS_PER_KEY
            + self.thoughts * SECONDS_PER_THOUGHT
            + self.words * SECONDS_PER_WORD
        )
