"""Reads HTML as a browser would and finds what the content security policy forbids."""

from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.ids: list[str] = []
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        line = self.getpos()[0]
        for name, value in attrs:
            told = (value or "").strip().lower()
            if name == "style" or name.startswith(("on", "hx-on")):
                self.faults.append(f"line {line}: <{tag}> has {name}")
            if told.startswith(("javascript:", "data:", "js:")):
                self.faults.append(f"line {line}: <{tag}> has {name}={told[:20]}")
        if "id" in given:
            self.ids.append(given["id"] or "")
        if tag == "style" or (tag == "script" and given.get("type") != "application/json"):
            self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside and data.strip():
            self.faults.append(f"line {self.getpos()[0]}: words inside <{self._inside}>")


def faults_of(html: str) -> list[str]:
    """Return inline scripts and styles, data and script addresses, and ids given twice."""
    reader = _Reader()
    reader.feed(html)
    twice = {name for name in reader.ids if reader.ids.count(name) > 1}
    return [*reader.faults, *(f"the id {name} is given twice" for name in sorted(twice))]
