"""A reader of protocol buffer text format: just enough for test data, without the schema."""

import re
from typing import Any

Message = dict[str, list[Any]]

_TOKEN = re.compile(
    r"(?:\s|#[^\n]*)*(?:"
    r"(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    r"|(?P<any>\[[A-Za-z0-9_./\-]+\])"
    r"|(?P<number>-?(?:0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?f?))"
    r"|(?P<word>-?[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<mark>[{}<>:,;\[\]])"
    r"|(?P<end>$))"
)
_ESCAPE = re.compile(
    rb"\\(?:([abfnrtv\\\"'?])|[xX]([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))"
)
_SIMPLE = dict(zip(b"abfnrtv\\\"'?", b"\a\b\f\n\r\t\v\\\"'?", strict=True))


class Word(str):
    """An enum value or a bare word, kept apart from quoted text."""

    __slots__ = ()


def read(source: str) -> Message:
    """Read a whole file as one message: every field is a list, in the order it occurs.

    Quoted text is bytes, numbers are int or float, words are Word, nested messages are dicts.
    """
    return _Reader(source).message("end")


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.kind, self.token = "", ""
        self.advance()

    def advance(self) -> None:
        match = _TOKEN.match(self.source, self.at)
        if match is None:
            line = self.source.count("\n", 0, self.at) + 1
            raise ValueError(f"line {line}: unreadable")
        self.at = match.end()
        self.kind = match.lastgroup or ""
        self.token = match.group(self.kind)

    def message(self, closing: str) -> Message:
        fields: Message = {}
        while self.token != closing and self.kind != closing:
            name = self.token
            self.advance()
            if self.token == ":":
                self.advance()
            fields.setdefault(name, []).extend(self.values())
            if self.token in (",", ";"):
                self.advance()
        if self.kind != "end":
            self.advance()
        return fields

    def values(self) -> list[Any]:
        if self.token == "[":
            self.advance()
            found: list[Any] = []
            while self.token != "]":
                found.append(self.value())
                if self.token == ",":
                    self.advance()
            self.advance()
            return found
        return [self.value()]

    def value(self) -> Any:
        if self.token in ("{", "<"):
            closing = "}" if self.token == "{" else ">"
            self.advance()
            return self.message(closing)
        kind, token = self.kind, self.token
        self.advance()
        if kind == "text":
            parts = [_unquoted(token)]
            while self.kind == "text":
                parts.append(_unquoted(self.token))
                self.advance()
            return b"".join(parts)
        if kind == "number":
            return _number(token)
        return {"inf": float("inf"), "-inf": float("-inf"), "nan": float("nan")}.get(
            token.lower(), Word(token)
        )


def _number(token: str) -> int | float:
    try:
        return int(token, 0)
    except ValueError:
        return float(token.rstrip("f"))


def _unquoted(token: str) -> bytes:
    def replace(match: re.Match[bytes]) -> bytes:
        simple, hexadecimal, octal, short, long = match.groups()
        if simple:
            return bytes([_SIMPLE[simple[0]]])
        if short or long:
            return chr(int(short or long, 16)).encode()
        return bytes([int(hexadecimal, 16) if hexadecimal else int(octal, 8)])

    return _ESCAPE.sub(replace, token[1:-1].encode())
