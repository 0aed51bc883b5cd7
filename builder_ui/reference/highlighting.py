"""Colours code by the names of classes, so that no page needs an inline style."""

from functools import cache
from typing import Literal

from pygments.lexer import Lexer
from pygments.lexers.data import JsonLexer
from pygments.lexers.javascript import JavascriptLexer
from pygments.lexers.python import PythonLexer
from pygments.lexers.shell import BashLexer
from pygments.token import STANDARD_TYPES

Language = Literal["curl", "python", "javascript", "json"]

_LEXERS: dict[Language, type[Lexer]] = {
    "curl": BashLexer,
    "python": PythonLexer,
    "javascript": JavascriptLexer,
    "json": JsonLexer,
}

# What styles/reference.css has a colour for, by the beginning of Pygments' own short names.
_CLASSES = {"k": "key", "s": "str", "c": "rem", "m": "num", "nt": "tag", "nb": "fun", "nv": "var"}


@cache
def highlighted(text: str, language: Language) -> tuple[tuple[str, str], ...]:
    """Return the text in pieces, each with the class of its colour, or none."""
    pieces: list[tuple[str, str]] = []
    for kind, piece in _LEXERS[language](ensurenl=False).get_tokens(text):
        short = STANDARD_TYPES.get(kind, "")
        name = _CLASSES.get(short[:2], _CLASSES.get(short[:1], ""))
        if pieces and pieces[-1][0] == name:
            pieces[-1] = (name, pieces[-1][1] + piece)
        else:
            pieces.append((name, piece))
    return tuple(pieces)
