"""Source text to tokens."""

import re
from typing import Any, NamedTuple

from workflow_engine.expressions.errors import ExpressionError, place_of

# One pattern for every word, because a definition holds hundreds of expressions.
_WORD = re.compile(
    r"(?:[ \t\r\n\f]+|//[^\n]*)*(?:"
    r"(?P<quote>(?:[rR][bB]|[bB][rR]|[rRbB])?(?:\"\"\"|'''|\"|'))"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<fraction>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+"
    r"|\.[0-9]+(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<int>0[xX][0-9a-fA-F]+|[0-9]+)"
    r"|(?P<op>&&|\|\||[<>=!]=|[-+*/%<>!?:.,()\[\]{}])"
    r"|(?P<quoted>`[A-Za-z0-9_.\-/ ]+`)"
    r"|(?P<end>\Z))"
)
_LETTER = re.compile(r"[A-Za-z0-9_]")
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\?\"'`])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})"
    r"|([0-3][0-7]{2}))"
)
_SIMPLE = dict(
    zip("abfnrtv\\?\"'`", ["\a", "\b", "\f", "\n", "\r", "\t", "\v", *"\\?\"'`"], strict=True)
)


class Token(NamedTuple):
    """One word of the source. `kind` is name, quoted, int, uint, fraction, text, bytes, op, end."""

    kind: str
    value: Any
    start: int
    end: int


def tokenize(source: str) -> list[Token]:
    """Split the source into tokens, the last of kind `end`; the first fault is raised."""
    tokens: list[Token] = []
    at = 0
    while True:
        match = _WORD.match(source, at)
        if match is None:
            raise _unreadable(source, at)
        kind = match.lastgroup or "end"
        start, at = match.span(kind)
        if kind in ("name", "op"):
            tokens.append(Token(kind, match.group(kind), start, at))
        elif kind == "end":
            tokens.append(Token("end", "the end", start, start))
            return tokens
        else:
            tokens.append(_literal(source, kind, start, at))
            at = tokens[-1].end


def syntax_error(
    source: str, offset: int, message: str, suggestion: str | None = None
) -> ExpressionError:
    """Say what cannot be read, and where."""
    return place_of(source, offset).error("expression.syntax", message, suggestion)


def _unreadable(source: str, at: int) -> ExpressionError:
    while source[at] in " \t\r\n\f":
        at += 1
    hint = "Write '==' to compare." if source[at] == "=" else None
    return syntax_error(source, at, f"The character {source[at]!r} means nothing here.", hint)


def _literal(source: str, kind: str, start: int, end: int) -> Token:
    if kind == "quote":
        return _text(source, start, end)
    if kind == "quoted":
        return Token("quoted", source[start + 1 : end - 1], start, end)
    return _number(source, kind, start, end)


def _number(source: str, kind: str, start: int, end: int) -> Token:
    digits: Any = source[start:end]
    if kind == "int":
        if len(digits) > 40:
            raise place_of(source, start).error("expression.overflow", "This number is too long.")
        digits = int(digits, 16 if digits[:2] in ("0x", "0X") else 10)
        if source[end : end + 1] in ("u", "U"):
            kind, end = "uint", end + 1
    if _LETTER.match(source, end):
        raise syntax_error(source, end, "A number ends where letters begin.")
    return Token(kind, digits, start, end)


def _text(source: str, start: int, opened: int) -> Token:
    opening = source[start:opened]
    quote = opening.lstrip("rRbB")
    prefix = opening[: len(opening) - len(quote)].lower()
    raw = "r" in prefix
    end = _closing(source, opened, quote, raw)
    body = source[opened:end]
    kind = "bytes" if "b" in prefix else "text"
    if raw:
        value: Any = body.encode("utf-8", "surrogatepass") if kind == "bytes" else body
    else:
        value = _unescaped(source, opened, end, kind)
    return Token(kind, value, start, end + len(quote))


def _closing(source: str, at: int, quote: str, raw: bool) -> int:
    start = at
    while at < len(source):
        if source.startswith(quote, at):
            return at
        if source[at] == "\\" and not raw:
            at += 1
        elif source[at] in "\r\n" and len(quote) == 1:
            break
        at += 1
    raise syntax_error(source, start - len(quote), "This text is never closed.")


def _unescaped(source: str, at: int, end: int, kind: str) -> Any:
    parts: list[Any] = []
    while at < end:
        slash = source.find("\\", at, end)
        if slash != at:
            upto = end if slash < 0 else slash
            parts.append(_plain(source[at:upto], kind))
            at = upto
            continue
        match = _ESCAPE.match(source, at, end)
        if match is None:
            raise syntax_error(source, at, "This escape is unknown.", "Write '\\\\' for one '\\'.")
        parts.append(_escape(source, at, match, kind))
        at = match.end()
    return b"".join(parts) if kind == "bytes" else "".join(parts)


def _plain(text: str, kind: str) -> Any:
    return text.encode("utf-8", "surrogatepass") if kind == "bytes" else text


def _escape(source: str, at: int, match: re.Match[str], kind: str) -> Any:
    simple, byte, short, long, octal = match.groups()
    if simple:
        return _plain(_SIMPLE[simple], kind)
    code = int(octal, 8) if octal else int(byte or short or long, 16)
    if kind == "bytes":
        if short or long:
            raise syntax_error(source, at, "Bytes have no Unicode escapes.", "Write '\\x' escapes.")
        return bytes([code])
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise syntax_error(source, at, "This is not a Unicode character.")
    return chr(code)
