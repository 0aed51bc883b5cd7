"""Everything can be reached and done by keyboard alone."""

from playwright.sync_api import expect

from tests.browser.layout import focused
from tests.browser.visiting import Visitor


def test_the_first_stop_skips_to_the_content(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/list")

    page.keyboard.press("Tab")
    stop = focused(page)
    page.keyboard.press("Enter")

    assert stop == "a Skip to the content"
    assert focused(page).startswith("main #main")


def test_every_stop_of_a_page_shows_its_focus(visitor: Visitor) -> None:
    """A1: no control can hold the focus without an outline."""
    page = visitor.open("/dev/ui/form")

    unmarked = []
    for _ in range(40):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "() => { const e = document.activeElement;"
            " return e === document.body ? 'end' : getComputedStyle(e).outlineStyle; }"
        )
        if style == "end":
            break
        if style == "none":
            unmarked.append(focused(page))

    assert unmarked == []


def test_a_menu_is_walked_with_arrows_and_first_letters_and_gives_the_focus_back(
    visitor: Visitor,
) -> None:
    page = visitor.open("/dev/ui")
    page.get_by_role("button", name="Menu", exact=True).focus()

    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Open the list")).to_be_focused()
    stops = [focused(page)]
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "s", "Home"):
        page.keyboard.press(key)
        stops.append(focused(page))
    page.keyboard.press("Escape")

    assert [stop.split()[1] for stop in stops] == [
        "Open", "Download", "Suspend", "Open", "Suspend", "Open",
    ]  # fmt: skip
    assert focused(page) == "button Menu"


def test_a_dialog_keeps_the_focus_and_gives_it_back(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui")
    page.get_by_role("button", name="Open the dialog").focus()

    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Invite a member")).to_be_visible()
    inside = page.evaluate("document.activeElement.closest('dialog')?.id")
    page.keyboard.press("Escape")

    assert inside == "sample-dialog"
    assert focused(page) == "button Open the dialog"


def test_a_list_is_walked_and_opened_with_letters(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/list")

    for key in ("j", "j", "j", "k"):
        page.keyboard.press(key)
    row = focused(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/dev/ui/form")

    assert row.startswith("tr")
    assert "Ana Lindqvist" in row


def test_rows_are_chosen_one_by_one_and_up_to_here(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/list")

    for key in ("j", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)

    expect(page.locator(".bulk-bar")).to_contain_text("3 chosen")


def test_two_letters_lead_to_another_page(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/list")

    page.keyboard.press("g")
    page.keyboard.press("w")

    page.wait_for_url("**/dev/ui/task")


def test_the_sheet_lists_what_the_keys_of_this_page_do(visitor: Visitor) -> None:
    """A4: one registry feeds the keys and the sheet."""
    page = visitor.open("/dev/ui/list")

    page.keyboard.press("?")

    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_contain_text("Next row")
    expect(sheet).to_contain_text("Task")
    expect(sheet).to_contain_text("Add a member")


def test_no_letter_is_a_shortcut_while_somebody_types(visitor: Visitor) -> None:
    """A4: neither in fields, nor with the sheet or a dialog open."""
    page = visitor.open("/dev/ui/form")
    page.get_by_label("Name").click()

    page.keyboard.type("g w n ? / jk")

    assert page.get_by_label("Name").input_value() == "g w n ? / jk"
    assert page.url.endswith("/dev/ui/form")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_letters_can_be_switched_off(visitor: Visitor) -> None:
    """A4: WCAG 2.1.4, for who speaks to the computer."""
    page = visitor.open("/dev/ui/list?keys=off")

    for key in ("j", "?", "g", "w"):
        page.keyboard.press(key)

    assert page.url.endswith("/dev/ui/list?keys=off")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("tr[aria-current]")).to_have_count(0)


def test_each_shortcut_of_the_sheet_stands_there_once(visitor: Visitor) -> None:
    """A4: no key fires two things."""
    page = visitor.open("/dev/ui/task?task=1")

    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    keys = [row.locator("kbd").all_inner_texts() for row in sheet.locator(".shortcuts > div").all()]

    assert ["a"] in keys
    assert ["r"] in keys
    assert len(keys) == len({tuple(each) for each in keys})
