"""Simple FEEL, as DMN files write it, in the words of our own language."""

import re
from collections.abc import Iterable

_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\]|\\.)*\")|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>\*\*|\.\.|<=|>=|!=|[-+*/()<>=,.\[\]{}:?])|(?P<end>$))"
)
_WORDS = {"and": "&&", "or": "||", "=": "=="}
_LISTS = frozenset({"min", "max", "sum"})
_CALLS = {"string": "string", "number": "decimal", "abs": "abs", "duration": "duration"}
_DATE = re.compile(r'date\(\s*"(\d{4}-\d{2}-\d{2})"\s*\)')
_BOUNDS = re.compile(r"([\[(\]])(.+)\.\.(.+)([\])\[])")


class FeelFault(Exception):
    """An expression is more than simple FEEL; the message says what cannot be carried."""


def identifier(name: str) -> str:
    """Turn a FEEL name, which may have spaces, into a name of ours."""
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name.strip()).strip("_") or "value"
    return f"_{plain}" if plain[0].isdigit() else plain


def translate(source: str, names: Iterable[str]) -> str:
    """Translate arithmetic, comparisons, lists, `if` and a few functions.

    `names` are the FEEL names in scope. FeelFault where the expression is more than that.
    """
    return _Translation(_plain(source, names)).whole()


def translate_test(test: str, subject: str, names: Iterable[str]) -> str:
    """Translate unary tests whose ends are expressions into a condition on `subject`."""
    text = test.strip()
    if text.startswith("not(") and text.endswith(")"):
        return f"!({translate_test(text[4:-1], subject, names)})"
    parts = _split(text)
    if len(parts) > 1:
        return " || ".join(f"({translate_test(part, subject, names)})" for part in parts)
    if bounds := _BOUNDS.fullmatch(text):
        opening, low, high, closing = bounds.groups()
        above = ">=" if opening == "[" else ">"
        below = "<=" if closing == "]" else "<"
        low, high = translate(low, names), translate(high, names)
        return f"{subject} {above} {low} && {subject} {below} {high}"
    for sign in ("<=", ">=", "!=", "<", ">", "="):
        if text.startswith(sign):
            value = translate(text[len(sign) :], names)
            return f"{subject} {'==' if sign == '=' else sign} {value}"
    return f"{subject} == {translate(text, names)}"


def cell_text(test: str) -> str:
    """Write the literals of a FEEL cell as our cells do."""
    text = test.replace("date and time(", "timestamp(")
    return _DATE.sub(r'timestamp("\1T00:00:00Z")', text)


def _plain(source: str, names: Iterable[str]) -> str:
    # The longest first, so that a name within another one is not taken for it.
    for name in sorted(names, key=len, reverse=True):
        if name and identifier(name) != name:
            source = _renamed(source, name)
    return cell_text(source)


def _renamed(source: str, name: str) -> str:
    """Replace a name wherever it stands by itself, outside quotes."""
    parts, start, at = [], 0, source.find(name)
    while at >= 0:
        end = at + len(name)
        beside = source[at - 1 : at] + source[end : end + 1]
        if not any(each.isalnum() or each in '_"' for each in beside):
            parts += [source[start:at], identifier(name)]
            start = end
        at = source.find(name, end)
    return "".join([*parts, source[start:]])


def _split(text: str) -> list[str]:
    """Split at the commas that stand outside brackets and quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif not quoted and character in "([{":
            depth += 1
        elif not quoted and character in ")]}":
            depth -= 1
        elif character == "," and not quoted and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


class _Translation:
    """One pass over the tokens: brackets are followed, words are replaced."""

    def __init__(self, source: str) -> None:
        self.tokens = _tokens(source)
        self.next = 0

    def whole(self) -> str:
        text = self.until("")
        if self.tokens[self.next][0] != "end":
            raise FeelFault(f"'{self.tokens[self.next][1]}' is more than simple FEEL")
        return text

    def until(self, *closing: str) -> str:
        """Translate up to one of the closing words at this level, which is not taken."""
        words: list[str] = []
        while True:
            kind, word = self.tokens[self.next]
            if kind == "end" or (kind != "text" and word in closing):
                return " ".join(words).replace(" . ", ".")
            self.next += 1
            words.append(self.word(kind, word))

    def word(self, kind: str, word: str) -> str:
        if kind in ("text", "number"):
            return word
        if word == "**":
            raise FeelFault("'**' has no counterpart")
        if word == "if":
            return self.choice()
        if word in ("(", "["):
            closing = ")" if word == "(" else "]"
            inner = self.until(closing)
            self.take(closing)
            return f"{word}{inner}{closing}"
        if kind == "name" and word not in _WORDS and self.tokens[self.next][1] == "(":
            return self.call(word)
        if word in ("for", "some", "every", "function", "in", "between", "instance", "{", ".."):
            raise FeelFault(f"'{word}' is more than simple FEEL")
        return _WORDS.get(word, word)

    def choice(self) -> str:
        condition = self.until("then")
        self.take("then")
        then = self.until("else")
        self.take("else")
        return f"({condition} ? {then} : {self.until(')', ']', ',', 'else')})"

    def call(self, name: str) -> str:
        self.take("(")
        inner = self.until(")")
        self.take(")")
        if name in _LISTS:
            return f"[{inner}].{name}()"
        if name == "not":
            return f"!({inner})"
        if name == "timestamp":
            return f"timestamp({inner})"
        if name not in _CALLS:
            raise FeelFault(f"the function '{name}' has no counterpart")
        return f"{_CALLS[name]}({inner})"

    def take(self, word: str) -> None:
        if self.tokens[self.next][1] != word:
            raise FeelFault(f"'{word}' is missing")
        self.next += 1


def _tokens(source: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    while True:
        match = _TOKEN.match(source, at)
        if match is None:
            raise FeelFault(f"'{source[at:].strip()[:20]}' cannot be read")
        kind = match.lastgroup or "end"
        tokens.append((kind, match.group(kind)))
        if kind == "end":
            return tokens
        at = match.end()
