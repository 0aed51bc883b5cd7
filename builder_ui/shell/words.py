"""Marks a sentence for people where it is written, and says it in the language of who looks.

`_("Orders")` in a page's code or template is English and its own key. While a request is answered
it is the translation, an ordinary `str`; a constant of a module is one of `Words`, which are
English to compare and to look up by, and translated where they are shown.
"""

from collections.abc import Mapping

from flask import g, has_app_context
from markupsafe import Markup, escape

from builder_ui.shell.languages import SOURCE, Language


class Words(str):
    """A sentence that is said when it is shown: in markup, in `str()` and in formatted text.

    As a string it is English, so that it can be compared, looked up by and sorted.
    """

    sentence: str
    values: Mapping[str, object]

    def __new__(cls, sentence: str, /, **values: object) -> "Words":
        made = super().__new__(cls, _filled(sentence, values))
        made.sentence, made.values = sentence, values
        return made

    def __str__(self) -> str:
        return _filled(said(self.sentence), self.values)

    def __html__(self) -> str:
        return escape(str(self))

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)


def language() -> Language:
    """Return the language of the request; English where nobody asks, as in a job."""
    present: Language = g.get("language", SOURCE) if has_app_context() else SOURCE
    return present


def _(sentence: str, /, **values: object) -> str:
    """Mark a sentence. Values take the places that it names: `_("%(name)s is gone.", name=name)`.

    Values that are markup stay markup, and the sentence around them is escaped.
    """
    if not has_app_context():
        return Words(sentence, **values)
    return _filled(said(sentence), values)


def _n(one: str, several: str, count: int, /, **values: object) -> str:
    """Mark a sentence that depends on a number, in the two forms that English has.

    `count` chooses the form; how the number is written is a value like any other.
    """
    present = language()
    chosen = (one if count == 1 else several) if present.is_source else None
    return _filled(chosen or present.translations.ngettext(one, several, count), values)


def said(sentence: str) -> str:
    """Return a sentence that is marked elsewhere, such as the title of a refusal; else itself."""
    if isinstance(sentence, Words):
        return str(sentence)
    present = language()
    # Of nothing, gettext returns the head of its catalogue.
    is_said = present.is_source or not sentence
    return sentence if is_said else present.translations.gettext(sentence)


def _filled(sentence: str, values: Mapping[str, object]) -> str:
    if not values or not sentence:
        return sentence
    if any(isinstance(value, Markup) for value in values.values()):
        return escape(sentence) % values
    return sentence % values
