"""Which passwords are refused: too short, too long, or what everybody tries first (ID-06).

No composition rules: they make passwords alike, not strong. Pure, and works offline.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from kernel.errors import Fault

LENGTH_MIN = 12
LENGTH_MAX = 128
_OWN_WORD_LENGTH_MIN = 4
# So much of a password must be left when everything that is guessed first is taken away.
_REST_LENGTH_MIN = 6
_DISTINCT_MIN = 5

_RUNS = (
    "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn", "qazwsxedcrfvtgbyhnujmikolp", "01234567890123456789",
    "1q2w3e4r5t6y7u8i9o0p", "qweasdzxc",
)  # fmt: skip
_RUN_LENGTH_MIN = 4
_LEET = str.maketrans("@4031!5$7+8", "aaoelissttb")


def faults_of(password: str, about: Iterable[str] = ()) -> tuple[Fault, ...]:
    """Return what is wrong with a password; `about` are the person's and company's own words."""
    sentence = _sentence(unicodedata.normalize("NFKC", password), about)
    return () if sentence is None else (Fault("/password", "identity.password", sentence),)


def _sentence(password: str, about: Iterable[str]) -> str | None:
    if len(password) < LENGTH_MIN:
        return f"Choose at least {LENGTH_MIN} characters: a few words in a row are easy to keep."
    if len(password) > LENGTH_MAX:
        return f"Choose at most {LENGTH_MAX} characters."
    if "\0" in password:
        return "Choose characters that a keyboard can type."
    if len(set(password.casefold())) < _DISTINCT_MIN:
        return "Choose a password with more than a few different characters."
    own = [word.casefold() for text in about for word in _words(text)]
    if _is_guessed_first(password, own):
        return "Choose something else: this is among what is tried first."
    return None


def _is_guessed_first(password: str, own: Sequence[str]) -> bool:
    """Tell whether hardly anything is left after known words, runs and digits are taken away."""
    spellings = {password.casefold(), password.casefold().translate(_LEET)}
    return any(len(_rest(spelling, own)) < _REST_LENGTH_MIN for spelling in spellings)


def _rest(password: str, own: Sequence[str]) -> str:
    rest = password
    for word in sorted((*_breached(), *own), key=len, reverse=True):
        rest = rest.replace(word, "\n")
    left = _without_runs(rest)
    letters = "".join(letter for letter in left if letter.isalpha())
    digits = "".join(letter for letter in left if letter.isdigit())
    # A short piece said again and again is said once; a year is worth half its digits.
    return _said_once(letters) + digits[: len(digits) // 2]


def _without_runs(text: str) -> str:
    for run in _RUNS:
        for order in (run, run[::-1]):
            for size in range(len(order), _RUN_LENGTH_MIN - 1, -1):
                for start in range(len(order) - size + 1):
                    text = text.replace(order[start : start + size], "\n")
    return text


def _said_once(text: str) -> str:
    for size in range(1, len(text) // 2 + 1):
        if len(text) % size == 0 and text[:size] * (len(text) // size) == text:
            return text[:size]
    return text


def _words(text: str) -> list[str]:
    parts = "".join(letter if letter.isalnum() else " " for letter in text).split()
    return [part for part in parts if len(part) >= _OWN_WORD_LENGTH_MIN]


@cache
def _breached() -> tuple[str, ...]:
    path = Path(__file__).with_name("breached_words.txt")
    lines = path.read_text("utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
