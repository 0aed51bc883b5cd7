"""A list's state lives in its address: it survives Back, sharing, and a browser without scripts."""

from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.browser.accessibility import violations
from tests.browser.layout import focused
from tests.browser.visiting import Visitor


def test_sorting_and_filtering_change_the_list_the_address_and_nothing_else(
    visitor: Visitor,
) -> None:
    """P3: the page is not loaded anew, and the focus stays where it was."""
    page = visitor.open("/dev/ui/list")
    page.evaluate("window.stayed = true")

    page.get_by_label("Role").select_option("buyer")
    expect(page.locator("tbody tr")).to_have_count(20)
    page.get_by_role("link", name="Joined").click()
    page.wait_for_url("**?role=buyer&sort=joined_on")
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Joined")

    assert page.evaluate("window.stayed") is True
    assert focused(page) == "a #sort-joined_on Joined"
    expect(page.locator("tbody tr").first).to_contain_text("Bo Ruiz")


def test_typing_searches_by_itself_and_keeps_the_words(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/list")

    page.get_by_label("Search by name").click()
    page.keyboard.type("sato")
    page.wait_for_url("**?q=sato")
    expect(page.locator("tbody tr")).to_have_count(10)
    page.keyboard.type(" x")

    expect(page.get_by_role("heading", name="No members match")).to_be_visible()
    assert page.get_by_label("Search by name").input_value() == "sato x"


def test_letters_typed_while_the_answer_is_under_way_are_not_lost(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/list")
    asked: list[str] = []

    def answer_late(route: Route) -> None:
        asked.append(route.request.url.partition("?")[2])
        page.wait_for_timeout(400)
        route.continue_()

    page.route("**/dev/ui/list?q=sa", answer_late)
    page.get_by_label("Search by name").click()
    page.keyboard.type("sa")
    with page.expect_response("**/dev/ui/list?q=sa"):
        page.wait_for_timeout(350)
        page.keyboard.type("to", delay=120)

    page.wait_for_url("**?q=sato")
    expect(page.locator("tbody tr")).to_have_count(10)
    assert asked == ["q=sa"]
    assert page.get_by_label("Search by name").input_value() == "sato"
    assert focused(page).startswith("input #list-q")


def test_letters_typed_before_the_new_field_is_listened_to_are_asked_for(
    visitor: Visitor,
) -> None:
    """The answer's field stands on the page a moment before its form hears what is typed."""
    page = visitor.open("/dev/ui/list")
    page.evaluate(
        """() => document.addEventListener("htmx:afterSwap", () => {
          const field = document.activeElement;
          field.value += " x";
          field.dispatchEvent(new Event("input", { bubbles: true }));
        }, { once: true })"""
    )

    page.get_by_label("Search by name").click()
    page.keyboard.type("sato")

    expect(page.get_by_role("heading", name="No members match")).to_be_visible()
    assert page.get_by_label("Search by name").input_value() == "sato x"


def test_words_that_the_server_trims_are_asked_for_once(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/list")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))

    page.get_by_label("Search by name").click()
    page.keyboard.type("sato ")
    expect(page.locator("tbody tr")).to_have_count(10)
    page.wait_for_timeout(1000)

    assert [each for each in asked if each.startswith("list")] == ["list?q=sato%20"]
    assert page.get_by_label("Search by name").input_value() == "sato "


def test_a_swap_is_told_to_who_cannot_see_it(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/list")

    page.get_by_label("Status").select_option("invited")

    expect(page.locator("#announce")).to_have_text("1 to 8 of 8 members")


def test_back_brings_the_list_back_as_it_was(visitor: Visitor) -> None:
    """P3: search, filter, sort and page are restored."""
    page = visitor.open("/dev/ui/list")
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**?cursor=25")
    expect(page.locator(".pager")).to_contain_text("26 to 50 of 80")
    page.get_by_role("link", name="Dora Okafor").click()
    page.wait_for_url("**/dev/ui/form")

    page.go_back()
    expect(page.locator(".pager")).to_contain_text("26 to 50 of 80")
    page.go_back()

    expect(page.locator(".pager")).to_contain_text("1 to 25 of 80")


def test_nothing_of_a_page_stays_in_the_browser(visitor: Visitor) -> None:
    """Somebody else may use this browser tomorrow; only a tab knows its own address."""
    page = visitor.open("/dev/ui/list")
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**?cursor=25")

    kept = page.evaluate("[...Object.values(localStorage), ...Object.values(sessionStorage)]")

    assert kept == ["/dev/ui/list?cursor=25"]


def test_a_list_works_without_scripts(arrive: Callable[..., Visitor], gallery_site: str) -> None:
    visitor = arrive(gallery_site, scripts=False)
    page = visitor.open("/dev/ui/list")

    page.get_by_label("Role").select_option("buyer")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name="Joined").click()

    assert page.url.endswith("?role=buyer&sort=joined_on")
    expect(page.locator("tbody tr").first).to_contain_text("Bo Ruiz")


def test_all_matching_means_all_but_those_taken_out_again(visitor: Visitor) -> None:
    """P4: 80 match, one is taken out, 79 are meant."""
    page = visitor.open("/dev/ui/list")
    page.get_by_label("Choose every row of this page").check()
    page.get_by_label("All 80 matching").check()

    page.get_by_label("Choose Ana Kovač").uncheck()
    expect(page.locator(".bulk-bar")).to_contain_text("79 chosen")
    visitor.screenshot("list-with-chosen-rows")
    faults = violations(page)
    page.get_by_role("button", name="Send again").click()

    assert faults == []
    facts = page.locator(".facts")
    expect(facts).to_contain_text("All matchingyes")
    expect(facts).to_contain_text("Exceptmem_060")


def test_choosing_a_row_does_not_move_the_rows(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/list")
    box = page.get_by_label("Choose Ana Lindqvist")
    before = box.bounding_box()

    box.check()

    assert box.bounding_box() == before


def test_a_dangerous_bulk_action_asks_first(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/list")
    page.get_by_label("Choose Ana Lindqvist").check()

    page.get_by_role("button", name="Suspend").click()
    question = page.get_by_role("dialog", name="Suspend the chosen members?")
    expect(question).to_be_visible()
    page.keyboard.press("Enter")  # Cancel has the focus.
    expect(question).to_be_hidden()
    still_here = page.url.endswith("/dev/ui/list")
    page.get_by_role("button", name="Suspend").click()
    question.get_by_role("button", name="Suspend").click()

    assert still_here
    expect(page.get_by_role("heading", name="Chosen rows")).to_be_visible()
