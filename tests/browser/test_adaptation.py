"""The page follows what people ask of their device: theme, contrast, motion, paper, size."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.visiting import PHONE, Visitor

BACKGROUND = "getComputedStyle(document.body).backgroundColor"
LIGHT, DARK = "rgb(246, 247, 249)", "rgb(15, 18, 23)"


def test_the_theme_follows_the_system_until_somebody_chooses(
    arrive: Callable[..., Visitor], gallery_site: str
) -> None:
    dark = arrive(gallery_site, scheme="dark").open("/dev/ui").evaluate(BACKGROUND)
    chosen = arrive(gallery_site, scheme="dark").open("/dev/ui?theme=light").evaluate(BACKGROUND)

    assert (dark, chosen) == (DARK, LIGHT)


def test_a_chosen_theme_shows_at_once_and_is_told_to_the_server(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui")
    page.get_by_role("button", name="Profile of Ana Ruiz").click()
    visitor.screenshot("profile-menu")

    with page.expect_request("**/dev/ui/theme") as told:
        page.get_by_role("menuitemradio", name="Dark").click()

    assert page.evaluate(BACKGROUND) == DARK
    assert told.value.post_data == "theme=dark"


def test_a_page_looks_right_before_any_script_has_run(
    arrive: Callable[..., Visitor], gallery_site: str
) -> None:
    visitor = arrive(gallery_site, scripts=False, scheme="dark")
    visitor.open("/dev/ui/list?theme=light")
    visitor.screenshot("list-without-scripts")

    assert visitor.page.evaluate(BACKGROUND) == LIGHT


def test_controls_are_visible_in_forced_colours(
    arrive: Callable[..., Visitor], gallery_site: str
) -> None:
    """A3: every button and badge has a border that forced colours keep."""
    visitor = arrive(gallery_site, forced_colors=True)
    page = visitor.open("/dev/ui")
    visitor.screenshot("components-forced-colours")

    bare = page.evaluate(
        """() => [...document.querySelectorAll(".button, .badge, .input, .chip, .switch")]
          .filter((element) => element.checkVisibility())
          .filter((element) => parseFloat(getComputedStyle(element).borderTopWidth) === 0)
          .map((element) => element.outerHTML.slice(0, 80))"""
    )

    assert bare == []


def test_nothing_moves_for_who_asked_for_stillness(
    arrive: Callable[..., Visitor], gallery_site: str
) -> None:
    """A3: no animation and no transition is left."""
    page = arrive(gallery_site, reduced_motion=True).open("/dev/ui")

    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")]
          .map((element) => [element, getComputedStyle(element)])
          .filter(([, its]) => its.animationName !== "none" || its.transitionDuration !== "0s")
          .map(([element]) => element.outerHTML.slice(0, 80))"""
    )

    assert moving == []


def test_paper_gets_the_matter_without_the_controls(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/list?theme=dark")

    page.emulate_media(media="print")
    visitor.screenshot("list-on-paper")

    expect(page.locator(".topbar")).to_be_hidden()
    expect(page.locator(".nav")).to_be_hidden()
    expect(page.locator(".filter-bar")).to_be_hidden()
    expect(page.locator(".table")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


def test_a_phone_opens_the_navigation_over_the_page(
    arrive: Callable[..., Visitor], gallery_site: str
) -> None:
    visitor = arrive(gallery_site, size=PHONE)
    page = visitor.open("/dev/ui/list")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()

    page.get_by_role("button", name="Navigation").click()
    visitor.screenshot("navigation-phone")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Task").click()

    page.wait_for_url("**/dev/ui/task")
