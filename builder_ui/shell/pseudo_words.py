"""Pseudo-translations: English that is longer, or marked as running right to left, in brackets.

The brackets show where a sentence begins and ends, so that what stands outside of them on a page
was never marked for translation, and what lost one of them was cut.
"""

import re

OPENS, CLOSES = "⟦", "⟧"
LONGER = 1.4

# What is not for people: placeholders, markup and its entities.
_KEPT = re.compile(r"%\(\w+\)s|%%|<[^>]*>|&#?\w+;")
_ACCENTS = str.maketrans("aceinosuyzACEINOSUYZ", "áçéîñöšûýžÁÇÉÎÑÖŠÛÝŽ")
_RIGHT_TO_LEFT = "\N{RIGHT-TO-LEFT MARK}"


def lengthened(sentence: str) -> str:
    """Return a sentence with accents and at least 40 % more letters: `[Šááváéd~]`."""
    wanted = round(len(_KEPT.sub("", sentence)) * LONGER)
    made, length = [], 0
    for part, is_kept in _parts(sentence):
        longer = part if is_kept else re.sub("[aeiouAEIOU]", lambda v: v[0] + v[0].lower(), part)
        made.append(longer if is_kept else longer.translate(_ACCENTS))
        length += 0 if is_kept else len(longer)
    return f"{OPENS}{''.join(made)}{'~' * max(0, wanted - length)}{CLOSES}"


def turned(sentence: str) -> str:
    """Return a sentence between marks that make it run from right to left."""
    return f"{_RIGHT_TO_LEFT}{OPENS}{sentence}{CLOSES}{_RIGHT_TO_LEFT}"


def _parts(sentence: str) -> list[tuple[str, bool]]:
    parts, at = [], 0
    for kept in _KEPT.finditer(sentence):
        parts += [(sentence[at : kept.start()], False), (kept[0], True)]
        at = kept.end()
    return [*parts, (sentence[at:], False)]
