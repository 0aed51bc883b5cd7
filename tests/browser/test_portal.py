"""The portal in a real browser: sound in both themes and every size, usable by keyboard alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from builder_ui.shell.assets import Assets
from tenants import access
from tenants.organisation import tree
from tests.browser.accessibility import violations
from tests.browser.layout import enlarge_text, overflowing, small_targets
from tests.browser.serving import serve
from tests.browser.visiting import DESK, PHONE, SMALLEST, Scheme, Visitor
from tests.builder_ui.portal.conftest import compose_portal
from tests.conftest import ACME
from tests.tenants.conftest import OTHER_PASSWORD, PASSWORD, House
from tests.tenants.conftest import house as house

Arrive = Callable[..., Visitor]


@dataclass(frozen=True)
class Site:
    """The served portal of ACME with a few people, and the paths of its pages by name."""

    address: str
    house: House
    stranger_pages: dict[str, str]
    pages: dict[str, str]


@pytest.fixture
def site(house: House) -> Iterator[Site]:
    """Serve the portal with an administrator, a buyer, an invited planner and a small tree."""
    ana = house.member("ana@acme.example", "administrator")
    ben = house.member("ben@acme.example", "buyer", manager_id=ana.id)
    house.member("cleo@acme.example", "planner", password=None)
    token = house.mailed_token()
    with house.open() as uow:
        company = tree.add_unit(uow, "company", "acme", "Acme Group").id
        brand = tree.add_unit(uow, "brand", "mugs", "Mugs", parent_id=company).id
        shop = tree.add_unit(uow, "node", "berlin", "Berlin Mitte", parent_id=brand).id
        role = next(row for row, _count in access.roles(uow) if row.key == "buyer").id
    strangers = {
        "company": "/",
        "sign-in": "/t/acme/sign-in",
        "reset": "/t/acme/reset",
        "invitation": f"/t/acme/invite/{token}",
    }
    pages = {
        "members": "/t/acme/members",
        "members-no-match": "/t/acme/members?q=zzz",
        "member-new": "/t/acme/members/new",
        "member": f"/t/acme/members/{ben.id}",
        "roles": "/t/acme/roles",
        "role": f"/t/acme/roles/{role}",
        "role-new": "/t/acme/roles/new",
        "organisation": "/t/acme/organisation",
        "organisation-new": "/t/acme/organisation/new",
        "organisation-unit": f"/t/acme/organisation/{shop}",
        "settings": f"/t/acme/settings?scope={shop}",
        "setting": f"/t/acme/settings/display.locale?scope={ACME}",
        "audit": "/t/acme/audit",
        "audit-role": f"/t/acme/audit?subject=role/{role}",
        "me": "/t/acme/me",
    }
    with serve(compose_portal(house.runtime, house, Assets.read())) as address:
        yield Site(address, house, strangers, pages)


def sign_in(visitor: Visitor, email: str = "ana@acme.example") -> None:
    page = visitor.open("/t/acme/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/t/acme/tasks")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_portal_page_has_an_accessibility_fault(
    arrive: Arrive, site: Site, scheme: Scheme, size: tuple[int, int]
) -> None:
    """A1: axe finds nothing on any page, signed in or not, light and dark, wide and narrow."""
    visitor = arrive(site.address, scheme=scheme, size=size)
    device = "desk" if size == DESK else "phone"

    found = []
    for pages in (site.stranger_pages, site.pages):
        if pages is site.pages:
            sign_in(visitor)
        for name, path in pages.items():
            page = visitor.open(path)
            visitor.screenshot(f"portal-{name}-{device}-{scheme}")
            found += [f"{name}: {fault}" for fault in violations(page)]
            found += [f"{name}: {fault}" for fault in small_targets(page)]

    assert found == []


def test_no_portal_page_scrolls_sideways(arrive: Arrive, site: Site) -> None:
    """A2: 320 pixels, and text twice as large."""
    found = []
    for size, percent in ((SMALLEST, 100), ((640, 900), 200)):
        visitor = arrive(site.address, size=size)
        sign_in(visitor)
        for name, path in site.pages.items():
            page = visitor.open(path)
            enlarge_text(page, percent)
            found += [f"{name} at {percent} %: {each}" for each in overflowing(page)]

    assert found == []


def test_an_administrator_works_by_keyboard_alone(arrive: Arrive, site: Site) -> None:
    """Sign in, invite a colleague, and read in the trail that it happened: no mouse."""
    visitor = arrive(site.address)
    sign_in(visitor)
    page, keys = visitor.page, visitor.page.keyboard

    keys.type("gm")
    page.wait_for_url("**/t/acme/members")
    keys.press("n")
    page.wait_for_url("**/members/new")
    page.get_by_label("Name").focus()
    keys.type("Dora Dahl")
    keys.press("Tab")
    keys.type("dora@acme.example")
    keys.press("Tab")
    keys.press("Space")
    page.get_by_role("combobox", name="Reports to").focus()
    keys.type("be", delay=30)
    expect(page.get_by_role("option")).to_have_count(1)
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.get_by_role("combobox", name="Reports to")).to_have_value("ben@acme.example")
    page.get_by_role("button", name="Invite").focus()
    keys.press("Enter")
    page.wait_for_url("**/members/mem_*")
    expect(page.get_by_text("The invitation is on its way.")).to_be_visible()
    page.get_by_role("link", name="Audit trail").last.focus()
    keys.press("Enter")
    page.wait_for_url("**/audit**")

    expect(page.get_by_role("cell", name="members.invite")).to_be_visible()
    assert violations(page) == []


def test_a_refused_form_takes_the_focus_and_keeps_the_words(arrive: Arrive, site: Site) -> None:
    visitor = arrive(site.address)
    sign_in(visitor)
    page = visitor.open("/t/acme/members/new")
    visitor.watch.expected_statuses.add(422)

    page.get_by_label("E-mail").fill("no address")
    page.get_by_role("button", name="Invite").click()

    expect(page.get_by_role("link", name="Enter an e-mail address")).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value("no address")
    assert violations(page) == []


def test_the_theme_is_kept_for_the_person(arrive: Arrive, site: Site) -> None:
    """Chosen on one device, rendered by the server on the next."""
    visitor, elsewhere = arrive(site.address), arrive(site.address)
    sign_in(visitor)
    page = visitor.page

    page.get_by_role("button", name="Profile of Ana").click()
    with page.expect_response("**/me/theme"):
        page.get_by_role("menuitemradio", name="Dark").click()

    sign_in(elsewhere)
    expect(elsewhere.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_an_invited_person_gets_in_without_scripts(arrive: Arrive, site: Site) -> None:
    """Links and forms alone carry the first visit."""
    visitor = arrive(site.address, scripts=False)
    page = visitor.open(site.stranger_pages["invitation"])

    page.get_by_label("Password", exact=True).fill(OTHER_PASSWORD)
    page.get_by_label("The same again").fill(OTHER_PASSWORD)
    page.get_by_role("button", name="Go in").click()

    page.wait_for_url("**/t/acme/tasks")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
