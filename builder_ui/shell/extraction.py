"""Collects every sentence that pages can say into `builder_ui/words/wareflow.pot`.

Run it after sentences changed: `python -m builder_ui.shell.extraction`. Rooms below know no
translation; what people are told by them is found by where it stands: the titles of refusals, the
details of faults, the sentences of actions and permissions, the labels of settings.
"""

import ast
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from builder_ui.shell.languages import TEMPLATE

ROOT = Path(__file__).parents[2]
KEYWORDS = {"_": None, "Words": None, "gettext": None, "_n": (1, 2)}

_BELOW = ("platform", "tenants", "workflow_engine")
_CALLS = {"Fault": 2, "Action": 1, "ImportField": 1, "FileRefused": 0, "UrlRefused": 0}
_LABELS = {"label", "help"}
_TABLES = {
    "KINDS", "PERMISSIONS", "REASONS", "WHY_NOT", "_BY_STATUS", "_RULES", "STANDARD_ROLES",
}  # fmt: skip
# In scripts: say("…") and sayOf(count, "…", "…").
_SAID = re.compile(r'\bsay\(\s*"((?:[^"\\]|\\.)*)"')
_COUNTED = re.compile(r'\bsayOf\(\s*[^,]+,\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"')

Found = tuple[str, str | tuple[str, ...]]


def template() -> bytes:
    """Return the catalogue to translate from, as the sources are now; equal sources, equal bytes.

    Messages are in their own order and name their files without lines, so that it changes only
    where sentences do.
    """
    catalogue = Catalog(project="Wareflow", charset="utf-8")
    places: dict[str | tuple[str, ...], set[str]] = {}
    for place, message in (*_in_pages(), *_in_scripts(), *_below()):
        places.setdefault(message, set()).add(place)
    for message in sorted(places, key=str):
        catalogue.add(message, locations=[(place, 0) for place in sorted(places[message])])
    written = BytesIO()
    write_po(written, catalogue, omit_header=True, include_lineno=False, width=100)
    return b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n' + (
        written.getvalue()
    )


def _in_pages() -> Iterator[Found]:
    options = {"**.html": {"extensions": "jinja2.ext.i18n", "newstyle_gettext": "true"}}
    methods = [("templates/dev/**", "ignore"), ("**.html", "jinja2"), ("**.py", "python")]
    for room in ("templates", "portal", "shell"):
        if room == "templates":
            options = {"**.html": options["**.html"] | {"trimmed": "true"}}
        found = extract_from_dir(ROOT / "builder_ui" / room, methods, options, KEYWORDS)
        for name, _line, message, _comments, _context in found:
            if room == "templates" and name.startswith("dev"):
                continue
            yield f"builder_ui/{room}/{name}", message


def _in_scripts() -> Iterator[Found]:
    for path in sorted((ROOT / "builder_ui/frontend/src").rglob("*.ts*")):
        text, place = path.read_text(), str(path.relative_to(ROOT))
        for found in _SAID.finditer(text):
            yield place, found[1].replace('\\"', '"')
        for found in _COUNTED.finditer(text):
            yield place, found[1]
            yield place, found[2]


def _below() -> Iterator[Found]:
    for room in _BELOW:
        for path in sorted((ROOT / room).rglob("*.py")):
            place = str(path.relative_to(ROOT))
            for node in ast.walk(ast.parse(path.read_text())):
                for sentence in _said_by(node):
                    yield place, sentence


def _said_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ClassDef) and _is_refusal(node):
        yield (ast.get_docstring(node) or "").splitlines()[0]
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        yield from (s for k, v in pairs if _text(k) in _LABELS for s in _sentences(v))
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(each, ast.Name) and each.id in _TABLES for each in targets):
            for below in ast.walk(node.value):
                yield from _sentences(below)


def _of_call(node: ast.Call) -> Iterator[str]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    place = _CALLS.get(name)
    if place is not None and len(node.args) > place:
        yield from _sentences(node.args[place])


def _is_refusal(node: ast.ClassDef) -> bool:
    has_code = any(
        isinstance(each, ast.AnnAssign) and getattr(each.target, "id", "") == "code"
        for each in node.body
    )
    return has_code and ast.get_docstring(node) is not None


def _sentences(node: ast.AST | None) -> Iterator[str]:
    text = _text(node)
    if text and text[0].isupper():
        yield text


def _text(node: ast.AST | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


if __name__ == "__main__":
    TEMPLATE.parent.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(template())
