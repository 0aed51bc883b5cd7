"""A first day by keyboard: sign in, invite, import a file with faults, mend it, read the trail."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from commerce.catalog.tables import Product
from kernel.clock import StoppedClock
from kernel.config import Config
from tests.browser.accessibility import violations
from tests.browser.merchant_site import (
    MerchantSite,
    enter,
    heading,
    merchant_site,
    press,
    sign_in,
    tab_to,
)
from tests.browser.visiting import Visitor
from tests.commerce.builders import ANA
from tests.commerce.catalog.import_files import csv_of, mug_rows
from tests.conftest import ACME
from tests.tenants.conftest import House
from tests.tenants.conftest import house as house

LONG_MILLISECONDS = 180_000
GOOD, BAD = 995, 5


@pytest.fixture
def site(house: House, config: Config, clock: StoppedClock) -> Iterator[MerchantSite]:
    """ACME with Ana, who runs the account."""
    house.member("ana@acme.example", "administrator")
    with merchant_site(config, clock) as served:
        yield served


def a_file_with_five_bad_rows(folder: Path) -> Path:
    """Write a thousand rows, five of which have no name."""
    rows = mug_rows(GOOD + BAD)
    for number in range(100, 600, 100):
        rows[number] = (rows[number][0], "", *rows[number][2:])
    path = folder / "mugs.csv"
    path.write_bytes(csv_of(*rows))
    return path


def mended(file: Path, folder: Path) -> Path:
    """Give every row of a file of faults a name, as somebody does in a spreadsheet."""
    rows = list(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))
    for number, row in enumerate(rows[1:]):
        row[1] = f"Mended mug {number}"
    path = folder / "mended.csv"
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(rows)
    return path


def look(page: Page, visitor: Visitor, name: str) -> None:
    """Keep a picture, and find no fault of accessibility."""
    visitor.screenshot(f"catalog-{name}")
    assert violations(page) == []


def invite_ben(page: Page, visitor: Visitor) -> None:
    page.keyboard.type("gm")
    heading(page, "Members")
    press(page, "Invite")
    tab_to(page, "f-name")
    page.keyboard.type("Ben")
    page.keyboard.press("Tab")
    page.keyboard.type("ben@acme.example")
    tab_to(page, "f-roles-3")
    page.keyboard.press("Space")
    look(page, visitor, "invite")
    enter(page)
    expect(page.get_by_text("ben@acme.example").first).to_be_visible()


def upload(page: Page, visitor: Visitor, file: Path) -> None:
    """Choose a file and have it tried out, with the columns as they are guessed."""
    heading(page, "Import products")
    look(page, visitor, "upload")
    tab_to(page, "f-file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(file)
    press(page, "Read the file")
    heading(page, file.name)
    look(page, visitor, "columns")
    press(page, "Try it out")
    expect(page.get_by_text("With faults", exact=True)).to_be_visible(timeout=LONG_MILLISECONDS)


def accept(page: Page, button: str, told: str) -> None:
    press(page, button)
    expect(page.get_by_text(told)).to_be_visible(timeout=LONG_MILLISECONDS)


def told_counts(page: Page) -> list[str]:
    """Return how many rows are new, changed, unchanged and bad, as the page says it."""
    return page.locator(".kpis .kpi-value").all_inner_texts()


def told_faults(page: Page) -> list[list[str]]:
    """Return row and column of each fault, as the page says it."""
    rows = page.get_by_role("table", name="Faults in the file").locator("tbody tr")
    return [row.split("\t")[:2] for row in rows.all_inner_texts()]


def go_through_what_was_done(page: Page) -> None:
    """List the rows that were left out, then those that were added, and open what one made."""
    press(page, "Left out")
    assert page.get_by_role("table", name="Rows").locator("tbody tr").count() == BAD
    press(page, "Added")
    press(page, "Mug number 1")
    heading(page, "Mug number 1")


def read_the_trail(page: Page, visitor: Visitor) -> None:
    """Open a product and see who brought it."""
    press(page, "Mended mug 0")
    heading(page, "Mended mug 0")
    look(page, visitor, "product")
    press(page, "Audit trail")
    heading(page, "Audit trail")
    expect(page.get_by_text("catalog.create_product").first).to_be_visible()
    expect(page.locator("tbody").get_by_text("Ana").first).to_be_visible()
    look(page, visitor, "trail")


def take_back(page: Page, visitor: Visitor) -> None:
    """Undo the import of the mended rows, from the list of imports."""
    page.keyboard.type("gp")
    heading(page, "Products")
    press(page, "Imports")
    heading(page, "Imports")
    press(page, "mended.csv")
    heading(page, "mended.csv")
    tab_to(page, "Undo this import")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "Undo this import")
    told = page.get_by_text(f"This import was taken back: {BAD} rows.")
    expect(told).to_be_visible(timeout=LONG_MILLISECONDS)
    look(page, visitor, "taken-back")


def test_a_thousand_products_come_in_and_the_trail_says_who_brought_them(
    arrive: Callable[..., Visitor], site: MerchantSite, tmp_path: Path
) -> None:
    """P6, A1, S1: no mouse, no violation of the policy, no fault of accessibility."""
    visitor = arrive(site.address)
    page = sign_in(visitor, "ana@acme.example")
    invite_ben(page, visitor)

    page.keyboard.type("gp")
    heading(page, "Products")
    look(page, visitor, "no-products")
    press(page, "Import a file")
    upload(page, visitor, a_file_with_five_bad_rows(tmp_path))
    look(page, visitor, "checked")
    tried = told_counts(page)
    assert told_faults(page) == [
        [str(number + 2), "Product name"] for number in range(100, 600, 100)
    ]
    tab_to(page, "Download the rows with faults")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "faults.csv")
    accept(page, f"Import {GOOD} rows, leave {BAD} out", f"{GOOD} rows imported, {BAD} rows left")
    look(page, visitor, "result")
    assert told_counts(page) == tried == [str(GOOD), "0", "0", str(BAD)]
    go_through_what_was_done(page)

    page.keyboard.type("gp")
    heading(page, "Products")
    press(page, "Import a file")
    upload(page, visitor, mended(tmp_path / "faults.csv", tmp_path))
    accept(page, f"Import {BAD} rows", f"{BAD} rows imported, 0 rows left out")

    page.keyboard.type("gp")
    heading(page, "Products")
    look(page, visitor, "products")
    read_the_trail(page, visitor)

    with site.runtime.unit_of_work(ACME, ANA) as uow:
        count = uow.session.scalar(select(func.count()).select_from(Product))
    assert count == GOOD + BAD

    take_back(page, visitor)
    with site.runtime.unit_of_work(ACME, ANA) as uow:
        on_sale = select(func.count()).where(Product.retired_at.is_(None))
        assert uow.session.scalar(on_sale) == GOOD
