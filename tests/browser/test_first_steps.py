"""A new account's checklist, by keyboard: seen, accessible, narrow enough, and put away."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from kernel.clock import StoppedClock
from kernel.config import Config
from tests.browser.accessibility import violations
from tests.browser.layout import overflowing
from tests.browser.merchant_site import MerchantSite, merchant_site, press, sign_in
from tests.browser.visiting import DESK, SMALLEST, Visitor
from tests.tenants.conftest import House
from tests.tenants.conftest import house as house


@pytest.fixture
def site(house: House, config: Config, clock: StoppedClock) -> Iterator[MerchantSite]:
    """ACME with Ana, who runs the account, and nothing else."""
    house.member("ana@acme.example", "administrator")
    with merchant_site(config, clock) as served:
        yield served


@pytest.mark.parametrize("size", [DESK, SMALLEST], ids=["desk", "320 pixels"])
def test_the_first_page_of_a_new_account_says_what_is_to_do(
    site: MerchantSite, arrive: Callable[..., Visitor], size: tuple[int, int]
) -> None:
    visitor = arrive(site.address, size=size)
    page = sign_in(visitor, "ana@acme.example")
    steps = page.get_by_role("region", name="First steps: 0 of 5 done")
    expect(steps).to_contain_text("Approvals need a second person.")
    visitor.screenshot(f"first-steps-{size[0]}")
    faults = [*violations(page), *overflowing(page)]

    press(page, "Put away")

    assert faults == []
    expect(page.get_by_role("heading", level=1)).to_have_text("My work")
    expect(steps).to_have_count(0)
