"""A list's address says everything about the list, and nothing that is the default."""

import pytest
from werkzeug.datastructures import MultiDict

from builder_ui.shell.listing import Listing


def a_listing(**arguments: str) -> Listing:
    return Listing.read(
        "/t/acme/orders", MultiDict(arguments), sorts=("-placed_at", "number"), filters=("status",)
    )


def test_a_bare_address_means_the_defaults() -> None:
    listing = a_listing()

    assert listing == Listing(
        "/t/acme/orders", sort="placed_at", descending=True, default_sort="-placed_at"
    )
    assert listing.href() == "/t/acme/orders"


def test_an_address_round_trips() -> None:
    listing = a_listing(q="ana ruiz", status="open", sort="number")

    assert listing.href() == "/t/acme/orders?q=ana+ruiz&status=open&sort=number"


def test_a_change_of_the_filters_begins_at_the_first_page() -> None:
    listing = a_listing(status="open", cursor="c9")

    assert listing.href(status="closed") == "/t/acme/orders?status=closed"


def test_turning_a_page_keeps_search_filters_and_sort() -> None:
    listing = a_listing(q="mug", status="open", sort="number")

    assert listing.page_href("c9") == "/t/acme/orders?q=mug&status=open&sort=number&cursor=c9"
    assert listing.page_href(None) is None


@pytest.mark.parametrize(
    ("sort", "leads_to"),
    [
        pytest.param("placed_at", "/t/acme/orders?sort=number", id="another column sorts upwards"),
        pytest.param("number", "/t/acme/orders?sort=-number", id="the same column turns round"),
        pytest.param("-number", "/t/acme/orders?sort=number", id="and back"),
    ],
)
def test_a_heading_sorts_and_turns_round(sort: str, leads_to: str) -> None:
    assert a_listing(sort=sort).sort_href("number") == leads_to


def test_what_the_list_does_not_know_is_left_out() -> None:
    listing = a_listing(sort="password; DROP", colour="red", status="")

    assert listing == a_listing()


def test_a_list_knows_whether_something_hides_rows() -> None:
    assert [a_listing(**asked).is_narrowed for asked in ({}, {"q": "mug"}, {"status": "open"})] == [
        False,
        True,
        True,
    ]
