"""What a new tenant may start with: workflows as data files, in the tenant's own currency."""

from pathlib import Path
from typing import Any

from kernel.canonical import read_json

HERE = Path(__file__).parent
_WRITTEN_IN = "USD"

STANDARD = (
    "backorder-first",
    "exception-handling",
    "held-order-line",
    "purchase-approval",
    "stock-adjustment-approval",
    "supplier-delay",
)
"""What a tenant starts with. The others are alternatives and choices: `backorder-recovery` in the
place of `backorder-first`, and `order-lifecycle` or `order-at-once` where orders are to leave."""


def definition(key: str, currency: str) -> dict[str, Any]:
    """Return a definition of the house with its thresholds in this currency.

    The amounts stay as they are: a threshold is a starting point that the tenant changes.
    """
    text = (HERE / f"{key}.flow.json").read_text()
    document: dict[str, Any] = read_json(text.replace(_WRITTEN_IN, currency))
    return document


def definitions() -> list[str]:
    """Return the keys of every definition of the house."""
    return sorted(path.name.removesuffix(".flow.json") for path in HERE.glob("*.flow.json"))
