"""Every page of the portal says what it is for."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from builder_ui.portal.catalog.pages import catalog
from builder_ui.portal.composition import PAGES
from builder_ui.portal.help_texts import HELPS, help_of
from tests.builder_ui.portal.conftest import Walker, words
from tests.tenants.conftest import House

# What answers with something else than a page, or leads on to one.
NO_PAGES = {
    "portal_home.go_home",
    "portal_catalog.suggestions_path",
    "portal_members.suggest",
    "portal_search.find_quickly",
    "portal_notifications.tell_unread",
    "portal_stream.listen",
    "portal_stream.tell_latest",
    "portal_workflows.tell_standing",
}


def pages() -> Iterator[Rule]:
    app = Flask("pages", static_folder=None)
    for blueprint in (*PAGES, catalog):
        app.register_blueprint(blueprint)
    for rule in app.url_map.iter_rules():
        is_before_sign_in = rule.endpoint.startswith(("front.", "portal_sign_in."))
        is_file = rule.endpoint.endswith((".export", ".csv")) or rule.rule.endswith(".csv")
        is_page = not is_before_sign_in and not is_file and rule.endpoint not in NO_PAGES
        if "GET" in (rule.methods or ()) and is_page:
            yield rule


def test_every_page_has_help() -> None:
    assert [each.rule for each in pages() if help_of(each.endpoint) is None] == []


def test_no_help_is_left_of_a_page_that_is_gone() -> None:
    known = [each.endpoint for each in pages()]
    used = {id(help_of(endpoint)) for endpoint in known}

    assert [name for name, text in HELPS.items() if id(text) not in used] == []


@pytest.mark.parametrize("name", sorted(HELPS))
def test_help_is_short_and_in_sentences(name: str) -> None:
    text = HELPS[name]

    assert 1 <= len(text.can) <= 3
    assert len(f"{text.purpose} {' '.join(text.can)}".split()) <= 75
    assert all(each.endswith(".") for each in (text.purpose, *text.can))


def test_help_stands_on_the_page(house: House, walker: Callable[..., Walker]) -> None:
    house.member("lea@acme.example", "buyer_lead")

    page = words(walker("lea@acme.example").open("tasks"))

    assert "About this page" in page
    assert "What workflows ask of you or of your roles" in page
