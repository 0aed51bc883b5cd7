"""The navigation shows what a person may open, and where they are."""

import pytest

from builder_ui.shell.navigation import NavEntry, Navigation, NavLink, NavSection

ENTRIES = [
    NavEntry("Administration", "Members", "members", "people", permission="member.read"),
    NavEntry("Catalog", "Products", "catalog/products", "tag", keys="g p"),
    NavEntry("Catalog", "Imports", "catalog/products/imports", "upload", rank=200),
]


def test_a_person_sees_only_what_they_may_open_in_the_order_of_the_sections() -> None:
    sections = Navigation(ENTRIES).sections_for((), root="/t/acme", current="/t/acme/members")

    assert sections == (
        NavSection(
            "Catalog",
            (
                NavLink("Products", "/t/acme/catalog/products", "tag", "g p", False),
                NavLink("Imports", "/t/acme/catalog/products/imports", "upload", None, False),
            ),
        ),
    )


def test_a_permission_opens_its_entry() -> None:
    sections = Navigation(ENTRIES).sections_for({"member.read"}, root="/t/acme", current="/t/acme")

    assert [section.label for section in sections] == ["Catalog", "Administration"]


@pytest.mark.parametrize(
    ("current", "marked"),
    [
        pytest.param("/t/acme/catalog/products/MUG", ["Products"], id="a page below"),
        pytest.param("/t/acme/catalog/products/imports/7", ["Imports"], id="the nearest above"),
        pytest.param("/t/acme/catalog/productsale", [], id="not by a mere likeness of names"),
    ],
)
def test_the_nearest_entry_above_the_page_is_marked(current: str, marked: list[str]) -> None:
    sections = Navigation(ENTRIES).sections_for((), root="/t/acme", current=current)

    found = [link.label for section in sections for link in section.links if link.is_current]

    assert found == marked


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(NavEntry("Buy", "Goods", "catalog/products", "tag"), id="the same path"),
        pytest.param(NavEntry("Buy", "Suppliers", "x", "tag", keys="g p"), id="the same keys"),
    ],
)
def test_two_entries_cannot_share_a_path_or_a_shortcut(entry: NavEntry) -> None:
    with pytest.raises(AssertionError, match="two entries"):
        Navigation([*ENTRIES, entry])
