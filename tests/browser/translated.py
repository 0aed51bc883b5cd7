"""Finds on a page what no translation reached, what is cut off, and what lies on something else."""

import json
import re
from collections.abc import Collection, Iterable
from typing import Any

import psycopg
from playwright.sync_api import Page

from tests.conftest import Cluster

# Text in document order with how deep it stands in the brackets of pseudo-sentences; words inside
# of elements that hold values (times, keys of a keyboard, code) are not sentences.
_OUTSIDE = """() => {
  const values = "script, style, template, svg, code, kbd, time, pre, .avatar, .mark, .id";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const outside = [];
  let depth = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest(values)) continue;
    let text = "";
    for (const sign of node.data) {
      if (sign === "⟦") depth += 1;
      if (depth === 0) text += sign;
      if (sign === "⟧") { depth -= 1; text += "|"; }
    }
    if (text.replaceAll("|", "").trim()) outside.push(text.trim());
  }
  if (depth !== 0) outside.push(`unbalanced brackets: ${depth}`);
  const attributes = ["aria-label", "title", "placeholder", "alt", "data-keys-label",
    "data-keys-group", "data-confirm"];
  for (const element of document.querySelectorAll(attributes.map((a) => `[${a}]`).join())) {
    if (element.closest("time, svg, code")) continue;
    for (const name of attributes) {
      const text = element.getAttribute(name);
      if (text && !text.includes("⟦")) outside.push(text.trim());
    }
  }
  let title = document.title;
  while (/⟦[^⟦⟧]*⟧/.test(title)) title = title.replace(/⟦[^⟦⟧]*⟧/g, "|");
  outside.push(title);
  return outside;
}"""

_CUT = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || !parent.checkVisibility({ visibilityProperty: true })) continue;
    if (parent.closest(".sr-only, .skip, .chart-canvas, .palette, svg, option, textarea")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const text = range.getBoundingClientRect();
    if (text.width === 0) continue;
    let box = parent;
    while (getComputedStyle(box).display.startsWith("inline") &&
           getComputedStyle(box).display === "inline") box = box.parentElement;
    let reachable = false;
    for (let each = box; each && each !== document.body && !reachable; each = each.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(each);
      const edge = each.getBoundingClientRect();
      const wide = text.right > edge.right + 1.5 || text.left < edge.left - 1.5;
      const high = text.bottom > edge.bottom + 1.5 || text.top < edge.top - 1.5;
      const hides = (way) => way === "hidden" || way === "clip";
      if ((wide && hides(overflowX)) || (high && hides(overflowY)))
        found.push(`cut by ${each.tagName}.${each.className}: ${node.data.trim().slice(0, 60)}`);
      else if (each === box && wide && overflowX === "visible")
        found.push(`out of ${each.tagName}.${each.className}: ${node.data.trim().slice(0, 60)}`);
      reachable = overflowX === "auto" || overflowX === "scroll";
    }
  }
  return [...new Set(found)].slice(0, 12);
}"""

_OVERLAPPING = """() => {
  const found = [];
  for (const row of document.querySelectorAll(
      ".topbar, .topbar-end, .page-head, .page-actions, .filter-bar, .buttons, .pager, .chips")) {
    const parts = [...row.children].filter((each) => each.checkVisibility())
      .filter((each) => !each.matches("[popover], dialog"))
      .map((each) => [each, each.getBoundingClientRect()])
      .filter(([, box]) => box.width > 0);
    for (const [one, a] of parts) for (const [other, b] of parts)
      if (one !== other && one.compareDocumentPosition(other) & 4 &&
          Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1.5 &&
          Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1.5)
        found.push([row.className, one.outerHTML, other.outerHTML]
          .map((text) => text.slice(0, 60)).join(" | "));
  }
  return found;
}"""

_PARTED = re.compile(r"\s*(?:[|,·:;()→×/–+…“”]|\s-\s|\.$)\s*")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
# What is the same in every language: amounts with their unit or currency, addresses, signs.
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
_SAME = re.compile(
    # As Babel writes them in English, whose formats the longer language has.
    rf"(?:in )?\d+ (?:second|minute|hour|day|week|month|year)s?(?: ago)?|\d+ (?:{_MONTHS}) \d{{4}}"
    r"|Mon|Tue|Wed|Thu|Fri|Sat|Sun|[A-Z]{2} \w+|"
    r"[A-Z]{3}|GTIN|API|SKU|JSON|CSV|CEL|UTC|mg|g|kg|ml|mm|v\d+|[\d.,\s]+\s?[A-Za-z€$£%]{0,4}"
    r"|\S+@\S+|[a-z]+:[a-z]+|https?\S*|Wareflow|Operator|[A-Za-z]+/[A-Za-z_/+-]+\d*|Ctrl"
    r"|[a-z]{2,4}_[0-9a-z]{20,}|[0-9a-f]{12,}"
)


def untranslated(page: Page, known: Collection[str]) -> list[str]:
    """Return texts that stand outside of a translated sentence and are no value of the tenant."""
    outside: list[str] = page.evaluate(_OUTSIDE)
    return sorted({" ".join(each.split()) for each in outside if not _is_value(each, known)})


def cut(page: Page) -> list[str]:
    """Return visible text that its box hides, or that stands out of the box it was written in."""
    found: list[str] = page.evaluate(_CUT)
    return found


def overlapping(page: Page) -> list[str]:
    """Return neighbours in a row of controls of which one lies on the other."""
    found: list[str] = page.evaluate(_OVERLAPPING)
    return found


def values_of(database: Cluster) -> set[str]:
    """Return every text that the database holds: whatever a page shows of it is a value.

    Names inside of workflow definitions are shown as people say them, with a capital.
    """
    found: set[str] = set()
    with psycopg.connect(database.superuser_url) as connection:
        for table in database.tables:
            for (row,) in connection.execute(f'SELECT to_jsonb(t) FROM "{table}" t'):
                texts = set(_texts(row))
                found |= texts
                if table in ("definition_version", "run_history"):
                    found |= {_said(each) for each in texts}
                    found |= {_said(each.replace("-", " ")) for each in texts}
    return found


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield " ".join(value.split())
        if value.startswith("{"):
            yield from _texts(json.loads(value))
    elif isinstance(value, dict):
        for key, below in value.items():
            yield key
            yield from _texts(below)
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below)


def _said(name: str) -> str:
    text = " ".join(name.replace(".", " ").replace("_", " ").split())
    return text[:1].upper() + text[1:]


def _is_value(text: str, known: Collection[str]) -> bool:
    whole = " ".join(text.replace("|", " ").split())
    is_json = whole.startswith(("[", "{", '"'))  # As the audit trail shows what changed.
    if whole in known or is_json or not _LETTERS.search(whole):
        return True
    parts = [each for each in _PARTED.split(text) if _LETTERS.search(each)]
    return all(each in known or _SAME.fullmatch(each) for each in parts)
