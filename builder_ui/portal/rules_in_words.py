"""Says a simple condition of a workflow in plain words, for people who do not read expressions."""

import re
from collections.abc import Mapping

from builder_ui.portal.wording import spoken
from builder_ui.shell.words import _, said

_COMPARISON = re.compile(
    r"""(?:context|input|event\.data)\.(?P<path>\w+(?:\.\w+)*)
        \s*(?P<sign>>=|<=|==|!=|>|<)\s*
        (?:money\("(?P<amount>[-\d.]+)",\s*"(?P<currency>[A-Z]{3})"\)
          |(?P<number>-?\d+)
          |'(?P<word>[\w .-]+)')""",
    re.VERBOSE,
)
_SENTENCES: Mapping[str, str] = {
    ">": _("The %(named)s is more than %(compared)s."),
    ">=": _("The %(named)s is at least %(compared)s."),
    "<": _("The %(named)s is less than %(compared)s."),
    "<=": _("The %(named)s is at most %(compared)s."),
    "==": _("The %(named)s is %(compared)s."),
    "!=": _("The %(named)s is not %(compared)s."),
}
# Names that workflows give again and again to what departments hand them.
_NAMES: Mapping[str, str] = {"po": _("purchase order"), "eta": _("expected day"), "sku": _("SKU")}


def in_words(condition: str) -> str | None:
    """Return one comparison as a sentence; None for a condition that says more than one. Pure.

    `context.po.total > money("500.00","EUR")` is `The purchase order total is more than 500.00
    EUR.` What cannot be said exactly is not said at all.
    """
    read = _COMPARISON.fullmatch(condition.strip())
    if read is None:
        return None
    named = " ".join(
        str(_NAMES[part]) if part in _NAMES else spoken(part).lower()
        for part in read["path"].split(".")
    )
    compared = f"{read['amount']} {read['currency']}" if read["amount"] else None
    compared = compared or read["number"] or f"“{spoken(read['word'])}”"
    return said(_SENTENCES[read["sign"]]) % {"named": named, "compared": compared}
