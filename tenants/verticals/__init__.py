"""What a new tenant may start with: workflows as data files, in the tenant's own currency."""

from pathlib import Path
from typing import Any

from kernel.canonical import read_json

HERE = Path(__file__).parent
_WRITTEN_IN = "USD"


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
