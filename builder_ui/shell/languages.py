"""The languages in which pages can be said: English as written, and each catalogue beside it.

A catalogue is a file `builder_ui/words/<locale>.po`; it is read when somebody first asks for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from builder_ui.shell.pseudo_words import lengthened, turned

WORDS = Path(__file__).parents[1] / "words"
TEMPLATE = WORDS / "wareflow.pot"

# English sentences with the numbers, dates and amounts of a region.
_ENGLISH = (
    "en", "en_AU", "en_CA", "en_CH", "en_DE", "en_GB", "en_IE", "en_IN", "en_NZ", "en_SE", "en_US",
)  # fmt: skip
_PSEUDO: Mapping[str, tuple[str, str, Callable[[str], str]]] = {
    "en_XA": ("en", "Pseudo-language: longer", lengthened),
    "ar_XB": ("ar", "Pseudo-language: right to left", turned),
}


@dataclass(frozen=True)
class Language:
    """How sentences are said: in which words, which way they run, and by whose number formats."""

    tag: str
    formats: str
    direction: Literal["ltr", "rtl"]
    translations: NullTranslations
    is_source: bool = False


SOURCE = Language("en", "en", "ltr", NullTranslations(), is_source=True)


@dataclass(frozen=True)
class Languages:
    """What one installation speaks. Pseudo-languages are for who looks for faults of layout."""

    with_pseudo: bool = False

    def offered(self) -> list[tuple[str, str]]:
        """Return what a member may choose, as locale and name; each is named in itself."""
        own = [(each, _named(each)) for each in (*_ENGLISH, *_catalogues())]
        return own + [(each, _PSEUDO[each][1]) for each in self._pseudo()]

    def of(self, locale: str) -> Language:
        """Return the language of a locale, or of its language alone; English where we have none."""
        if locale in _PSEUDO:
            return _pseudo_language(locale) if self.with_pseudo else SOURCE
        base = locale.split("_", 1)[0]
        known = next((each for each in (locale, base) if each in _catalogues()), None)
        if known is None:
            tag = locale.replace("_", "-") if base == "en" else SOURCE.tag
            return replace(SOURCE, tag=tag, formats=locale)
        return replace(_read(known), tag=locale.replace("_", "-"), formats=locale)

    def wished(self, best_match: Callable[[list[str]], str | None]) -> Language:
        """Return what a browser asks for, where we have its words; English otherwise."""
        tags = {each.replace("_", "-"): each for each in ("en", *_catalogues(), *self._pseudo())}
        return self.of(tags.get(best_match(list(tags)) or "en", "en"))

    def _pseudo(self) -> tuple[str, ...]:
        return tuple(_PSEUDO) if self.with_pseudo else ()


@cache
def sentences_of_scripts() -> tuple[str, ...]:
    """Return every sentence that browser code says: what a page of another language brings it."""
    with TEMPLATE.open("rb") as file:
        catalogue = read_po(file)
    return tuple(
        message.id
        for message in catalogue
        if isinstance(message.id, str) and any(".ts" in place for place, _ in message.locations)
    )


@cache
def _catalogues() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in WORDS.glob("*.po")))


def _named(locale: str) -> str:
    name = Locale.parse(locale).get_display_name(locale) or locale
    return name[:1].upper() + name[1:]


@cache
def _read(locale: str) -> Language:
    with (WORDS / f"{locale}.po").open("rb") as file:
        catalogue = read_po(file, locale=locale)
    direction = Locale.parse(locale).text_direction
    return Language(locale, locale, "rtl" if direction == "rtl" else "ltr", _compiled(catalogue))


@cache
def _pseudo_language(locale: str) -> Language:
    """Say every extracted sentence strangely; what was not extracted stays as it is, and shows."""
    formats, _, strange = _PSEUDO[locale]
    with TEMPLATE.open("rb") as file:
        catalogue = read_po(file, locale="en")
    for message in catalogue:
        if isinstance(message.id, str):
            message.string = strange(message.id) if message.id else message.string
        else:
            message.string = tuple(strange(each) for each in message.id)
    direction: Literal["ltr", "rtl"] = "rtl" if formats == "ar" else "ltr"
    return Language(locale.replace("_", "-"), formats, direction, _compiled(catalogue))


def _compiled(catalogue: Catalog) -> GNUTranslations:
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
