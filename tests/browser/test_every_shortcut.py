"""A4: every shortcut fires once, none while somebody types, and no letter that was switched off.

What there is to try is read from the sheet behind `?`: a new shortcut cannot escape.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import Visitor
from tests.commerce.many_orders import place_many

Arrive = Callable[..., Visitor]
State = dict[str, Any]

# What a shortcut clicks is told instead of done, so that the page stays as it is.
WATCH = """
document.addEventListener("click", (event) => {
  const hit = event.target.closest?.("[data-keys], [data-row-link], .split-back a");
  if (!hit || event.isTrusted) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  window.tellClick(hit.dataset.keys ?? (hit.matches("[data-row-link]") ? "Enter" : "Escape"));
}, true);
document.addEventListener("submit", (event) => {
  if (event.target.matches(".search")) event.preventDefault();
}, true);
"""
STATE = """() => {
  const rows = [...document.querySelectorAll(".table[data-rows] tbody tr")];
  return {
    url: location.href,
    rows: rows.length,
    row: rows.findIndex((row) => row.getAttribute("aria-current") === "true"),
    chosen: document.querySelectorAll("tbody .pick input:checked").length,
    open: [...document.querySelectorAll("dialog[open]")].map((dialog) => dialog.id),
    focus: ((held) => held.id || held.name || held.tagName)(document.activeElement),
  };
}"""
# What modules register does something of its own; each says what is different afterwards.
EFFECTS: dict[str, Callable[[State], State]] = {
    "?": lambda _: {"open": ["shortcut-sheet"]},
    "Ctrl+k": lambda _: {"open": ["palette"], "focus": "palette-q"},
    "/": lambda now: {"focus": "list-q" if "/orders" in now["url"] else "q"},
    "j": lambda now: {"row": min(now["row"] + 1, now["rows"] - 1)},
    "k": lambda now: {"row": max(now["row"] - 1, 0)},
    "x": lambda now: {"chosen": now["chosen"] + 1},
    "Shift+x": lambda now: {"chosen": now["chosen"] + 1},
    "Ctrl+a": lambda now: {"chosen": now["rows"]},
    "f": lambda now: {"focus": "filter-phase" if "/orders" in now["url"] else "filter-range"},
}


@dataclass
class Desk:
    """A page at which somebody presses keys, and what was clicked by that."""

    page: Page
    path: str
    clicks: list[str] = field(default_factory=list)

    def fresh(self) -> State:
        """Open the page anew, at its first row where it has rows."""
        self.page.goto(self.path, wait_until="load")
        self.page.keyboard.press("j")
        self.clicks.clear()
        return self.state()

    def state(self) -> State:
        return dict(self.page.evaluate(STATE))

    def press(self, keys: str) -> None:
        """Press keys as the sheet spells them."""
        for each in keys.split(" "):
            *held, key = each.split("+") if len(each) > 1 else [each]
            held = ["Control" if name == "Ctrl" else name for name in held]
            key = key.upper() if held == ["Shift"] else key
            self.page.keyboard.press("+".join([*held, key]))

    def sheet(self) -> list[str]:
        """Read every shortcut that this page has."""
        self.fresh()
        self.page.keyboard.press("?")
        shown = self.page.locator("#shortcut-sheet .shortcuts > div")
        expect(shown.first).to_be_visible()
        keys = [" ".join(row.locator("kbd").all_inner_texts()) for row in shown.all()]
        self.page.keyboard.press("Escape")
        return keys


@pytest.fixture(params=["list", "task", "dashboard"])
def desk(request: pytest.FixtureRequest, arrive: Arrive, site: Site) -> Desk:
    """A lead buyer before a list with a page before and after, a task, and a dashboard."""
    place_many(site.trade.shop, 120)
    visitor = arrive(site.address)
    paths = {
        "list": "/t/acme/orders?page=2",
        "task": site.pages["task"],
        "dashboard": "/t/acme/dashboards/operations",
    }
    sign_in(visitor, "ada@acme.example" if request.param == "list" else "lea@acme.example")
    desk = Desk(visitor.page, paths[request.param])
    visitor.context.expose_binding("tellClick", lambda _source, keys: desk.clicks.append(keys))
    visitor.context.add_init_script(WATCH)
    return desk


def test_every_shortcut_fires_once(desk: Desk) -> None:
    """A4."""
    shortcuts = desk.sheet()

    wrong = []
    for keys in shortcuts:
        before = desk.fresh()
        desk.press(keys)
        desk.page.wait_for_timeout(30)
        after = desk.state()
        marked = desk.page.locator(f"[data-keys='{keys}']").count() > 0
        if marked or keys in ("Enter", "Escape"):
            if desk.clicks != [keys] or after["url"] != before["url"]:
                wrong.append(f"{keys}: clicked {desk.clicks}")
        elif keys not in EFFECTS:
            wrong.append(f"{keys}: say in EFFECTS what it does")
        elif any(after[name] != value for name, value in EFFECTS[keys](before).items()):
            wrong.append(f"{keys}: {before} became {after}")

    assert wrong == []
    assert len(shortcuts) == len(set(shortcuts)), shortcuts
    assert {"?", "/", "Ctrl+k", "g w", "g o", "g i", "g d"} <= set(shortcuts)
    if "orders" in desk.path:
        expected = {"j", "k", "x", "Shift+x", "Ctrl+a", "Enter", "f", "[", "]", "e"}
        assert expected <= set(shortcuts)


def test_no_shortcut_fires_while_somebody_types(desk: Desk) -> None:
    """A4: all of them, in a field."""
    shortcuts = desk.sheet()
    before = desk.fresh()
    field_ = desk.page.locator(".topbar .search input")
    field_.focus()

    fired, untyped = [], []
    for keys in shortcuts:
        field_.fill("")
        desk.press(keys)
        after = desk.state()
        unlike = [name for name in ("url", "row", "chosen", "open") if after[name] != before[name]]
        if unlike or desk.clicks or after["focus"] != "q":
            fired.append(f"{keys}: {unlike} {desk.clicks} {after['focus']}")
        letters = keys.replace(" ", "")
        if "+" not in keys and len(keys) < 4 and field_.input_value() != letters:
            untyped.append(f"{keys}: {field_.input_value()}")

    assert fired == []
    assert untyped == []


def test_letters_that_were_switched_off_do_nothing(desk: Desk) -> None:
    """A4, WCAG 2.1.4: what needs another key held goes on working."""
    shortcuts = desk.sheet()
    page = desk.page
    page.goto("/t/acme/me")
    page.get_by_label("Shortcuts of a single key").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("data-shortcuts", "off")
    before = desk.fresh()
    assert before["row"] == -1

    fired = []
    for keys in shortcuts:
        if keys.startswith("Ctrl+") or keys in ("Enter", "Escape"):
            continue
        desk.press(keys)
        if desk.clicks or desk.state() != before:
            fired.append(f"{keys}: {desk.clicks} {desk.state()}")

    assert fired == []
    desk.press("Ctrl+k")
    assert desk.state()["open"] == ["palette"]
