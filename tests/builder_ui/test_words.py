"""Sentences are said in the language of who looks; English is what is written."""

from collections.abc import Iterator

import pytest
from flask import Flask, g, render_template_string
from markupsafe import Markup, escape

from builder_ui.shell.assets import Assets
from builder_ui.shell.extraction import template
from builder_ui.shell.languages import SOURCE, TEMPLATE, Language, Languages
from builder_ui.shell.pseudo_words import lengthened, turned
from builder_ui.shell.rendering import install_shell
from builder_ui.shell.words import Words, _, _n, said

SPOKEN = Languages(with_pseudo=True)


@pytest.fixture
def app() -> Iterator[Flask]:
    """An application within a request of somebody who reads English."""
    made = Flask("words", static_folder=None)
    install_shell(made, Assets.read())
    with made.test_request_context():
        yield made


def reads(language: Language) -> None:
    """Let the present request be that of somebody who chose a language."""
    g.language = language


def test_the_catalogue_holds_every_sentence_of_the_sources() -> None:
    """A5: run `python -m builder_ui.shell.extraction` where this fails."""
    assert TEMPLATE.read_bytes() == template()


def test_a_constant_is_english_until_it_is_shown(app: Flask) -> None:
    orders = Words("Orders")
    reads(SPOKEN.of("en_XA"))

    assert orders == "Orders"
    assert {"Orders": 1}[orders] == 1
    assert (str(orders), f"{orders}", escape(orders)) == (lengthened("Orders"),) * 3


def test_in_a_request_a_sentence_is_said_at_once(app: Flask) -> None:
    english = _("Order %(number)s", number=1001)
    reads(SPOKEN.of("ar_XB"))
    turned_round = _("Order %(number)s", number=1001)

    assert english == "Order 1001"
    assert turned_round == turned("Order 1001")


def test_a_number_chooses_the_form(app: Flask) -> None:
    one = _n("%(count)s task", "%(count)s tasks", 1, count="1")
    many = _n("%(count)s task", "%(count)s tasks", 1200, count="1,200")
    reads(SPOKEN.of("ar_XB"))
    turned_round = _n("%(count)s task", "%(count)s tasks", 2, count="2")

    assert (one, many, turned_round) == ("1 task", "1,200 tasks", turned("2 tasks"))


def test_what_is_put_into_a_sentence_is_escaped_and_markup_stays(app: Flask) -> None:
    name, link = "<b>Ana</b>", Markup("<a>MUG</a>")

    plain = render_template_string('{{ _("By %(name)s", name=name) }}', name=name)
    marked = render_template_string("{% trans name %}By <i>{{ name }}</i>{% endtrans %}", name=name)
    both = render_template_string(
        '{{ _("%(sku)s & %(name)s", sku=sku, name=name) }}', sku=link, name=name
    )

    assert plain == "By &lt;b&gt;Ana&lt;/b&gt;"
    assert marked == "By <i>&lt;b&gt;Ana&lt;/b&gt;</i>"
    assert both == "<a>MUG</a> &amp; &lt;b&gt;Ana&lt;/b&gt;"


def test_what_nobody_extracted_stays_as_it_is(app: Flask) -> None:
    reads(SPOKEN.of("en_XA"))

    assert said("A sentence that stands nowhere.") == "A sentence that stands nowhere."


def test_regions_decide_formats_and_unknown_languages_are_said_in_english() -> None:
    swiss, german, plain = (SPOKEN.of(each) for each in ("en_CH", "de_CH", "en"))

    assert [(each.tag, each.formats) for each in (swiss, german, plain)] == [
        ("en-CH", "en_CH"), ("en", "de_CH"), ("en", "en"),
    ]  # fmt: skip
    assert all(each.is_source for each in (swiss, german, plain))


def test_pseudo_languages_are_offered_to_nobody_by_default() -> None:
    ordinary = Languages()

    assert ordinary.of("en_XA") is SOURCE
    assert {"en_XA", "ar_XB"} & dict(ordinary.offered()).keys() == set()
    assert {"en_XA", "ar_XB"} <= dict(SPOKEN.offered()).keys()


def test_a_longer_sentence_keeps_its_places_and_markup() -> None:
    made = lengthened("Sign in as <b>%(email)s</b>.")

    assert "<b>%(email)s</b>" in made
    assert len(made) >= 1.4 * len("Sign in as <b>%(email)s</b>.") - 10
