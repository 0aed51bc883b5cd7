"""Source text to tokens."""

import re
from dataclasses import dataclass
from typing import Any

from workflow_engine.expressions.errors import ExpressionError, place_of

_SPACE = re.compile(r"(?:[ \t\r\n\f]|//[^\n]*)+")
_NUMBER = re.compile(
    r"(?P<hex>0[xX][0-9a-fA-F]+)(?P<hexu>[uU])?"
    r"|(?P<fraction>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+"
    r"|\.[0-9]+(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<int>[0-9]+)(?P<intu>[uU])?"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED_NAME = re.compile(r"`([A-Za-z0-9_.\-/ ]+)`")
_QUOTE = re.compile(r"([rR][bB]|[bB][rR]|[rRbB])?(\"\"\"|'''|\"|')")
_OPERATOR = re.compile(r"&&|\|\||[<>=!]=|[-+*/%<>!?:.,()\[\]{}]")
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\?\"'`])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})"
    r"|([0-3][0-7]{2}))"
)
_SIMPLE = dict(
    zip("abfnrtv\\?\"'`", ["\a", "\b", "\f", "\n", "\r", "\t", "\v", *"\\?\"'`"], strict=True)
)


@dataclass(frozen=True, slots=True)
class Token:
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
        if space := _SPACE.match(source, at):
            at = space.end()
        if at == len(source):
            tokens.append(Token("end", "the end", at, at))
            return tokens
        token = _token_at(source, at)
        tokens.append(token)
        at = token.end


def syntax_error(
    source: str, offset: int, message: str, suggestion: str | None = None
) -> ExpressionError:
    """Say what cannot be read, and where."""
    return place_of(source, offset).error("expression.syntax", message, suggestion)


def _token_at(source: str, at: int) -> Token:
    if quote := _QUOTE.match(source, at):
        return _text(source, at, quote)
    if name := _NAME.match(source, at):
        return Token("name", name.group(), at, name.end())
    if number := _NUMBER.match(source, at):
        return _number(source, at, number)
    if operator := _OPERATOR.match(source, at):
        return Token("op", operator.group(), at, operator.end())
    if quoted := _QUOTED_NAME.match(source, at):
        return Token("quoted", quoted.group(1), at, quoted.end())
    hint = "Write '==' to compare." if source[at] == "=" else None
    raise syntax_error(source, at, f"The character {source[at]!r} means nothing here.", hint)


def _number(source: str, at: int, match: re.Match[str]) -> Token:
    if _NAME.match(source, match.end()):
        raise syntax_error(source, match.end(), "A number ends where letters begin.")
    if fraction := match.group("fraction"):
        return Token("fraction", fraction, at, match.end())
    digits = match.group("hex") or match.group("int")
    if len(digits) > 40:
        raise place_of(source, at).error("expression.overflow", "This number is too long.")
    value = int(digits, 16 if match.group("hex") else 10)
    unsigned = match.group("hexu") or match.group("intu")
    return Token("uint" if unsigned else "int", value, at, match.end())


def _text(source: str, at: int, opening: re.Match[str]) -> Token:
    prefix, quote = (opening.group(1) or "").lower(), opening.group(2)
    raw = "r" in prefix
    end = _closing(source, opening.end(), quote, raw)
    body = source[opening.end() : end]
    kind = "bytes" if "b" in prefix else "text"
    if raw:
        value: Any = body.encode() if kind == "bytes" else body
    else:
        value = _unescaped(source, opening.end(), end, kind)
    return Token(kind, value, at, end + len(quote))


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
