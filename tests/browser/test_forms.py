"""Forms tell what is wrong where it is wrong, are sent once, and lose nobody's words."""

from collections.abc import Callable

from playwright.sync_api import Dialog, expect

from tests.browser.accessibility import violations
from tests.browser.layout import focused
from tests.browser.visiting import Visitor


def test_a_refused_form_puts_the_focus_on_the_summary_and_leads_to_the_field(
    visitor: Visitor,
) -> None:
    visitor.watch.expected_statuses.add(422)
    page = visitor.open("/dev/ui/form")
    page.get_by_label("E-mail").fill("ana at acme")

    page.get_by_role("button", name="Save").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("2 things need your attention")
    expect(summary).to_be_focused()
    faults = violations(page)
    page.get_by_role("link", name="Enter an e-mail address").click()

    assert faults == []
    assert focused(page) == "input #f-email email"
    assert page.get_by_label("E-mail").input_value() == "ana at acme"
    expect(page.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")


def test_unsaved_words_are_marked_until_they_are_what_was_saved(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/form")
    sign = page.get_by_text("Not saved yet")

    page.get_by_label("Name").press_sequentially("Ana")
    expect(sign).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Backspace")

    expect(sign).to_be_hidden()


def test_leaving_with_unsaved_words_asks_first(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/form")
    questions: list[str] = []

    def stay(dialog: Dialog) -> None:
        questions.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_label("Name").press_sequentially("Ana")
    page.get_by_role("link", name="Components").first.click(no_wait_after=True)
    page.wait_for_timeout(300)

    assert questions == ["beforeunload"]
    assert page.url.endswith("/dev/ui/form")
    page.remove_listener("dialog", stay)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Components").first.click()
    page.wait_for_url("**/dev/ui")


def test_a_form_that_was_sent_does_not_ask(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/form")
    page.get_by_label("Name").fill("Ana Ruiz")
    page.get_by_label("E-mail").fill("ana@acme.example")

    page.get_by_role("button", name="Save").click()

    page.wait_for_url("**/dev/ui")


def test_a_form_is_sent_once_however_often_somebody_clicks(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/form")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.get_by_label("Name").fill("Ana Ruiz")
    page.get_by_label("E-mail").fill("ana@acme.example")

    page.get_by_role("button", name="Save").dblclick(no_wait_after=True)
    page.wait_for_url("**/dev/ui")

    assert sent.count("POST") == 1


def test_suggestions_are_chosen_by_keyboard(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/form")
    field = page.get_by_role("combobox", name="Manager")

    field.press_sequentially("hana")
    expect(page.get_by_role("option")).to_have_count(8)
    faults = violations(page)
    visitor.screenshot("suggestions")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    assert faults == []
    assert field.input_value() == "hana.17@acme.example"
    expect(page.locator("#f-manager-chosen")).to_have_text("Hana Lindqvist")
    expect(page.get_by_role("option")).to_have_count(0)


def test_a_question_sends_the_form_only_after_yes(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui")

    page.get_by_role("button", name="Ask me first").click()
    question = page.get_by_role("dialog", name="Delete three products?")
    visitor.screenshot("question")
    faults = violations(page)
    question.get_by_role("button", name="Cancel").click()
    stayed = page.url.endswith("/dev/ui")
    page.get_by_role("button", name="Ask me first").click()
    question.get_by_role("button", name="Ask me first").click()

    assert faults == []
    assert stayed
    page.wait_for_url("**/dev/ui/list")


def test_a_form_works_without_scripts(arrive: Callable[..., Visitor], gallery_site: str) -> None:
    visitor = arrive(gallery_site, scripts=False)
    visitor.watch.expected_statuses.add(422)
    page = visitor.open("/dev/ui/form")

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("2 things need your attention")
    page.get_by_label("Name").fill("Ana Ruiz")
    page.get_by_label("E-mail").fill("ana@acme.example")
    page.get_by_role("button", name="Save").click()

    assert page.url.endswith("/dev/ui")
