"""Pages that administrators alone see are as sound as the others."""

from collections.abc import Callable

import pytest

from tests.browser.accessibility import violations
from tests.browser.layout import small_targets
from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import DESK, PHONE, Scheme, Visitor


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_of_administration_has_an_accessibility_fault(
    arrive: Callable[..., Visitor], site: Site, scheme: Scheme, size: tuple[int, int]
) -> None:
    """A1: axe finds nothing, light and dark, wide and narrow."""
    visitor = arrive(site.address, scheme=scheme, size=size)
    device = "desk" if size == DESK else "phone"
    sign_in(visitor, "ada@acme.example")

    found = []
    for name, path in site.administration.items():
        page = visitor.open(path)
        visitor.screenshot(f"administration-{name}-{device}-{scheme}")
        found += [f"{name}: {fault}" for fault in violations(page)]
        found += [f"{name}: {fault}" for fault in small_targets(page)]

    assert found == []
